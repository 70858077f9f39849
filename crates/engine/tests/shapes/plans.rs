//! What holds for a plan as a whole.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::harness::is_said_by_init;
use engine::change::Changes;
use engine::finding::Finding;
use engine::plan::{FILE, Intent, plan};
use engine::tree::Tree;
use engine::{App, Selection, check};
use syntax::yaml::Node;

use super::outcome::{Outcome, Planned, Verdict, all, ensure, holds, holds_for_outcomes, scalar};

#[test]
fn most_shapes_are_planned() {
    let planned = |outcome: &Outcome| matches!(outcome, Outcome::Planned(_));
    let count = all().iter().filter(|(_, outcome)| planned(outcome)).count();
    assert!(
        count * 3 >= all().len() * 2,
        "{count} of {} are too few to show anything",
        all().len()
    );
}

#[test]
fn no_shape_makes_it_panic() {
    holds_for_outcomes(|_, outcome| match outcome {
        Outcome::Panicked(why) => Err(why.clone()),
        _ => Ok(()),
    });
}

#[test]
fn what_stands_in_the_way_says_what_and_what_to_do() {
    holds_for_outcomes(|_, outcome| {
        let Outcome::Refused(obstacles) = outcome else {
            return Ok(());
        };
        ensure(!obstacles.is_empty(), || {
            "refused without a reason".to_owned()
        })?;
        for obstacle in obstacles {
            let is_said = !obstacle.message.trim().is_empty() && !obstacle.help.trim().is_empty();
            ensure(is_said, || format!("{obstacle:?}"))?;
        }
        Ok(())
    });
}

#[test]
fn yaml_is_yaml() {
    holds(|_, planned| {
        for change in &planned.plan.changes.0 {
            let path = change.path().as_str();
            let is_yaml = std::path::Path::new(path)
                .extension()
                .is_some_and(|ending| ending == "yml" || ending == "yaml");
            if !is_yaml {
                continue;
            }
            let source = planned.plan.after.source(path).expect("it was written");
            let yaml = syntax::yaml::parse(source.text());
            ensure(yaml.errors.is_empty(), || {
                format!("{path}: {:?}", yaml.errors)
            })?;
            ensure(yaml.root().is_some_and(Node::is_mapping), || {
                format!("{path} is no mapping")
            })?;
            repeated_key(path, yaml.root())?;
        }
        Ok(())
    });
}

/// No mapping has a key twice: the later would hide the earlier.
pub(super) fn repeated_key(path: &str, node: Option<Node<'_>>) -> Verdict {
    let Some(node) = node else { return Ok(()) };
    let mut seen = BTreeSet::new();
    for entry in node.own_entries() {
        if let Some(key) = scalar(entry.key).filter(|key| key != "<<") {
            ensure(seen.insert(key.clone()), || {
                format!("{path}: `{key}` is there twice")
            })?;
        }
        if !matches!(entry.value.kind(), syntax::yaml::Kind::Alias(_)) {
            repeated_key(path, Some(entry.value))?;
        }
    }
    node.items()
        .into_iter()
        .try_for_each(|item| repeated_key(path, Some(item)))
}

/// Whether a finding is about what init wrote, and not about what the user has.
pub(super) fn is_about_ours(finding: &Finding, planned: &Planned) -> bool {
    // What a secrets file of the user's lacks is for the user to add.
    if finding.rule.id() == "secrets/not-found" && planned.ours(".kamal/secrets").is_none() {
        return false;
    }
    let path = finding.primary.place.path();
    path.is_none_or(|path| planned.ours(path.as_str()).is_some())
}

#[test]
fn check_says_nothing_of_what_is_written() {
    holds(|_, planned| {
        for finding in &planned.plan.audit.findings {
            let is_said = is_said_by_init(finding, &planned.plan.notes);
            ensure(is_said || !is_about_ours(finding, planned), || {
                format!("{}: {}", finding.rule.id(), finding.message)
            })?;
        }
        Ok(())
    });
}

#[test]
fn check_says_nothing_where_nothing_was_there_before() {
    holds(|shape, planned| {
        // With files of the user's, what they have may have mistakes of its own.
        if shape.own.is_empty() || shape.replace {
            for finding in &planned.plan.audit.findings {
                ensure(is_said_by_init(finding, &planned.plan.notes), || {
                    format!("{}: {}", finding.rule.id(), finding.message)
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn the_audit_is_what_check_says_afterwards() {
    holds(|_, planned| {
        let again = check(&App::new(&planned.plan.after), &Selection::default());
        let ids = |report: &engine::finding::Report| -> Vec<String> {
            report
                .findings
                .iter()
                .map(|finding| finding.rule.id() + &finding.message)
                .collect()
        };
        ensure(ids(&again) == ids(&planned.plan.audit), || {
            format!("{:?} became {:?}", ids(&planned.plan.audit), ids(&again))
        })
    });
}

#[test]
fn a_second_run_changes_nothing() {
    holds(|_, planned| {
        let mut after = planned.before.clone();
        planned
            .plan
            .changes
            .apply(&mut after)
            .map_err(|conflict| format!("{conflict:?}"))?;
        ensure(after.has(FILE), || format!("{FILE} was not written"))?;
        let app = App::new(&after);
        let second = plan(&app, &Intent::remembered(&app)).map_err(|all| format!("{all:?}"))?;
        let changed: Vec<String> = second
            .changes
            .0
            .iter()
            .map(|change| change.path().to_string())
            .collect();
        ensure(second.changes == Changes::default(), || {
            let mut why = String::new();
            for path in changed.iter().filter(|path| *path != FILE) {
                let text = |tree: &Tree| {
                    let source = tree.source(path);
                    source.map(|one| one.text().to_owned()).unwrap_or_default()
                };
                let (before, after) = (text(&after), text(&second.after));
                let diff = similar::TextDiff::from_lines(&before, &after);
                let lines: Vec<String> = diff
                    .iter_all_changes()
                    .filter(|line| line.tag() != similar::ChangeTag::Equal)
                    .map(|line| format!("{}{}", line.tag(), line.value().trim()))
                    .collect();
                let _ = write!(why, "{path}: {}; ", lines.join(" "));
            }
            why
        })
    });
}

#[test]
fn the_same_shape_gives_the_same_bytes() {
    for (shape, outcome) in all().iter().step_by(3) {
        let (Outcome::Planned(one), Outcome::Planned(other)) = (outcome, &Outcome::of(shape))
        else {
            continue;
        };
        assert_eq!(one.plan.changes, other.plan.changes, "{shape:?}");
        assert_eq!(one.texts(), other.texts(), "{shape:?}");
    }
}
