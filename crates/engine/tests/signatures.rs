//! Every signature's page is its test: a log, perhaps an app, and what is said of them.

// Tests read and write what the engine may not.
#![allow(clippy::disallowed_methods)]

mod harness;

use std::collections::BTreeSet;
use std::fs;

use engine::diagnose::{Diagnoses, Line, Listener, SIGNATURES, Signature, diagnose};
use engine::render::diagnosis;
use engine::render::text::Style;
use engine::rules::Profile;
use engine::tree::Tree;
use engine::{App, Selection, check};
use harness::{Case, Page, updates, workspace};

fn page(signature: &Signature) -> Page {
    let file = signature.id().replace('-', "_");
    let path = workspace().join(format!("crates/engine/knowledge/signatures/{file}.md"));
    Page {
        text: fs::read_to_string(&path).expect("the page is there"),
        path,
    }
}

fn log(case: &Case) -> &str {
    let mut logs = case.expected.iter().filter(|(name, ..)| name == "log");
    let (_, log, _) = logs
        .next()
        .unwrap_or_else(|| panic!("{}: a log", case.title));
    log
}

fn heard(log: &str, tree: Option<&Tree>) -> Diagnoses {
    let mut listener = Listener::new("log");
    listener.feed(log.as_bytes());
    let selection = Selection {
        profile: Profile::Pedantic,
        ..Selection::default()
    };
    let report = tree.map(|tree| check(&App::new(tree), &selection));
    diagnose(&listener.finish(), report.as_ref())
}

fn is_silent(case: &Case) -> bool {
    case.title.starts_with("Silent: ")
}

#[test]
fn pages_are_true() {
    let mut wrong = Vec::new();
    for signature in SIGNATURES.iter() {
        let mut page = page(signature);
        for case in page.cases().iter().rev() {
            let tree = case.tree();
            let has_app = !case.files.is_empty();
            let diagnoses = heard(log(case), has_app.then_some(&tree));
            let actual = diagnosis::text(&diagnoses, &tree, Style::default());
            let actual = actual.trim_end().to_owned() + if actual.is_empty() { "" } else { "\n" };
            let (_, expected, range) = case
                .expected
                .iter()
                .find(|(name, ..)| name == "diagnosis")
                .unwrap_or_else(|| panic!("{}: a diagnosis", case.title));
            if *expected == actual {
                continue;
            }
            if updates() {
                page.text.replace_range(range.clone(), &actual);
            } else {
                wrong.push(format!("{}: {}\n{actual}", signature.id(), case.title));
            }
        }
        if updates() {
            fs::write(&page.path, &page.text).expect("the page can be written");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_signature_knows_its_own_logs_and_no_others() {
    for signature in SIGNATURES.iter() {
        let cases = page(signature).cases();
        let is_own = |case: &Case| {
            let diagnoses = heard(log(case), None);
            let all = diagnoses.all.iter().chain(&diagnoses.noise);
            let ids: BTreeSet<String> = all.map(|own| own.signature.id()).collect();
            let is_explained = |id: &String| {
                let other = Signature::named(id).expect("it has the name");
                other.explains(signature)
            };
            let (first, id) = (ids.first(), signature.id());
            if is_silent(case) {
                assert!(!ids.contains(&id), "{id}: {}: {ids:?}", case.title);
                return false;
            }
            assert!(
                first == Some(&id) && ids.len() == 1 || ids.iter().any(is_explained),
                "{id}: {}: {ids:?}",
                case.title
            );
            ids.contains(&id)
        };
        let (own, silent): (Vec<&Case>, Vec<&Case>) =
            cases.iter().partition(|case| !is_silent(case));
        assert!(
            !silent.is_empty(),
            "{}: a log that it is silent on",
            signature.id()
        );
        for case in silent {
            is_own(case);
        }
        assert!(
            own.into_iter().any(is_own),
            "{}: a log of its own",
            signature.id()
        );
    }
}

#[test]
fn every_page_is_in_the_list() {
    let folder = workspace().join("crates/engine/knowledge/signatures");
    let groups = fs::read_dir(folder).expect("the pages are there");
    let pages =
        groups.flat_map(|group| fs::read_dir(group.expect("an entry").path()).expect("a folder"));
    assert_eq!(pages.count(), SIGNATURES.len());
}

/// A message names what was captured, whichever of the lines was there.
#[test]
fn messages_are_whole() {
    for signature in SIGNATURES.iter() {
        let message = signature.message();
        let names = message
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next());
        for name in names {
            let group = format!("(?P<{name}>");
            let has = |line: &Line| {
                line.like
                    .as_ref()
                    .is_some_and(|like| like.as_str().contains(&group))
            };
            let is_beside = signature.beside().iter().any(has);
            assert!(
                is_beside || signature.lines().iter().all(has),
                "{}: no {name} for `{message}`",
                signature.id()
            );
        }
    }
}

#[test]
fn every_page_says_why_and_what_to_do() {
    let mut names = BTreeSet::new();
    for signature in SIGNATURES.iter() {
        let id = signature.id();
        let title = format!("# {id}\n");
        assert!(signature.markdown().starts_with(&title), "{id}: its title");
        assert!(!signature.why().is_empty(), "{id}: why");
        assert!(!signature.verify().is_empty(), "{id}: how to verify");
        assert!(!signature.sources().is_empty(), "{id}: sources");
        assert!(
            signature.is_noise() || !signature.steps().is_empty(),
            "{id}: what to do"
        );
        assert!(
            signature.causes().count() < 20,
            "{id}: its causes are rules"
        );
        for other in signature.explained() {
            let is_known = SIGNATURES.iter().any(|known| {
                known.id() == *other
                    || other
                        .strip_suffix('*')
                        .is_some_and(|group| known.id().starts_with(group))
            });
            assert!(is_known, "{id} explains {other}, which nobody knows");
        }
        for name in signature.aliases().iter().chain([&id]) {
            assert!(names.insert(name.clone()), "{name} is the name of two");
        }
    }
}

#[test]
fn a_pattern_matches_only_what_has_its_text() {
    for signature in SIGNATURES.iter() {
        let lines = signature
            .lines()
            .iter()
            .chain(signature.beside())
            .chain(signature.never());
        for line in lines {
            assert!(
                line.has.len() >= 5,
                "{}: `{}` is in any log",
                signature.id(),
                line.has
            );
            assert!(!line.has.contains('\n'), "{}: one line", signature.id());
        }
    }
}

/// A log is heard the same however it comes.
#[test]
fn pieces_change_nothing() {
    for signature in SIGNATURES.iter() {
        for case in page(signature).cases() {
            let log = log(&case);
            let whole = diagnosis::json(&heard(log, None), &Tree::default());
            for size in [1, 7, 64] {
                let mut listener = Listener::new("log");
                for piece in log.as_bytes().chunks(size) {
                    listener.feed(piece);
                }
                let pieces = diagnosis::json(&diagnose(&listener.finish(), None), &Tree::default());
                assert_eq!(whole, pieces, "{}: {}", signature.id(), case.title);
            }
            let dressed: Vec<String> = log
                .lines()
                .map(|line| format!("\u{1b}[31m{line}\u{1b}[0m\r\n"))
                .collect();
            let dressed = dressed.concat();
            let coloured = heard(&dressed, None);
            let ids = |diagnoses: &Diagnoses| -> Vec<String> {
                diagnoses.all.iter().map(|own| own.signature.id()).collect()
            };
            assert_eq!(ids(&coloured), ids(&heard(log, None)), "{}", case.title);
        }
    }
}
