//! Every rule's page is its test.

// Tests read and write what the engine may not.
#![allow(clippy::disallowed_methods)]

mod harness;

use std::fs;

use engine::change::Changes;
use engine::finding::{Finding, Safety};
use engine::render::text;
use engine::rules::{Docs, RULES, Rule};
use engine::tree::{Source, Tree};
use engine::{App, Selection, check};
use harness::{Case, Page};

fn page(rule: &Rule) -> Page {
    let path = harness::workspace().join(format!(
        "crates/engine/src/rules/{}.md",
        rule.id().replace('-', "_")
    ));
    Page {
        text: fs::read_to_string(&path).expect("a rule has a page"),
        path,
    }
}

/// The findings of one rule in a case's files.
fn findings(rule: &Rule, tree: &Tree) -> Vec<Finding> {
    // What is allowed in vain is known once all rules have looked.
    let is_about_all = rule.id() == "files/unused-allow";
    let selection = Selection {
        select: if is_about_all {
            Vec::new()
        } else {
            vec![rule.id()]
        },
        ..Selection::default()
    };
    let mut findings = check(&App::new(tree), &selection).findings;
    findings.retain(|finding| finding.rule.id() == rule.id());
    findings
}

/// What a case says, as its page shows it.
fn actual(block: &str, found: &[Finding], tree: &Tree) -> String {
    match block {
        "findings" => {
            let bare: Vec<Finding> = found
                .iter()
                .map(|finding| Finding {
                    fix: None,
                    ..finding.clone()
                })
                .collect();
            let shown = text::findings_without_why(&bare, tree);
            shown
                .lines()
                .map(str::trim_end)
                .collect::<Vec<_>>()
                .join("\n")
                .trim_end()
                .to_owned()
                + if bare.is_empty() { "" } else { "\n" }
        }
        "diff fix" => found
            .iter()
            .filter_map(|finding| finding.fix.as_ref())
            .flat_map(|fix| {
                fix.changes
                    .outcomes(tree)
                    .expect("a fix applies to what it was made for")
            })
            .map(|outcome| outcome.diff())
            .collect(),
        other => panic!("`{other}` is no block of expectations"),
    }
}

#[test]
fn pages_are_true() {
    let mut failures = Vec::new();
    for rule in RULES {
        let page = page(rule);
        let mut text = page.text.clone();
        // From the end, so that what was found before stays where it is.
        for case in page.cases().iter().rev() {
            let tree = case.tree();
            let found = findings(rule, &tree);
            for (block, expected, range) in case.expected.iter().rev() {
                let actual = actual(block, &found, &tree);
                if actual != *expected {
                    failures.push(format!(
                        "{}: {}: {block}\n--- expected\n{expected}--- actual\n{actual}",
                        rule.id(),
                        case.title
                    ));
                    text.replace_range(range.clone(), &actual);
                }
            }
        }
        if harness::updates() {
            fs::write(&page.path, text).expect("the page can be written");
        }
    }
    assert!(
        harness::updates() || failures.is_empty(),
        "{}",
        failures.join("\n\n")
    );
}

#[test]
fn every_page_has_a_case_that_fires_and_one_that_is_silent() {
    for rule in RULES {
        let cases = page(rule).cases();
        let fires = |case: &Case| !findings(rule, &case.tree()).is_empty();
        // What cannot be written into a page is tested in the program's own tests.
        assert!(
            ["files/unreadable", "server/service-taken"].contains(&rule.id().as_str())
                || cases.iter().any(fires),
            "{} never fires",
            rule.id()
        );
        assert!(
            cases.iter().any(|case| !fires(case)),
            "{} is never silent",
            rule.id()
        );
        for case in &cases {
            assert_eq!(
                case.title.starts_with("Silent: "),
                !fires(case),
                "{}: {}",
                rule.id(),
                case.title
            );
            assert!(
                case.expected.iter().any(|(block, ..)| block == "findings"),
                "{}: {}",
                rule.id(),
                case.title
            );
            let has_fix = findings(rule, &case.tree())
                .iter()
                .any(|finding| finding.fix.is_some());
            let shows_fix = case.expected.iter().any(|(block, ..)| block == "diff fix");
            assert_eq!(
                has_fix,
                shows_fix,
                "{}: {}: the fix is to be shown",
                rule.id(),
                case.title
            );
        }
    }
}

#[test]
fn every_page_says_what_why_and_how() {
    for rule in RULES {
        let docs = rule.docs();
        assert_eq!(
            rule.markdown().lines().next(),
            Some(format!("# {}", rule.id()).as_str())
        );
        assert!(
            docs.what.ends_with('.') && !docs.what.contains("\n\n"),
            "{}: one sentence of what",
            rule.id()
        );
        assert!(docs.why.len() > 200, "{}: why it bites", rule.id());
        assert!(
            !docs.verify.is_empty() && !docs.sources.is_empty(),
            "{}: how to verify, sources",
            rule.id()
        );
        assert!(!Docs::prose(rule.markdown()).contains("## Cases"));
    }
}

#[test]
fn messages_have_one_voice() {
    for rule in RULES {
        for case in page(rule).cases() {
            for finding in findings(rule, &case.tree()) {
                assert!(
                    !finding.message.ends_with('.'),
                    "{}: {}",
                    rule.id(),
                    finding.message
                );
                assert!(
                    !finding.help.is_empty() && !finding.help.ends_with('.'),
                    "{}: {}",
                    rule.id(),
                    finding.help
                );
                for label in std::iter::once(&finding.primary).chain(&finding.related) {
                    assert!(!label.text.ends_with('.'), "{}: {}", rule.id(), label.text);
                }
            }
        }
    }
}

#[test]
fn fixes_mend_what_they_are_for_and_add_nothing() {
    for rule in RULES {
        for case in page(rule).cases() {
            let mut tree = case.tree();
            let before = check(&App::new(&tree), &Selection::default()).findings;
            let mut changes = Changes::default();
            for fix in findings(rule, &case.tree())
                .into_iter()
                .filter_map(|finding| finding.fix)
            {
                changes.extend(fix.changes);
            }
            changes.apply(&mut tree).expect("fixes apply together");
            let after = check(&App::new(&tree), &Selection::default()).findings;
            let has_fix = before
                .iter()
                .any(|finding| finding.rule.id() == rule.id() && finding.fix.is_some());
            for finding in &after {
                assert!(
                    before.iter().any(|known| known.message == finding.message
                        && known.rule.id() == finding.rule.id()),
                    "{}: {}: the fix brought: {}",
                    rule.id(),
                    case.title,
                    finding.message
                );
                assert!(
                    !has_fix || finding.rule.id() != rule.id() || finding.fix.is_none(),
                    "{}: {}: the fix left: {}",
                    rule.id(),
                    case.title,
                    finding.message
                );
            }
        }
    }
}

#[test]
fn a_port_is_closed_without_asking_only_where_the_app_uses_the_name() {
    let safety = |env: &str| {
        let deploy = format!(
            "service: harbour\nimage: harbour\nservers: [203.0.113.10]\nenv:\n{env}\naccessories:\n  \
             search:\n    image: typesense/typesense:27.1\n    host: 203.0.113.10\n    port: 8108\n"
        );
        let tree = Tree::of([Source::new("config/deploy.yml".into(), deploy)]);
        let report = check(&App::new(&tree), &Selection::default());
        let fixes: Vec<Safety> = report
            .findings
            .iter()
            .filter(|finding| finding.rule.id() == "kamal/public-accessory-port")
            .filter_map(|finding| Some(finding.fix.as_ref()?.safety))
            .collect();
        fixes
    };
    let by_name = "  clear:\n    SEARCH_URL: http://harbour-search:8108";
    assert_eq!(safety(by_name), [Safety::Safe]);
    assert_eq!(safety("  secret: [SEARCH_URL]"), [Safety::Unsafe]);
}
