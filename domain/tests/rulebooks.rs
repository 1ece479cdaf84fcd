//! The rulebooks that come with the program: true to their sources, and refused in clear words where they are not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use hatchery_domain::Rulebook;
use hatchery_domain::rulebook::load::parse;
use hatchery_domain::rulebook::{Mistake, Proof, Reapplication, Strength};
use serde_json::Value;

const WUHU: &str = include_str!("../rulebooks/wuhu-incubation.toml");
const HANGZHOU: &str = include_str!("../rulebooks/hangzhou-cultivation.toml");

/// Paragraphs of the Wuhu guide, as printed.
#[rustfmt::skip]
const WUHU_EXCERPTS: &[&str] = &[
    "（三）培评分离，自愿参加。争创省级以上政府质量奖培育孵化工作与省级以上政府质量奖申报评选不构成条件关系。有意向追求质量卓越的组织经推荐自愿申请参加。",
    "芜湖市争创中国质量奖专班办公室（以下简称“市创奖办”）依据工作职责，建立我市“争创省级以上政府质量奖培育孵化池”（以下简称“创奖孵化池”），实施动态管理与维护，相关入选组织在培育孵化期间若发生质量、安全、环境污染、公共卫生、食品安全等方面重大事故的，将被移出孵化池。",
    "1.在本市区域内合法注册的法人或者其他组织，具有3年以上的相应资质或证照；",
    "2.符合国家产业导向、环境保护、节能减排、安全生产、质量等法律法规及政策的要求；",
    "3.质量管理体系健全，组织内部持续导入卓越绩效管理模式2年以上，已通过GB/T19001质量管理体系认证或其他相关体系认证；",
    "4.在质量水平、创新能力、标准制定、品牌影响力、经济和社会效益等方面取得突出成绩，达到省内外领先水平；",
    "5.积极履行社会责任，具有良好的诚信记录和社会声誉，近3年内无重大质量、安全、环境污染、公共卫生等事故（按照国家有关规定认定）；无国家或省级质量监督抽查（检查）不合格记录；无其他严重违法、违规不良记录（由相关部门界定）；法定代表人无犯罪记录。",
    "市创奖办成员，各县市区、开发区质量发展委员会，相关行业协会等负责推荐申报组织进入培育孵化池。原则上每个推荐单位每个孵化周期内推荐不超过2个组织，培育孵化池每个孵化周期为两年。鼓励市、区行业主管部门、行业协会、专家学者和获奖组织向本行业、领域内质量管理水平优秀、创新性、示范性、推广性处于领先地位、导入卓越绩效模式管理成效显著的组织广泛宣传，动员其积极参加省级以上政府质量奖培育孵化。",
    "申请组织基本情况调查工作由属地质量基础设施“一站式”服务站负责组织实施。服务站按照《孵化组织基本情况调查工作指南》（见附件2）开展摸底工作，形成整体调查报告经由各县市区、开发区质量发展委员会办公室审定后报市创奖办。",
    "市创奖办在了解孵化组织基本情况的前提下，比较其现有质量基础能力和质量管理现状，按照导入卓越绩效管理模式时间和成熟度分类实施培育。具体分类条件如下：",
    "A类：孵化组织质量基础良好，质量管理水平稳定。其质量管理团队对卓越绩效管理模式初步了解并已试点导入；",
    "B类：孵化组织质量基础良好，质量管理水平稳定，质量管理方法系统。其首席质量官、中层质量管理团队及相关直属部门对卓越绩效管理模式基本了解，并已在组织内部部分部门或班组导入卓越绩效管理模式；",
    "C类：孵化组织质量基础扎实，质量管理水平稳定，质量管理方法系统，管理手段能够有效展开。中高层领导团队对卓越绩效管理模式了解，并已在组织内部部分班组或部门成熟实施卓越绩效管理模式；",
    "D类：孵化组织质量基础扎实，质量管理经验丰富，管理手段方法特色鲜明。中高层领导团队对卓越绩效管理模式了解掌握，并已在组织内部全员导入实施卓越绩效管理模式。",
    "其中C、D两类组织可视组织实施卓越绩效推广情况，在孵化期间调整分类。D类组织数量不超过C类组织数量。",
    "（1）基础型教学。开设卓越绩效基础理论培训班，以GB/T 19580《卓越绩效评价准则》解读为核心课程，以集中授课为主要方式，学习先进质量管理理念和方法，指导培训对象与质量管理理念相融合。",
    "（2）提高型教学。以GB/Z 19579《卓越绩效评价准则实施指南》、GB/T 19580《卓越绩效评价准则》为核心课程，以省人民政府质量奖获奖组织的经验分享为辅，以集中授课为主要方式，指导培训对象开展系统性自我评价，找出需要改进的方向，强化企业自评师培养。",
    "（3）精准型教学。开展中高层管理者能力提升班培训，以圆桌教学为主要方式，根据培训对象卓越绩效导入情况，探讨各版块运行的瓶颈问题，具体指导改进方法。",
    "（4）进阶型诊断指导。开展“零距离”现场诊断活动，组织质量专家深入企业进行专题诊断指导，主要可采取理论和案例讲解，交流互动、示范教学、现场问诊等方式，强化先进质量管理模式提炼辅导，通过对已获奖先进质量管理模式形成过程的梳理分析，帮助识别绩效差距，找准薄弱环节，提炼具有自身特色和亮点的质量管理模式。",
    "市创奖办按照省级以上政府质量奖评审周期规律，原则上在每个孵化周期第一年开展对A类组织的骨干人员基础型教学和B类组织的质量管理人员提高型教学；在每个孵化周期第二年开展对C类组织的中高层质量管理者或重点班组成员精准型教学和D类组织的进阶型指导。",
    "为有效提升孵化效果，孵化对象在参加培育孵化相关教学培训的同时，需积极对照GB/T 19580《卓越绩效评价准则》积极开展自我评价，改进不足、提升弱项，通过不断开展各类群众性质量提升活动、质量管理人员技能培训及竞赛等巩固培育孵化成效。期间如有相关个性化需求，可向属地质量基础设施“一站式”服务站点及时寻求帮扶。各属地质量基础设施“一站式”服务站点要及时定期对孵化进行回访，了解孵化成效，为市创奖办下个孵化周期开展工作提供信息支撑。",
    "有意参与多周期孵化的组织，在一个孵化周期结束后，需重新提交申请，同时提供原孵化周期时间内的组织自我评价报告。申请程序及要求与新申请组织相同。",
];

/// Paragraphs of the Hangzhou note, as printed.
#[rustfmt::skip]
const HANGZHOU_EXCERPTS: &[&str] = &[
    "（五）新增“建立杭州市实施卓越绩效模式培育库，市政府质量奖组织原则上从培育库中产生”，主要考虑到：一是深入贯彻落实总书记重要贺信精神和《质量强国建设纲要》要求，健全质量政策体系，实施梯队培育，推动全面质量管理与质量变革创新；二是市政府质量奖已成为具有广泛社会影响力的重要平台，若将评审周期延长，可能削弱企业持续追求卓越的积极性以及我市组织争创更高层级质量荣誉的储备力量。同时，通过建立培育库，可实现每年动态梯队培育，进一步激发企业提升质量、打造品牌的内生动力，推动高质量发展。",
    "（四）构建梯度培育体系。通过建立杭州市实施卓越绩效模式培育库，推动实施动态化、梯队式卓越绩效培育机制，通过年度滚动培养确保申报组织质量提升工作的可持续性，为我市企业争创中国质量奖和省政府质量奖储备更多优质资源。",
];

fn embedded(program: &str) -> Rulebook {
    let rulebooks = Rulebook::embedded().expect("the embedded rulebooks are good");
    rulebooks.into_iter().find(|r| r.program.as_str() == program).expect("is embedded")
}

/// Every rule of a rulebook, with the path that leads to it.
fn rules(rulebook: &Rulebook) -> Vec<(String, Value)> {
    fn walk(path: &str, value: &Value, found: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(map) if map.contains_key("clause") => found.push((path.to_owned(), value.clone())),
            Value::Object(map) => map.iter().for_each(|(key, item)| walk(&format!("{path}/{key}"), item, found)),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, item)| walk(&format!("{path}/{index}"), item, found));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    walk("", &serde_json::to_value(rulebook).expect("serialises"), &mut found);
    found
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn assert_verbatim(rulebook: &Rulebook, excerpts: &[&str]) {
    let excerpts: Vec<_> = excerpts.iter().map(|e| without_blanks(e)).collect();
    for (path, rule) in rules(rulebook).iter().filter(|(_, rule)| rule["ours"] == false) {
        for passage in rule["text"].as_str().expect("a text").split("……") {
            let passage = without_blanks(passage);
            assert!(excerpts.iter().any(|e| e.contains(&passage)), "{path} is not in the source: {passage}");
        }
    }
}

#[test]
fn every_rule_of_wuhu_is_worded_as_the_guide_words_it() {
    let wuhu = embedded("wuhu-incubation");
    assert!(rules(&wuhu).iter().filter(|(_, rule)| rule["ours"] == false).count() >= 30);
    assert_verbatim(&wuhu, WUHU_EXCERPTS);
}

#[test]
fn every_rule_of_hangzhou_is_worded_as_the_note_words_it_or_is_ours() {
    assert_verbatim(&embedded("hangzhou-cultivation"), HANGZHOU_EXCERPTS);
}

#[test]
fn only_what_the_guide_words_in_principle_and_our_own_readings_can_be_waived() {
    let mut waivable: Vec<_> = rules(&embedded("wuhu-incubation"))
        .into_iter()
        .filter(|(_, rule)| rule["strength"] == "principle")
        .map(|(path, rule)| (path, rule["ours"] == true))
        .collect();
    waivable.sort();
    let expected = [
        ("/classes/list/0/teaching/rule", false),
        ("/classes/list/1/teaching/rule", false),
        ("/classes/list/2/teaching/rule", false),
        ("/classes/list/3/teaching/rule", false),
        ("/classes/movable_to/rule", true),
        ("/recommenders/quota/rule", false),
        ("/teaching/rule", false),
        ("/visits/interval_rule", true),
    ];
    assert_eq!(waivable, expected.map(|(path, ours)| (path.to_owned(), ours)));
}

#[test]
fn what_no_source_says_is_marked_as_ours() {
    let mut ours: Vec<_> = rules(&embedded("wuhu-incubation"))
        .into_iter()
        .filter(|(path, rule)| rule["ours"] == true && !path.ends_with("/reading"))
        .map(|(path, _)| path)
        .collect();
    ours.sort();
    let expected = [
        "/classes/grounds_rule",
        "/classes/movable_to/rule",
        "/cycle/late_entry_rule",
        "/scores/rule",
        "/visits/interval_rule",
    ];
    assert_eq!(ours, expected);
}

#[test]
fn w02_the_label_of_a_draft_stands_beside_its_clauses() {
    assert_eq!(embedded("wuhu-incubation").label.as_deref(), Some("试行（征求意见稿）"));
}

#[test]
fn w09_w10_h11_membership_bears_on_the_award_in_hangzhou_and_not_in_wuhu() {
    assert!(!embedded("wuhu-incubation").award.members_only);
    let hangzhou = embedded("hangzhou-cultivation").award;
    assert!(hangzhou.members_only);
    assert_eq!(hangzhou.rule.strength, Strength::Principle);
}

#[test]
fn w32_w36_w42_the_numbers_are_those_of_the_guide() {
    let wuhu = embedded("wuhu-incubation");
    assert_eq!(wuhu.cycle.months, 24);
    assert_eq!(wuhu.cycle.reapplication, Reapplication::AfterEnd);
    assert!(wuhu.cycle.reapplication_needs_self_evaluation);
    assert_eq!(wuhu.recommenders.quota.map(|q| q.limit), Some(2));
    assert_eq!(wuhu.incidents.look_back_years, 3);
    let proofs: Vec<_> = wuhu.conditions.iter().map(|c| c.proof.clone()).collect();
    let expected = [
        Proof::LicenceHeld { years: 3 },
        Proof::Document,
        Proof::ModelAndCertificate { years: 2 },
        Proof::Document,
        Proof::Document,
        Proof::NoIncident { years: 3 },
        Proof::NoFailedSpotCheck { years: 3 },
        Proof::NoOtherBreach,
        Proof::NoCriminalRecord,
    ];
    assert_eq!(proofs, expected);
    assert!(wuhu.conditions.iter().all(|c| c.rule.strength == Strength::Must));
}

#[test]
fn w68_w69_each_class_is_owed_its_kind_of_teaching_in_its_year() {
    let wuhu = embedded("wuhu-incubation");
    let due: Vec<_> = wuhu
        .classes
        .expect("has classes")
        .list
        .into_iter()
        .filter_map(|c| c.teaching.map(|t| (c.id.to_string(), t.kind.to_string(), t.year)))
        .collect();
    let expected =
        [("A", "foundation", 1), ("B", "improvement", 1), ("C", "targeted", 2), ("D", "advanced_diagnosis", 2)];
    assert_eq!(due, expected.map(|(class, kind, year)| (class.to_owned(), kind.to_owned(), year)));
}

#[test]
fn h14_hangzhou_runs_for_a_year_with_nothing_that_its_source_leaves_out() {
    let hangzhou = embedded("hangzhou-cultivation");
    assert_eq!(hangzhou.cycle.months, 12);
    assert!(!hangzhou.steps.recommendation && !hangzhou.steps.survey && hangzhou.steps.rule.ours);
    assert!(hangzhou.recommenders.quota.is_none());
    assert!(hangzhou.conditions.is_empty());
    assert!(hangzhou.classes.is_none() && hangzhou.teaching.is_none() && hangzhou.visits.is_none());
}

/// The mistakes of the Wuhu rulebook after one edit.
fn mistakes(from: &str, to: &str) -> Vec<Mistake> {
    assert!(WUHU.contains(from), "the file has no `{from}` to edit");
    let error = parse("edited.toml", &WUHU.replacen(from, to, 1)).expect_err("the edit is a mistake");
    assert_eq!(error.file, "edited.toml");
    error.mistakes
}

#[track_caller]
fn assert_mistake(from: &str, to: &str, key: &str, reason: &str) {
    let found = mistakes(from, to);
    assert!(
        found.iter().any(|m| m.key == key && m.reason.contains(reason)),
        "wanted `{key}: {reason}` among {found:#?}"
    );
}

#[test]
fn text_that_is_not_toml_is_refused_with_its_line() {
    let found = mistakes("months = 24", "months = = 24");
    let line = WUHU.lines().position(|l| l == "months = 24").expect("is there") + 1;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].line, Some(line));
    assert!(found[0].reason.starts_with("not valid TOML"), "{}", found[0].reason);
}

#[test]
fn a_missing_key_is_named_with_its_path() {
    assert_mistake("months = 24\n", "", "cycle.months", "is missing");
    assert_mistake("program = \"wuhu-incubation\"\n", "", "program", "is missing");
    assert_mistake("label = \"试行（征求意见稿）\"\n", "", "label", "is missing");
    assert_mistake("proof = { by = \"licence_held\", years = 3 }\n", "", "conditions[0].proof", "is missing");
}

#[test]
fn an_unknown_key_is_named_with_its_path_and_line() {
    assert_mistake("months = 24", "months = 24\nyears = 2", "cycle.years", "unknown key `years`");
    assert_mistake("batch_limit = 200", "batch_limit = 200\nfrobnicate = 1", "frobnicate", "unknown key");
    let found = mistakes("months = 24", "months = 24\nyears = 2");
    let line = WUHU.lines().position(|l| l == "months = 24").expect("is there") + 2;
    assert_eq!(found[0].line, Some(line));
}

#[test]
fn a_value_of_the_wrong_kind_is_refused() {
    assert_mistake("months = 24", "months = \"two years\"", "cycle.months", "invalid type");
    assert_mistake("months = 24", "months = -1", "cycle.months", "invalid value");
    assert_mistake("\"must\"", "\"should\"", "cycle.rule.strength", "unknown variant `should`");
    assert_mistake("\"+08:00\"", "\"Beijing\"", "time_zone", "is not an offset like +08:00");
    assert_mistake("by = \"document\"", "by = \"hearsay\"", "conditions[1].proof.by", "unknown variant `hearsay`");
    assert_mistake("id = \"A\"", "id = \"A类\"", "classes.list[0].id", "is not a ClassId");
}

#[test]
fn a_blank_clause_text_or_name_is_refused() {
    assert_mistake("clause = \"三（二）\"", "clause = \" \"", "cycle.rule.clause", "is empty");
    assert_mistake("text = \"培育孵化池每个孵化周期为两年\"", "text = \"\"", "cycle.rule.text", "is empty");
    assert_mistake("zh = \"A类\"", "zh = \"\"", "classes.list[0].name.zh", "is empty");
}

#[test]
fn a_class_that_the_rulebook_does_not_have_is_refused_wherever_it_is_named() {
    for (from, to, key) in [
        ("classes = [\"C\", \"D\"]", "classes = [\"C\", \"E\"]", "classes.movable_from.classes[1]"),
        (
            "[classes.movable_to]\nclasses = [\"C\", \"D\"]",
            "[classes.movable_to]\nclasses = [\"E\"]",
            "classes.movable_to.classes[0]",
        ),
        ("class = \"D\"", "class = \"E\"", "classes.constraints[0].class"),
        ("not_above = \"C\"", "not_above = \"E\"", "classes.constraints[0].not_above"),
        ("classes = [\"A\"]", "classes = [\"A\", \"E\"]", "teaching.kinds[0].classes[1]"),
    ] {
        assert_mistake(from, to, key, "`E` is no class of this rulebook; it has A, B, C, D");
    }
    assert_mistake("not_above = \"C\"", "not_above = \"D\"", "classes.constraints[0]", "bounds class D by itself");
}

#[test]
fn teaching_that_cannot_be_given_is_refused() {
    let year = "classes.list[0].teaching.year";
    assert_mistake("year = 1", "year = 3", year, "is 3; it lies between 1 and 2");
    assert_mistake("year = 1", "year = 0", year, "is 0; it lies between 1 and 2");
    let kind = "classes.list[0].teaching.kind";
    assert_mistake("kind = \"foundation\"", "kind = \"yoga\"", kind, "`yoga` is no teaching kind");
    assert_mistake("kind = \"foundation\"", "kind = \"targeted\"", kind, "`targeted` is not meant for class A");
    assert_mistake(
        "audiences = [\"key_staff\"]",
        "audiences = [\"everybody\"]",
        "classes.list[0].teaching.audiences[0]",
        "`everybody` is no audience",
    );
}

#[test]
fn a_teaching_year_in_a_cycle_that_is_not_made_of_whole_years_is_counted_up() {
    let at_13_months = WUHU.replacen("months = 24", "months = 13", 1);
    assert!(parse("edited.toml", &at_13_months).is_ok());
    assert_mistake("months = 24", "months = 12", "classes.list[2].teaching.year", "is 2; it lies between 1 and 1");
}

#[test]
fn numbers_that_mean_nothing_are_refused() {
    assert_mistake("months = 24", "months = 0", "cycle.months", "is 0");
    assert_mistake("limit = 2\n", "limit = 0\n", "recommenders.quota.limit", "is 0");
    assert_mistake("batch_limit = 200", "batch_limit = 0", "batch_limit", "is 0");
    assert_mistake("interval_days = 180", "interval_days = 0", "visits.interval_days", "is 0");
    assert_mistake("points = 80", "points = 0", "scores.categories[5].points", "is 0");
    assert_mistake("look_back_years = 3", "look_back_years = -1", "incidents.look_back_years", "is -1");
    assert_mistake("late_entry_days = 90", "late_entry_days = 3651", "cycle.late_entry_days", "is 3651");
    assert_mistake("years = 2 }", "years = 0 }", "conditions[2].proof.years", "is 0");
    assert_mistake("look_back_years = 3", "look_back_years = 2", "conditions[5].proof.years", "look_back_years is 2");
}

#[test]
fn score_categories_that_do_not_sum_to_the_total_are_refused() {
    assert_mistake("points = 400", "points = 399", "scores.total", "is 1000, but the categories sum to 999");
}

#[test]
fn an_id_that_stands_twice_is_refused() {
    assert_mistake("id = \"B\"", "id = \"A\"", "classes.list[1]", "`A` stands in this list twice");
    assert_mistake("id = \"safety\"", "id = \"quality\"", "incidents.kinds[1]", "twice");
    assert_mistake("id = \"lawful_and_policy\"", "id = \"registered_and_licensed\"", "conditions[1]", "twice");
    assert_mistake("id = \"skill_contest\"", "id = \"skill_training\"", "activity_kinds[2]", "twice");
}

#[test]
fn a_rulebook_without_a_source_is_refused() {
    let from = WUHU.find("[[sources]]").expect("is there");
    let to = WUHU.find("# Cycle (W-42)").expect("is there");
    let text = format!("sources = []\n{}{}", &WUHU[..from], &WUHU[to..]);
    let found = parse("edited.toml", &text).expect_err("names no source").mistakes;
    assert_eq!(found.iter().map(|m| m.key.as_str()).collect::<Vec<_>>(), ["sources"]);
}

#[test]
fn mistakes_of_several_sections_are_reported_together_and_in_words() {
    let text = WUHU.replacen("months = 24", "months = \"x\"", 1).replacen("limit = 2\n", "limits = 2\n", 1).replacen(
        "zh = \"领导\"",
        "zh = \"\"",
        1,
    );
    let error = parse("edited.toml", &text).expect_err("three mistakes");
    let mut keys: Vec<_> = error.mistakes.iter().map(|m| m.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["cycle.months", "recommenders.quota.limits", "scores.categories[0].name.zh"]);
    let message = error.to_string();
    assert!(message.starts_with("3 mistake(s) in rulebook edited.toml"), "{message}");
    for line in message.lines().skip(1) {
        assert!(line.starts_with("  edited.toml: line "), "{line}");
    }
}

#[test]
fn mistakes_of_sense_are_reported_together() {
    let text = WUHU.replacen("months = 24", "months = 0", 1).replacen("limit = 2\n", "limit = 0\n", 1);
    let error = parse("edited.toml", &text).expect_err("mistakes");
    let keys: Vec<_> = error.mistakes.iter().map(|m| m.key.as_str()).collect();
    assert!(keys.contains(&"cycle.months") && keys.contains(&"recommenders.quota.limit"), "{keys:?}");
}

#[test]
fn recommendations_need_somebody_who_recommends_and_a_quota_needs_recommendations() {
    assert_mistake("recommendation = true", "recommendation = false", "recommenders.quota", "bounds recommendations");
    let text = HANGZHOU.replacen("recommendation = false", "recommendation = true", 1);
    let found = parse("edited.toml", &text).expect_err("nobody recommends").mistakes;
    assert_eq!(found.iter().map(|m| m.key.as_str()).collect::<Vec<_>>(), ["recommenders.kinds"]);
}

#[test]
fn classes_without_a_class_and_teaching_without_kinds_are_refused() {
    let rule = r#"rule = { clause = "四", text = "分类", strength = "must", ours = true }"#;
    let classes = format!(
        "{HANGZHOU}\n[classes]\nlist = []\n{rule}\ngrounds_{rule}\nmovable_from = {{ classes = [], {rule} }}\n\
         movable_to = {{ classes = [], {rule} }}\n"
    );
    let found = parse("edited.toml", &classes).expect_err("no class").mistakes;
    assert_eq!(found.iter().map(|m| m.key.as_str()).collect::<Vec<_>>(), ["classes.list"]);

    let from = WUHU.find("[teaching]").expect("is there");
    let to = WUHU.find("[visits]").expect("is there");
    let untaught = format!("{}{}", &WUHU[..from], &WUHU[to..]);
    let found = parse("edited.toml", &untaught).expect_err("owes what it does not describe").mistakes;
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found.iter().all(|m| m.reason.contains("has no [teaching]")), "{found:#?}");
}
