//! Every code of the catalogue is provoked by a test, here or where this table says.

use std::collections::BTreeSet;
use std::path::Path;

/// The catalogue, as other systems rely on it.
const CATALOGUE: &str = include_str!("../../../api/src/problem/codes.txt");

/// Codes that another test provokes: its file, and its name.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("idempotency_in_flight", "tests/whole/recovery.rs", "a_key_in_work_is_refused_to_a_second_request"),
    ("login_taken", "api/src/resources/accounts/tests.rs", "an_administrator_looks_after_others_and_decides_nothing"),
    ("own_account", "api/src/resources/accounts/tests.rs", "an_administrator_looks_after_others_and_decides_nothing"),
    (
        "openid_not_configured",
        "tests/whole/openid.rs",
        "without_a_single_sign_on_there_is_none_and_passwords_are_asked",
    ),
    ("openid_not_linked", "tests/whole/openid.rs", "nobody_is_let_in_whom_no_administrator_has_linked"),
    ("openid_refused", "tests/whole/openid.rs", "a_callback_is_of_use_once_and_only_to_the_browser_that_began"),
    ("openid_state_invalid", "tests/whole/openid.rs", "a_callback_is_of_use_once_and_only_to_the_browser_that_began"),
    ("openid_subject_taken", "tests/whole/openid.rs", "nobody_is_let_in_whom_no_administrator_has_linked"),
    ("openid_token_invalid", "tests/whole/openid.rs", "an_identity_token_that_does_not_hold_lets_nobody_in"),
    ("openid_unavailable", "tests/whole/openid.rs", "a_provider_that_is_away_or_slow_keeps_no_password_out"),
    (
        "password_change_required",
        "api/src/resources/sign_ins/tests.rs",
        "a_one_time_password_opens_nothing_but_its_change",
    ),
    ("rate_limited", "api/src/resources/sign_ins/tests.rs", "who_guesses_waits_and_keeps_nobody_else_out"),
    ("internal", "api/src/router/tests.rs", "a_panic_is_an_internal_problem_that_tells_nothing"),
    ("read_model_behind", "tests/whole/recovery.rs", "a_read_model_that_stopped_is_said_so_until_it_is_rebuilt"),
    ("request_timeout", "api/src/router/tests.rs", "a_body_that_never_ends_is_given_up"),
    ("self_evaluation_missing", "tests/whole/story/ending.rs", "w76_members_apply_again"),
    ("shutting_down", "api/src/readiness.rs", "a_node_is_ready_until_it_is_about_to_stop"),
    ("store_unavailable", "tests/whole/recovery.rs", "a_database_away_for_a_while_is_said_so_and_comes_back"),
];

/// Codes that stand in the catalogue and that nothing answers, each with the reason.
const RESERVED: &[(&str, &str)] = &[(
    "version_conflict",
    "after a second conflict the appender decides under the lock of the head, which cannot lose",
)];

/// Asserts that every code is one of those provoked, or in one of the tables, and in one only.
pub(super) fn holds(provoked: &BTreeSet<String>) {
    for code in CATALOGUE.lines().filter_map(|line| line.split(' ').next()) {
        let elsewhere = ELSEWHERE.iter().filter(|(known, _, _)| *known == code).count();
        let reserved = RESERVED.iter().filter(|(known, _)| *known == code).count();
        let tests = usize::from(provoked.contains(code)) + elsewhere + reserved;
        assert_eq!(tests, 1, "{code} is to be provoked here, or to stand in one of the tables");
    }
    for (code, file, name) in ELSEWHERE {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        assert!(text.contains(&format!("fn {name}(")), "{code}: there is no test {name} in {file}");
        assert!(text.contains(code), "{code}: {file} does not speak of it");
    }
}
