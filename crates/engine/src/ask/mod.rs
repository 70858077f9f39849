//! Answers to questions, from what the app is.
//!
//! A topic is a page in `knowledge/topics`. [`find`] picks the ones that a question is about; [`reply`] says
//! what is so in this app, what there is to change, and how.

mod condition;
mod find;
mod here;
mod topic;

use crate::App;
use crate::change::{Change, Changes};
use crate::facts::kamal::Destination;
use crate::facts::listing::{self, Row};
use crate::finding::{Finding, Safety};
use crate::plan::{self, Choice, Estimate, FILE, Intent, Obstacle, Plan, State};
use crate::rules::{Profile, Selection, check};
use crate::tree::{Path, Tree};

pub use find::{Match, find};
pub use topic::{TOPICS, Topic};

use condition::Pattern;
use here::Here;

/// What is said of a topic in one app.
#[derive(Debug)]
pub struct Reply {
    /// The topic.
    pub topic: &'static Topic,
    /// Whether the app has it already; nothing where there is no app.
    pub is_so: Option<bool>,
    /// The answer in a sentence or two, Markdown.
    pub short: String,
    /// What the app's files say of it.
    pub now: Vec<Row>,
    /// How large the image will be, where that is what was asked.
    pub estimate: Option<Estimate>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What would be written.
    pub changes: Changes,
    /// Files that `init` would write otherwise, and that stay as they are the user's.
    pub kept: Vec<Path>,
    /// What keeps `init` from writing them.
    pub obstacles: Vec<Obstacle>,
    /// What to do or to run.
    pub steps: Vec<String>,
    /// Why, Markdown.
    pub why: String,
    /// How to see that it is so.
    pub verify: Vec<String>,
    /// What to look at next.
    pub next: Vec<String>,
}

/// Says of a topic what there is to say; `destination` is the one that is asked about, if any is.
///
/// # Panics
///
/// If a page is wrong: a mistake in the program that its tests find.
pub fn reply(topic: &'static Topic, app: Option<&App<'_>>, destination: Option<&str>) -> Reply {
    let Some(app) = app else {
        return general(topic);
    };
    let destinations = app.destinations();
    let destination = destinations
        .iter()
        .find(|own| destination.is_none_or(|name| own.name() == Some(name)));
    let rows = rows(app, destination);
    let findings = findings(topic, app, destination);
    let written = Written::of(topic, app);
    let mut changes = written.changes;
    let fixes = findings.iter().filter_map(|finding| finding.fix.as_ref());
    let safe = fixes.filter(|fix| fix.safety == Safety::Safe);
    let safe = safe.map(|fix| fix.changes.clone());
    add(&mut changes, safe, app.tree());
    let here = Here::of(app, destination, &rows);
    set(&mut changes, topic, app.tree(), destination, &here);
    let is_so = topic.is_in(app.tree(), &rows) && findings.is_empty() && changes.is_empty();
    let here = here.where_it_is(is_so);
    let now = topic
        .facts()
        .iter()
        .flat_map(|fact| Pattern::of(fact).shown(&rows))
        .cloned()
        .collect();
    let mut kept = written.kept;
    kept.retain(|path| !is_so && changes.0.iter().all(|change| change.path() != path));
    Reply {
        is_so: Some(is_so),
        now,
        estimate: written.estimate.filter(|_| topic.is_about_size()),
        findings,
        changes,
        kept,
        obstacles: written.obstacles,
        ..said(topic, &here)
    }
}

/// What is said where there is no app.
fn general(topic: &'static Topic) -> Reply {
    let tree = Tree::default();
    let app = App::new(&tree);
    said(topic, &Here::of(&app, None, &[]))
}

/// The prose of a topic.
fn said(topic: &'static Topic, here: &Here) -> Reply {
    Reply {
        topic,
        is_so: None,
        short: here.render(topic.what()),
        now: Vec::new(),
        estimate: None,
        findings: Vec::new(),
        changes: Changes::default(),
        kept: Vec::new(),
        obstacles: Vec::new(),
        steps: here.items(topic, "What to do"),
        why: topic.why().to_owned(),
        verify: here.items(topic, "How to verify"),
        next: here.items(topic, "What next"),
    }
}

/// The app's facts, without those of other destinations.
fn rows(app: &App<'_>, destination: Option<&Destination<'_>>) -> Vec<Row> {
    let name = destination.and_then(Destination::name);
    let mut rows = listing::list(app);
    rows.retain(|row| condition::is_of(&row.name, name));
    rows
}

/// What the topic's rules find.
fn findings(topic: &Topic, app: &App<'_>, destination: Option<&Destination<'_>>) -> Vec<Finding> {
    if topic.rules().is_empty() {
        return Vec::new();
    }
    let selection = Selection {
        select: topic.rules().to_vec(),
        profile: Profile::Default,
        destination: destination.and_then(|own| Some(own.name()?.to_owned())),
        ..Selection::default()
    };
    check(app, &selection).findings
}

/// What `init` has for a topic.
#[derive(Default)]
struct Written {
    changes: Changes,
    kept: Vec<Path>,
    obstacles: Vec<Obstacle>,
    estimate: Option<Estimate>,
}

impl Written {
    fn of(topic: &Topic, app: &App<'_>) -> Self {
        if topic.files().is_empty() && !topic.is_about_size() {
            return Self::default();
        }
        let mut intent = Intent::remembered(app);
        for (key, value) in topic.chosen() {
            // A test holds that there are such choices.
            if let Some(choice) = Choice::named(key) {
                intent.choose(choice, vec![value.clone()]);
            }
        }
        intent.only = topic
            .files()
            .iter()
            .filter_map(|path| Path::new(path))
            .collect();
        match plan::plan(app, &intent) {
            Ok(plan) => Self::from(plan),
            Err(obstacles) => Self {
                obstacles,
                ..Self::default()
            },
        }
    }

    fn from(plan: Plan) -> Self {
        let is_new = |state: State| !matches!(state, State::Unchanged | State::Kept);
        let kept = plan.files.iter().filter(|file| file.state == State::Kept);
        let kept = kept.map(|file| file.path.clone()).collect();
        let mut changes = plan.changes;
        // To remember a choice alone is no change of the app.
        if !plan.files.iter().any(|file| is_new(file.state)) {
            changes.0.retain(|change| change.path().as_str() != FILE);
        }
        Self {
            changes,
            kept,
            obstacles: Vec::new(),
            estimate: Some(plan.estimate),
        }
    }
}

/// Makes the settings of a topic that are absent, one after the other, as each may stand in what the one before has
/// made. One that comes out empty is none of this app's.
fn set(
    changes: &mut Changes,
    topic: &'static Topic,
    tree: &Tree,
    destination: Option<&Destination<'_>>,
    here: &Here,
) {
    let mut after = tree.clone();
    if changes.apply(&mut after).is_err() {
        return;
    }
    let mut changed: Vec<Path> = Vec::new();
    let mut make = |make: &dyn Fn(&App<'_>) -> Option<Changes>| {
        let Some(made) = make(&App::new(&after)) else {
            return;
        };
        if made.apply(&mut after).is_ok() {
            changed.extend(made.0.iter().map(|change| change.path().clone()));
        }
    };
    for (key, value) in topic.deploy() {
        let value = here.render(value);
        if value.is_empty() || destination.is_none() {
            continue;
        }
        make(&|app| {
            let destinations = app.destinations();
            let name = destination.and_then(Destination::name);
            let own = destinations.iter().find(|own| own.name() == name)?;
            let keys: Vec<&str> = key.split('.').collect();
            own.root().dig(&keys).absent()?;
            match keys.as_slice() {
                ["env", "clear", name] => own.set_variable(name, &value),
                keys => own.root().set(keys, &value),
            }
        });
    }
    for (setting, value) in topic.production() {
        make(&|app| {
            app.rails().setting(setting).absent()?;
            app.rails().set(setting, value, "config.eager_load")
        });
    }
    changed.sort();
    changed.dedup();
    for path in changed {
        let Some(source) = after.source(&path) else {
            continue;
        };
        changes.0.retain(|change| *change.path() != path);
        changes.0.push(Change::Create {
            text: source.text().to_owned(),
            executable: source.is_executable(),
            path,
        });
    }
}

/// Adds further changes, but for those of files that are written whole, and those that touch what others
/// change.
fn add(changes: &mut Changes, further: impl IntoIterator<Item = Changes>, tree: &Tree) {
    let whole = |change: &Change| matches!(change, Change::Create { .. });
    let written: Vec<Path> = changes
        .0
        .iter()
        .filter(|change| whole(change))
        .map(|change| change.path().clone())
        .collect();
    for one in further {
        if one.0.iter().any(|change| written.contains(change.path())) {
            continue;
        }
        let mut together = changes.clone();
        together.extend(one);
        if together.outcomes(tree).is_ok() {
            *changes = together;
        }
    }
}

/// Whether a topic's pattern of facts means the fact of that name.
pub fn is_named(pattern: &str, name: &str) -> bool {
    Pattern::of(pattern).matches(name)
}
