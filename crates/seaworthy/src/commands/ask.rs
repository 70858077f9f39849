//! `seaworthy ask`

use std::fmt::Write as _;
use std::path::PathBuf;

use engine::App;
use engine::ask::{Match, Reply, TOPICS, Topic, find, reply};
use engine::render::json::VERSION;
use engine::render::reply as render;
use engine::tree::Tree;
use serde_json::json;

use crate::arguments::{Ask, Global};
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, apply, disk};

/// How many other topics are named beside the answer.
const OTHERS: usize = 3;

/// How much of the best score another topic must have to be named.
const NEARLY: f64 = 0.6;

pub(crate) fn run(global: &Global, ask: &Ask, output: &Output) -> Result<Verdict, Error> {
    let question = ask.question.join(" ");
    if question.trim().is_empty() {
        return list(output);
    }
    let found = find(&question);
    let Some(best) = found.first() else {
        return nothing(output);
    };
    let others = others(&found);
    let root: Option<PathBuf> = disk::the_app(global.directory.as_deref()).ok();
    let tree = root.as_deref().map(disk::read);
    let app = tree.as_ref().map(App::new);
    if let (Some(app), Some(name)) = (&app, &global.destination) {
        refuse_unknown(app, name)?;
    }
    let reply = reply(best.topic, app.as_ref(), global.destination.as_deref());
    let empty = Tree::default();
    let tree = tree.as_ref().unwrap_or(&empty);
    if ask.diff {
        output.result(&render::diff(&reply, tree))?;
        return Ok(Verdict::Fine);
    }
    if output.is_json() {
        output.json(&render::json(&reply, &others, tree))?;
    } else {
        output.result(&render::text(&reply, &others, tree, output.style()))?;
    }
    if ask.apply {
        write(&reply, root, tree, output)?;
    }
    Ok(Verdict::Fine)
}

/// The topics that fit nearly as well as the first.
fn others(found: &[Match]) -> Vec<&'static Topic> {
    let best = found.first().map_or(0.0, |best| best.score);
    let nearly = found
        .iter()
        .skip(1)
        .filter(|other| other.score >= NEARLY * best);
    nearly.take(OTHERS).map(|other| other.topic).collect()
}

fn write(reply: &Reply, root: Option<PathBuf>, tree: &Tree, output: &Output) -> Result<(), Error> {
    let Some(root) = root else {
        return Err(Error::new("there is no Rails app here to change")
            .hint("run it in the app's folder, or give it with -C"));
    };
    if reply.changes.is_empty() {
        output.note("nothing to write");
        return Ok(());
    }
    apply::apply(&root, tree, &reply.changes)?;
    for change in &reply.changes.0 {
        output.note(&format!("written: {}", change.path()));
    }
    Ok(())
}

fn refuse_unknown(app: &App<'_>, name: &str) -> Result<(), Error> {
    let destinations = app.destinations();
    if destinations.iter().any(|own| own.name() == Some(name)) {
        return Ok(());
    }
    Err(
        Error::new(format!("there is no destination called `{name}`"))
            .hint("`seaworthy config` shows those that there are"),
    )
}

/// No topic fits: what there are is said to be asked for, and nothing is guessed.
fn nothing(output: &Output) -> Result<Verdict, Error> {
    if output.is_json() {
        output.json(&json!({ "version": VERSION, "topic": null, "others": [] }))?;
    }
    output.note(
        "no topic fits that question: `seaworthy ask` lists all; a log is for `seaworthy diagnose`",
    );
    Ok(Verdict::Negative)
}

fn list(output: &Output) -> Result<Verdict, Error> {
    if output.is_json() {
        let topics: Vec<_> = TOPICS
            .iter()
            .map(|topic| {
                json!({
                    "topic": topic.name(),
                    "title": topic.title(),
                    "questions": topic.questions(),
                })
            })
            .collect();
        output.json(&json!({ "version": VERSION, "topics": topics }))?;
        return Ok(Verdict::Fine);
    }
    let mut text = String::new();
    for topic in TOPICS.iter() {
        let _ = writeln!(text, "{:<28} {}", topic.name(), topic.title());
    }
    output.result(&text)?;
    Ok(Verdict::Fine)
}
