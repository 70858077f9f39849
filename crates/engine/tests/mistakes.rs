//! One mistake at a time in an app that has none: what `check` finds of it, and that it finds nothing
//! else.
//!
//! A page in `tests/mistakes` has a mistake under each `###`: the golden app that it is made in (`Base:
//! name`), what is changed after `init` (blocks `edit path`, whole files, `Without: path`, `Windows: path`
//! for a file with line ends as on Windows, `Unreadable: path` for a folder in its place, `Place: folder` for
//! where the app is in its repository, `Mode: 100644 path` for git's index), and the rule that has to find it
//! (`Finds: group/name in path`). The expectations are written from the mistake, not from what the rules say.

// Tests read what the engine may not.
#![allow(clippy::disallowed_methods)]

mod harness;

use std::collections::BTreeSet;

use engine::finding::Finding;
use engine::rules::{Profile, RULES, Rule};
use engine::{App, Selection, check};
use harness::{Page, clean, golden_apps, mistake_pages, tree_of_mistake};

/// What is found, as `Finds:` has it.
fn found(findings: &[Finding]) -> Vec<String> {
    let mut found: Vec<String> = findings
        .iter()
        .map(|finding| {
            let path = finding.primary.place.path();
            format!(
                "{} in {}",
                finding.rule.id(),
                path.map_or("", |path| path.as_str())
            )
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn the_apps_that_mistakes_are_made_in_have_none() {
    for name in golden_apps() {
        let tree = clean(&name);
        let findings = check(&App::new(&tree), &Selection::default()).findings;
        assert_eq!(found(&findings), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn each_mistake_is_found_and_nothing_else() {
    let mut failures = Vec::new();
    let mut titles: BTreeSet<String> = BTreeSet::new();
    for page in mistake_pages() {
        for case in page.cases() {
            assert!(
                titles.insert(case.title.clone()),
                "{} stands there twice",
                case.title
            );
            let mut wanted: Vec<String> =
                case.said("Finds").into_iter().map(str::to_owned).collect();
            assert!(!wanted.is_empty(), "{}: what is to be found?", case.title);
            wanted.sort();
            let tree = tree_of_mistake(&case);
            let findings = check(&App::new(&tree), &Selection::default()).findings;
            let found = found(&findings);
            if found != wanted {
                failures.push(format!(
                    "{}\n  wanted {wanted:?}\n  found  {found:?}",
                    case.title
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_rule_has_its_mistake() {
    // It compares apps with one another.
    const OF_SEVERAL_APPS: [&str; 1] = ["server/service-taken"];
    let pages = mistake_pages();
    let found: BTreeSet<String> = pages
        .iter()
        .flat_map(Page::cases)
        .flat_map(|case| {
            let said = case.said("Finds").into_iter();
            let ids = said.filter_map(|finds| Some(finds.split_once(' ')?.0.to_owned()));
            ids.collect::<Vec<_>>()
        })
        .collect();
    // Those of any Dockerfile have their pages alone, and so have those that wait to be asked.
    let rules = RULES.iter();
    let lacking: Vec<String> = rules
        .filter(|rule| rule.meta.profile == Profile::Default)
        .map(Rule::id)
        .filter(|id| !id.starts_with("dockerfile/") && !found.contains(id))
        .filter(|id| !OF_SEVERAL_APPS.contains(&id.as_str()))
        .collect();
    assert_eq!(lacking, Vec::<String>::new());
}
