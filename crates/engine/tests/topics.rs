//! Every topic's page is its test: an app, and what is answered in it.
//!
//! A case starts from a golden app, `Base: name` as it is or `Clean: name` as it is after `init`; or from its
//! own files alone. A title that begins with *Already so* says what the answer has to be.

// Tests read and write what the engine may not.
#![allow(clippy::disallowed_methods)]

mod harness;

use std::collections::BTreeSet;
use std::fs;

use engine::App;
use engine::ask::{Reply, TOPICS, Topic, find, reply};
use engine::facts::listing;
use engine::plan::Choice;
use engine::render::reply as render;
use engine::render::text::Style;
use engine::rules::Selection;
use engine::tree::Tree;
use harness::{Case, Page, updates, workspace};

fn page(topic: &Topic) -> Page {
    let file = topic.name().replace('-', "_");
    let path = workspace().join(format!("crates/engine/knowledge/topics/{file}.md"));
    Page {
        text: fs::read_to_string(&path).expect("the page is there"),
        path,
    }
}

fn is_already_so(case: &Case) -> bool {
    case.title.starts_with("Already so")
}

fn destination(case: &Case) -> Option<&str> {
    case.said("Destination").first().copied()
}

#[test]
fn pages_are_true() {
    let mut wrong = Vec::new();
    for topic in TOPICS.iter() {
        let mut page = page(topic);
        for case in page.cases().iter().rev() {
            let tree = harness::tree_of_case(case);
            let app = App::new(&tree);
            let reply = reply(topic, Some(&app), destination(case));
            let title = format!("{}: {}", topic.name(), case.title);
            if reply.is_so != Some(is_already_so(case)) {
                wrong.push(format!("{title}: already so is {:?}", reply.is_so));
            }
            let actual = render::text(&reply, &[], &tree, Style::default());
            let [(_, expected, range)] = case.expected.as_slice() else {
                panic!("{title}: one block `reply`");
            };
            if *expected == actual {
                continue;
            }
            if updates() {
                page.text.replace_range(range.clone(), &actual);
            } else {
                wrong.push(format!("{title}\n{actual}"));
            }
        }
        if updates() {
            fs::write(&page.path, &page.text).expect("the page can be written");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_topic_is_a_question_in_one_app_and_already_so_in_another() {
    for topic in TOPICS.iter() {
        let (so, open): (Vec<Case>, Vec<Case>) =
            page(topic).cases().into_iter().partition(is_already_so);
        assert!(!so.is_empty() && !open.is_empty(), "{}", topic.name());
        assert!(topic.can_be_so(), "{}", topic.name());
    }
}

#[test]
fn pages_name_what_there_is() {
    let names: Vec<String> = TOPICS.iter().map(Topic::name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for topic in TOPICS.iter() {
        let name = topic.name();
        let selection = Selection {
            select: topic.rules().to_vec(),
            ..Selection::default()
        };
        assert_eq!(selection.unknown(), None, "{name}");
        for choice in topic.choices() {
            assert!(Choice::named(choice).is_some(), "{name}: {choice}");
        }
        assert!(topic.questions().len() >= 3, "{name}: three questions");
        assert!(!topic.why().is_empty(), "{name}: why");
        // What is asked for next is there.
        for word in topic.markdown().split("`seaworthy ask ").skip(1) {
            let asked = word.split('`').next().unwrap_or_default();
            assert!(names.iter().any(|name| name == asked), "{name}: {asked}");
        }
    }
}

#[test]
fn each_fact_that_is_asked_for_is_one() {
    let names: BTreeSet<String> = TOPICS
        .iter()
        .flat_map(|topic| page(topic).cases())
        .flat_map(|case| listing::list(&App::new(&harness::tree_of_case(&case))))
        .map(|row| row.name)
        .collect();
    for topic in TOPICS.iter() {
        for pattern in topic.facts() {
            assert!(
                names
                    .iter()
                    .any(|name| engine::ask::is_named(pattern, name)),
                "{}: no app of any case has {pattern}",
                topic.name()
            );
        }
    }
}

/// What people asked in these words, and the topics that answer it.
const ASKED: &str = include_str!("questions.tsv");

#[test]
fn questions_lead_to_their_topics() {
    let mut wrong = Vec::new();
    for line in ASKED.lines().filter(|line| !line.starts_with('#')) {
        let (topic, question) = line.split_once('\t').expect("a topic and a question");
        let found = find(question);
        let first = found
            .first()
            .map_or_else(|| "-".to_owned(), |found| found.topic.name());
        if first != topic {
            wrong.push(format!("{question} -> {first}, not {topic}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_an_app_the_answer_is_general() {
    for topic in TOPICS.iter() {
        let reply = reply(topic, None, None);
        assert_eq!(reply.is_so, None);
        assert!(
            reply.changes.is_empty() && !reply.short.is_empty(),
            "{}",
            topic.name()
        );
        let text = render::text(&reply, &[], &Tree::default(), Style::default());
        assert!(text.contains("There is no Rails app here"), "{text}");
    }
}

#[test]
fn what_is_written_makes_no_finding_of_the_topic() {
    for topic in TOPICS.iter() {
        for case in page(topic).cases() {
            let mut tree = harness::tree_of_case(&case);
            let before = reply(topic, Some(&App::new(&tree)), destination(&case));
            before.changes.apply(&mut tree).expect("changes apply");
            let after = reply(topic, Some(&App::new(&tree)), destination(&case));
            assert!(
                after.changes.is_empty(),
                "{}: {}: there is more to change\n{}",
                topic.name(),
                case.title,
                render::diff(&after, &tree)
            );
            // What only the user can say is marked in what is written.
            let found = |reply: &Reply| {
                let all = reply.findings.iter();
                all.filter(|finding| finding.rule.id() != "kamal/placeholder-value")
                    .count()
            };
            assert!(
                found(&after) <= found(&before),
                "{}: {}",
                topic.name(),
                case.title
            );
        }
    }
}
