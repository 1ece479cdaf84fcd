//! No sequence of commands breaks the quota or the bound between classes, judged by a fold of its own.

use std::collections::HashMap;

use chrono::Days;
use proptest::prelude::*;

use crate::cycle::testing::{
    Pool, as_organization, class, cycle, day, documented, id, incident, office, rulebook, today, uscc, waived,
};
use crate::cycle::{
    Classify, ClassifyEntry, CorrectClassification, CycleCommand, CycleEvent, Nominate, Reclassify, ReclassifyEntry,
    Remove, RescindRemoval, WaiveQuota, Withdraw, balance,
};
use crate::document::Common;
use crate::enrolment::{SurveyState, SurveyStep};
use crate::event::Event;
use crate::forms::annex2::Conclusion;
use crate::ids::{ClassId, OrganizationId, RecommenderId};
use crate::organization::Determination;
use crate::world::Decision;

/// Organisations that take part.
const POOL: u32 = 10;

/// What somebody tries.
#[derive(Debug, Clone)]
enum Try {
    Nominate { who: u32, recommender: &'static str, waiving: bool },
    GrantPlace { recommender: &'static str },
    Classify(Vec<(u32, &'static str)>),
    Reclassify(Vec<(u32, &'static str)>),
    CorrectClass { who: u32, class: &'static str },
    Remove { who: u32 },
    Rescind { who: u32 },
    Withdraw { who: u32 },
}

fn tries() -> impl Strategy<Value = Try> {
    let who = 1..=POOL;
    let recommender = prop::sample::select(vec!["alpha", "beta"]);
    let classes = prop::sample::select(vec!["A", "C", "D", "D"]);
    let batch = prop::collection::vec((who.clone(), classes.clone()), 1..4);
    prop_oneof![
        2 => (who.clone(), recommender.clone(), prop::bool::weighted(0.2))
            .prop_map(|(who, recommender, waiving)| Try::Nominate { who, recommender, waiving }),
        1 => recommender.prop_map(|recommender| Try::GrantPlace { recommender }),
        6 => batch.clone().prop_map(Try::Classify),
        4 => batch.prop_map(Try::Reclassify),
        1 => (who.clone(), classes).prop_map(|(who, class)| Try::CorrectClass { who, class }),
        1 => who.clone().prop_map(|who| Try::Remove { who }),
        1 => who.clone().prop_map(|who| Try::Rescind { who }),
        1 => who.prop_map(|who| Try::Withdraw { who }),
    ]
}

impl Try {
    fn command(&self, common: Common) -> CycleCommand {
        let cycle = cycle();
        let text = || "理由".to_owned();
        match self {
            Self::Nominate { who, recommender, waiving } => CycleCommand::Nominate(Nominate {
                cycle,
                uscc: uscc(*who),
                recommender: id(recommender),
                opinion: text(),
                signed_on: common.occurred_on,
                common: if *waiving { waived(common) } else { common },
            }),
            Self::GrantPlace { recommender } => CycleCommand::WaiveQuota(WaiveQuota {
                cycle,
                recommender: id(recommender),
                extra: 1,
                reason: text(),
                common,
            }),
            Self::Classify(batch) => {
                let entry = |(who, of): &(u32, &str)| ClassifyEntry {
                    uscc: uscc(*who),
                    class: Some(class(of)),
                    grounds: Some(text()),
                    seen: None,
                };
                CycleCommand::Classify(Classify { cycle, entries: batch.iter().map(entry).collect(), common })
            }
            Self::Reclassify(batch) => {
                let entry = |(who, to): &(u32, &str)| ReclassifyEntry {
                    uscc: uscc(*who),
                    to: class(to),
                    grounds: text(),
                    seen: None,
                };
                CycleCommand::Reclassify(Reclassify { cycle, entries: batch.iter().map(entry).collect(), common })
            }
            Self::CorrectClass { who, class: of } => CycleCommand::CorrectClassification(CorrectClassification {
                cycle,
                uscc: uscc(*who),
                class: class(of),
                reason: text(),
                common: documented(common),
            }),
            Self::Remove { who } => CycleCommand::Remove(Remove {
                cycle,
                uscc: uscc(*who),
                incident_id: incident(*who),
                reason: None,
                common,
            }),
            Self::Rescind { who } => CycleCommand::RescindRemoval(RescindRemoval {
                cycle,
                uscc: uscc(*who),
                reason: text(),
                common: documented(common),
            }),
            Self::Withdraw { who } => {
                CycleCommand::Withdraw(Withdraw { cycle, uscc: uscc(*who), reason: Some(text()), common })
            }
        }
    }
}

/// What the events say, folded without the cycle's own state.
#[derive(Debug, Default)]
struct Judge {
    members: HashMap<OrganizationId, ClassId>,
    removed: HashMap<OrganizationId, ClassId>,
    places: HashMap<OrganizationId, RecommenderId>,
    granted: HashMap<RecommenderId, usize>,
}

impl Judge {
    fn number(&self, of: &str) -> usize {
        self.members.values().filter(|class| class.as_str() == of).count()
    }

    fn used(&self, recommender: &RecommenderId) -> usize {
        self.places.values().filter(|r| *r == recommender).count()
    }

    fn excess(&self) -> usize {
        self.number("D").saturating_sub(self.number("C"))
    }

    fn see(&mut self, decision: &Decision) {
        for (_, event) in &decision.events {
            let Event::Cycle(event) = event else { continue };
            if let CycleEvent::OrganizationClassified { organization, class, .. }
            | CycleEvent::OrganizationReclassified { organization, to: class, .. }
            | CycleEvent::ClassificationCorrected { organization, to: class, .. } = event
            {
                self.members.insert(organization.clone(), class.clone());
            } else if let CycleEvent::OrganizationRemoved { organization, .. } = event {
                let class = self.members.remove(organization).expect("a member is removed");
                self.removed.insert(organization.clone(), class);
            } else if let CycleEvent::RemovalRescinded { organization, .. } = event {
                let class = self.removed.remove(organization).expect("a removal is rescinded");
                self.members.insert(organization.clone(), class);
            } else if let CycleEvent::MemberWithdrawn { organization, .. } = event {
                self.members.remove(organization).expect("a member withdraws");
            } else if let CycleEvent::OrganizationNominated { organization, recommender } = event {
                self.places.insert(organization.clone(), recommender.clone());
            } else if let CycleEvent::NominationWithdrawn { organization, place_freed: true, .. } = event {
                self.places.remove(organization).expect("a place is freed");
            } else if let CycleEvent::QuotaWaived { recommender, .. } = event {
                *self.granted.entry(recommender.clone()).or_default() += 1;
            }
        }
    }
}

/// Gives a nominated organisation a settled survey, as the survey's own commands would.
fn settle(pool: &mut Pool, who: u32) {
    let file = pool.file(who);
    file.survey_ever_filed = true;
    file.survey = Some(SurveyState {
        station: id("station"),
        experts: Vec::new(),
        step: SurveyStep::Approved,
        survey_id: None,
        revision: 1,
        filed_by: None,
        conclusion: Some(Conclusion::BelowA),
        step_on: day("2026-01-01"),
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn w41_w56_no_sequence_of_commands_breaks_the_quota_or_the_bound(steps in prop::collection::vec(tries(), 1..60)) {
        let mut pool = Pool::open();
        let mut judge = Judge::default();
        for who in 1..=POOL {
            // Half of them stand before the nomination, half before admission.
            if who % 2 == 0 { pool.surveyed(who, Conclusion::BelowA) } else { pool.applicant(who) }
        }
        let mut on = day("2026-03-02");
        for step in steps {
            on = on + Days::new(1);
            let by = match step {
                Try::Withdraw { who } => as_organization(who),
                Try::Nominate { .. }
                | Try::GrantPlace { .. }
                | Try::Classify(_)
                | Try::Reclassify(_)
                | Try::CorrectClass { .. }
                | Try::Remove { .. }
                | Try::Rescind { .. } => office(),
            };
            if let Try::Remove { who } = step {
                pool.incident(who, &on.to_string(), Determination::Determined { major: true });
            }
            let (c, d, excess) = (judge.number("C"), judge.number("D"), judge.excess());
            let Ok(decision) = pool.run(&step.command(Common::on(on)), &by).cloned() else {
                // An incident that did not remove is no fact of this history.
                if let Try::Remove { who } = step {
                    pool.organization(who).incidents.clear();
                }
                continue;
            };
            judge.see(&decision);

            let bound = matches!(step, Try::Classify(_) | Try::Reclassify(_) | Try::CorrectClass { .. });
            if bound {
                let unchanged = (c, d) == (judge.number("C"), judge.number("D"));
                let after = judge.excess();
                prop_assert!(after == 0 || after < excess || unchanged, "{excess} became {after} by {step:?}");
                prop_assert!(excess > 0 || after == 0, "balance was left by {step:?}");
            }
            if let Try::Nominate { who, recommender, .. } = &step {
                let recommender: RecommenderId = id(recommender);
                let limit = 2 + judge.granted.get(&recommender).copied().unwrap_or_default();
                prop_assert!(judge.used(&recommender) <= limit || decision.waiver.is_some(), "quota broken by {step:?}");
                if who % 3 == 0 {
                    settle(&mut pool, *who);
                }
            }
            // What the cycle counts is what the events say, and each answer's counts are those that follow.
            let counts = pool.cycle().counts.clone();
            for of in ["A", "B", "C", "D"] {
                prop_assert_eq!(counts[&class(of)] as usize, judge.number(of));
            }
            if let Some(change) = decision.balance {
                prop_assert_eq!(&change.after, &counts);
                prop_assert_eq!(change.excess_after, balance::excess(&counts, &rulebook()));
            }
        }
        prop_assert!(on <= today().occurred_on);
    }
}
