//! Golden apps with one thing otherwise: what that changes in the plan and in the files.
//!
//! A page in `tests/variants` has a case under each `###`: the golden app it starts from
//! (`Base: name`), the files that are otherwise (named blocks, or what changes
//! in them: `edit path`), files that are not there (`Without: path`), its folder below the root of its repository (`Place: path`), and what comes
//! out: an `expected plan` block with the lines of the plan that the base app's plan does not have,
//! and an `expected files` block with a diff against the base app's files. Options of the command
//! line are what `config/seaworthy.yml` remembers.

// Tests read and write what the engine may not.
#![allow(clippy::disallowed_methods)]

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use engine::change::Changes;
use engine::plan::{FILE, Intent, Plan, State, plan};
use engine::posture::posture;
use engine::tree::Tree;
use engine::{App, Selection, check};
use harness::{
    Case, base_of_variant, is_said_by_init, tree_of, tree_of_variant, variant_pages, workspace,
};

fn planned(tree: &Tree, title: &str) -> Plan {
    let app = App::new(tree);
    plan(&app, &Intent::remembered(&app))
        .unwrap_or_else(|obstacles| panic!("{title}: {obstacles:?}"))
}

/// The tree after `init`.
fn written(tree: &Tree, title: &str) -> Tree {
    let mut after = tree.clone();
    planned(tree, title)
        .changes
        .apply(&mut after)
        .expect("a plan applies");
    after
}

fn lines(plan: &Plan, tree: &Tree) -> Vec<String> {
    let decisions = plan.decisions.iter().map(|decision| {
        let origin = decision.origin.place.describe(tree);
        format!("{}: {} [{origin}]", decision.subject, decision.value)
    });
    let notes = plan.notes.iter().map(|note| format!("- {note}"));
    decisions.chain(notes).collect()
}

/// The texts that a plan leaves, by path; what stays the user's is left out.
fn files(plan: &Plan) -> BTreeMap<String, String> {
    plan.files
        .iter()
        .filter(|file| file.state != State::Kept)
        .map(|file| (file.path.to_string(), file.text.clone()))
        .collect()
}

fn actual(block: &str, case: &Case) -> String {
    let (before, after) = (base_of_variant(case), tree_of_variant(case));
    let (base, plan) = (planned(&before, &case.title), planned(&after, &case.title));
    match block {
        "expected plan" => {
            let known: BTreeSet<String> = lines(&base, &before).into_iter().collect();
            lines(&plan, &after)
                .into_iter()
                .filter(|line| !known.contains(line))
                .fold(String::new(), |text, line| text + &line + "\n")
        }
        "expected files" => {
            let (base, own) = (files(&base), files(&plan));
            let paths: BTreeSet<&String> = base.keys().chain(own.keys()).collect();
            let mut text = String::new();
            for path in paths {
                let empty = String::new();
                let (from, to) = (
                    base.get(path).unwrap_or(&empty),
                    own.get(path).unwrap_or(&empty),
                );
                if from == to {
                    continue;
                }
                writeln!(text, "{path}").expect("a string takes all");
                let diff = similar::TextDiff::from_lines(from, to);
                for hunk in diff.unified_diff().context_radius(0).iter_hunks() {
                    for change in hunk.iter_changes() {
                        write!(text, "{}{}", change.tag(), change.value())
                            .expect("a string takes all");
                    }
                }
            }
            text
        }
        other => panic!("`{other}` is no block of expectations"),
    }
}

#[test]
fn variants_are_as_expected() {
    let mut failures = Vec::new();
    for page in variant_pages() {
        let mut text = page.text.clone();
        for case in page.cases().iter().rev() {
            assert!(
                !case.expected.is_empty(),
                "{}: {} expects nothing",
                page.path.display(),
                case.title
            );
            for (block, expected, range) in case.expected.iter().rev() {
                let actual = actual(block, case);
                if actual != *expected {
                    failures.push(format!(
                        "{}: {block}\n{}",
                        case.title,
                        similar::TextDiff::from_lines(expected, &actual).unified_diff()
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
        "UPDATE=1 cargo test rewrites the pages\n{}",
        failures.join("\n\n")
    );
}

/// A plan without where things come from and without the app's name, to be told from others.
fn essence(tree: &Tree, title: &str) -> String {
    let name = App::new(tree)
        .rails()
        .name()
        .known()
        .expect("it has a name")
        .value;
    let plan = planned(tree, title);
    let decisions = plan
        .decisions
        .iter()
        .map(|decision| format!("{}: {}\n", decision.subject, decision.value));
    let files = files(&plan)
        .into_iter()
        .map(|(path, text)| path + "\n" + &text);
    let notes = plan.notes.iter().map(|note| format!("- {note}\n"));
    let all: String = decisions.chain(notes).chain(files).collect();
    all.replace(&name, "app")
}

#[test]
fn no_two_apps_have_the_same_plan() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let golden = harness::golden_apps();
    let mut count = golden.len();
    for name in golden {
        let tree = tree_of(&workspace().join("tests/apps").join(&name).join("app"));
        seen.insert(essence(&tree, &name), name);
    }
    for page in variant_pages() {
        for case in page.cases() {
            count += 1;
            let tree = tree_of_variant(&case);
            if let Some(other) = seen.insert(essence(&tree, &case.title), case.title.clone()) {
                panic!("{} and {other} have the same plan", case.title);
            }
        }
    }
    assert!(count >= 45, "{count} apps are fewer than there were");
}

#[test]
fn check_accepts_them_and_a_second_run_changes_nothing() {
    for page in variant_pages() {
        for case in page.cases() {
            let before = tree_of_variant(&case);
            let notes = planned(&before, &case.title).notes;
            let after = written(&before, &case.title);
            let findings = check(&App::new(&after), &Selection::default()).findings;
            let messages: Vec<&str> = findings
                .iter()
                .filter(|finding| !is_said_by_init(finding, &notes))
                .map(|finding| finding.message.as_str())
                .collect();
            assert_eq!(messages, Vec::<&str>::new(), "{}", case.title);
            let second = planned(&after, &case.title);
            assert_eq!(second.changes, Changes::default(), "{}", case.title);
            assert!(after.has(FILE), "{}", case.title);
            // What the user had before may be open.
            let is_ours = !tree_of_variant(&case).has("Dockerfile");
            let open: Vec<_> = posture(&App::new(&after))
                .into_iter()
                .filter(|_| is_ours)
                .filter(|side| side.is_closed != Some(true))
                .map(|side| side.text)
                .collect();
            assert_eq!(open, Vec::<String>::new(), "{}", case.title);
        }
    }
}
