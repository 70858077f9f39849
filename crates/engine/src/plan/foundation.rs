//! Files of the user's that the Solid trio and the databases need something in.
//!
//! They are changed before anything else is thought: what is written for the deploy follows from
//! what `config/database.yml` will say. Lines are added, or a section is offered anew; nothing of
//! the user's is taken away unasked.

use std::fmt::Write as _;

use syntax::Edit;
use syntax::yaml::Node;

use super::intent::{Choice, Intent};
use super::view::IN_PUMA;
use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::App;
use crate::facts::database::{self, Adapter};
use crate::facts::rails::PRODUCTION;
use crate::facts::setting::Setting;
use crate::tree::{Path, Source};

/// How the trio's data is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A database for each.
    Separate,
    /// Tables in the app's own database.
    Single,
}

impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Separate => "a database for each",
            Self::Single => "in the app's own database",
        })
    }
}

/// A file of the user's that needs something which is not in it yet.
#[derive(Debug)]
pub(super) struct EditedFile {
    pub(super) path: Path,
    /// All of it, as it would be.
    pub(super) text: String,
    /// Whether lines are only added, so that nothing of the user's is lost.
    pub(super) only_adds: bool,
    /// Whether a choice of the user's asks for just this.
    pub(super) is_chosen: bool,
    /// What it gets, in words.
    pub(super) what: &'static str,
}

/// The parts of the trio: the gem, and its database.
pub(super) const PARTS: [(&str, &str); 3] = [
    ("solid_cache", "cache"),
    ("solid_queue", "queue"),
    ("solid_cable", "cable"),
];

/// How the trio's data is kept: as chosen, as the app has it, else apart. Nothing where the bundle
/// has no part of the trio.
pub(super) fn form(app: &App<'_>, intent: &Intent) -> Option<Fact<Form>> {
    let gems: Vec<(&str, &str, Fact<String>)> = PARTS
        .iter()
        .filter_map(|(gem, database)| Some((*gem, *database, app.gems().shipped(gem).known()?)))
        .collect();
    let first = gems.first()?.2.clone();
    if let Some(chosen) = intent.one(Choice::Solid) {
        let form = if chosen.value == "single" {
            Form::Single
        } else {
            Form::Separate
        };
        return Some(chosen.map(|_| form));
    }
    let databases = app.databases().known();
    let separate = databases
        .iter()
        .flat_map(|databases| databases.iter())
        .find(|database| {
            gems.iter()
                .any(|(_, name, _)| database.name().value == *name)
        });
    if let Some(database) = separate {
        return Some(database.name().clone().map(|_| Form::Separate));
    }
    let in_tables = gems.iter().find(|(gem, ..)| has_tables(app, gem));
    if in_tables.is_some() {
        let place = Place::File("db/migrate".into());
        return Some(Fact::new(
            Form::Single,
            Origin::at(place, "the tables are made here"),
        ));
    }
    Some(first.map(|_| Form::Separate))
}

/// Whether the app's own migrations or its schema make the tables of a gem.
pub(super) fn has_tables(app: &App<'_>, gem: &str) -> bool {
    let in_migrations = app
        .tree()
        .folder("db/migrate")
        .unwrap_or_default()
        .iter()
        .any(|file| file.name.contains(gem));
    let table = format!("create_table \"{gem}_");
    in_migrations
        || app
            .tree()
            .source("db/schema.rb")
            .is_some_and(|schema| schema.text().contains(&table))
}

/// What looks whether a file of the user's needs something, one for each file.
type Look = fn(&App<'_>, &Intent) -> Option<EditedFile>;

/// All of them; what an earlier one changes, a later one may build on.
pub(super) const LOOKS: [Look; 6] = [
    one_database,
    one_cache,
    database_yml,
    production_rb,
    puma_rb,
    cable_yml,
];

/// What was chosen, and is not so after all looks: a file is written in a way that is not changed here.
pub(super) fn left_undone(app: &App<'_>, intent: &Intent) -> Vec<String> {
    let mut left = Vec::new();
    let parts = || {
        PARTS
            .iter()
            .filter(|(gem, _)| app.gems().shipped(gem).is_known())
    };
    let has_file = app.tree().source(database::FILE).is_some();
    if has_file && is_chosen(intent, Form::Separate) {
        let lacks = |(_, name): &&(&str, &str)| app.database(name).is_none();
        left.extend(
            parts()
                .filter(lacks)
                .map(|(_, name)| format!("`{name}` below `production` in {}", database::FILE)),
        );
    }
    if has_file && is_chosen(intent, Form::Single) {
        let has = |(_, name): &&(&str, &str)| app.database(name).is_some();
        left.extend(
            parts().filter(has).map(|(_, name)| {
                format!("`{name}` taken out of `production` in {}", database::FILE)
            }),
        );
    }
    let text = app.tree().source(database::FILE).map_or("", Source::text);
    if has_file && wants_fields(app, intent, text) {
        left.push(format!(
            "DATABASE_HOST and its siblings in {}",
            database::FILE
        ));
    }
    left.into_iter()
        .map(|what| {
            format!(
                "You chose {what}, and the file is written in a way that init does not change: do it by hand, and run init again."
            )
        })
        .collect()
}

/// `config/database.yml` without the entries of the trio, where its tables are to be in the app's own.
fn one_database(app: &App<'_>, intent: &Intent) -> Option<EditedFile> {
    let source = app
        .tree()
        .source(database::FILE)
        .filter(|source| source.is_exact())?;
    // With init's own variables the section is written anew.
    if !is_chosen(intent, Form::Single) || wants_fields(app, intent, source.text()) {
        return None;
    }
    // The last ones first: an entry may lean on one above it.
    let text = PARTS
        .iter()
        .rev()
        .try_fold(source.text().to_owned(), |text, (_, name)| {
            super::memory::without(&text, &["production", name])
        })?;
    (text != source.text()).then(|| EditedFile {
        path: source.path().clone(),
        text,
        only_adds: false,
        is_chosen: true,
        what: "one database for all",
    })
}

/// `config/cache.yml` without the name of a database that is gone.
fn one_cache(app: &App<'_>, intent: &Intent) -> Option<EditedFile> {
    if !is_chosen(intent, Form::Single) {
        return None;
    }
    let source = app
        .tree()
        .source("config/cache.yml")
        .filter(|source| source.is_exact())?;
    let text = super::memory::without(source.text(), &["production", "database"])?;
    (text != source.text()).then(|| EditedFile {
        path: source.path().clone(),
        text,
        only_adds: false,
        is_chosen: true,
        what: "the app's own database for the cache",
    })
}

/// Whether init's own variables are to be read, and are not yet.
fn wants_fields(app: &App<'_>, intent: &Intent, text: &str) -> bool {
    let is_sqlite = app
        .adapter()
        .known()
        .is_some_and(|adapter| adapter.value == Adapter::Sqlite);
    intent
        .one(Choice::DatabaseEnv)
        .is_some_and(|chosen| chosen.value == "fields")
        && !is_sqlite
        && !["HOST", "NAME", "USERNAME", "PASSWORD"]
            .iter()
            .all(|field| text.contains(&format!("DATABASE_{field}")))
}

/// `config/database.yml` with an entry for each part of the trio, or with init's own variables.
fn database_yml(app: &App<'_>, intent: &Intent) -> Option<EditedFile> {
    let form = form(app, intent).map(|form| form.value);
    let source = app
        .tree()
        .source(database::FILE)
        .filter(|source| source.is_exact())?;
    let adapter = app.adapter().known()?.value;
    let names: Vec<&str> = if form == Some(Form::Separate) {
        PARTS
            .iter()
            .filter(|(gem, _)| app.gems().shipped(gem).is_known())
            .map(|(_, database)| *database)
            .collect()
    } else {
        Vec::new()
    };
    let missing: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| app.database(name).is_none())
        .collect();
    let wants_fields = wants_fields(app, intent, source.text());
    if !wants_fields && missing.is_empty() {
        return None;
    }
    let production = Production::of(source)?;
    let text = if wants_fields {
        production.with(&production.fields(adapter, &names)?)
    } else {
        production.with(&production.split(app, &missing)?)
    };
    let changed = Source::new(source.path().clone(), text.clone());
    // What comes out has to be what was meant; else nothing is offered.
    let mut after = app.tree().clone();
    after.insert(changed);
    let after = App::new(&after);
    let is_complete =
        after.adapter().is_known() && names.iter().all(|name| after.database(name).is_some());
    (is_complete && source.yaml().errors.is_empty()).then(|| EditedFile {
        path: source.path().clone(),
        text,
        only_adds: false,
        is_chosen: wants_fields || intent.one(Choice::Solid).is_some(),
        what: "production's databases",
    })
}

/// The section `production:` of a file, as lines.
struct Production<'a> {
    text: &'a str,
    /// From `production:` to its last line.
    lines: std::ops::Range<usize>,
    /// The lines behind `production:`.
    body: &'a str,
    /// Its keys: names of databases, or settings of the only one.
    names: Vec<&'a str>,
    is_several: bool,
}

impl<'a> Production<'a> {
    /// `None` if the section is written in a way that is not taken apart here.
    fn of(source: &'a Source) -> Option<Self> {
        let text = source.text();
        let root = source.yaml().root().map(Node::resolved)?;
        let entry = root.get("production")?;
        let value = entry.value;
        // What other environments take from it would be another thing.
        let before = entry.key.span().end as usize..value.span().start as usize;
        let is_anchored = text.get(before).is_none_or(|text| text.contains('&'));
        if entry.conditional || !value.is_mapping() || is_anchored {
            return None;
        }
        let start = line_start(text, entry.key.span().start as usize);
        let end = line_end(text, value.span().end as usize);
        let body_start = text[start..]
            .find('\n')
            .map_or(text.len(), |newline| start + newline + 1);
        let body = text.get(body_start..end)?;
        let is_block = value.span().start as usize >= body_start;
        // What stands between `<% if %>` and `<% end %>` would be torn apart.
        let has_control = body
            .match_indices("<%")
            .any(|(at, _)| !body[at..].starts_with("<%="));
        let is_several = value
            .entries()
            .iter()
            .all(|entry| entry.value.resolved().is_mapping());
        let entries = value.own_entries();
        let names = entries
            .iter()
            .filter_map(|entry| text.get(entry.key.span().range()));
        (is_block && !has_control).then_some(Self {
            text,
            lines: start..end,
            body,
            names: names.collect(),
            is_several,
        })
    }

    /// The whole file with another section.
    fn with(&self, section: &str) -> String {
        let mut text = self.text.to_owned();
        text.replace_range(self.lines.clone(), section);
        text
    }

    /// The section with the same settings for the first database, and an entry for each other.
    fn split(&self, app: &App<'_>, names: &[&str]) -> Option<String> {
        let mut section = String::from("production:\n");
        if self.is_several {
            section.push_str(self.body);
            if !section.ends_with('\n') {
                section.push('\n');
            }
        } else {
            section.push_str("  primary: &primary_production\n");
            for line in self.body.lines() {
                if line.is_empty() {
                    section.push('\n');
                } else {
                    section.extend(["  ", line, "\n"]);
                }
            }
        }
        let anchor = if self.is_several {
            self.anchor()?
        } else {
            "primary_production"
        };
        let first = app.databases().known()?.value.into_iter().next()?;
        let database = self.raw("database");
        let is_sqlite = app.adapter().known()?.value == Adapter::Sqlite;
        for name in names {
            let _ = write!(section, "  {name}:\n    <<: *{anchor}\n");
            match &database {
                Some(database) => {
                    let own = suffixed(database, name, is_sqlite);
                    let _ = writeln!(section, "    database: {own}");
                }
                None if first.url().is_absent() => return None,
                None => {}
            }
            // A URL that is merged from the first database would win over `database`.
            if !first.url().is_absent() {
                let variable = format!("{}_DATABASE_URL", name.to_uppercase());
                let _ = writeln!(section, "    url: <%= ENV[\"{variable}\"] %>");
            }
            let _ = writeln!(section, "    migrations_paths: db/{name}_migrate");
        }
        Some(section)
    }

    /// The anchor of the first entry.
    fn anchor(&self) -> Option<&'a str> {
        let line = self
            .body
            .lines()
            .find(|line| line.trim_end().contains(": &"))?;
        line.split_once(": &").map(|(_, anchor)| anchor.trim())
    }

    /// A value of the first database, as it is written.
    fn raw(&self, key: &str) -> Option<String> {
        let prefix = format!("{key}:");
        self.body.lines().find_map(|line| {
            let value = line.trim_start().strip_prefix(&prefix)?.trim();
            (!value.is_empty()).then(|| value.trim_matches(['"', '\'']).to_owned())
        })
    }

    /// A section that reads `DATABASE_HOST` and its siblings. `None` if there are databases besides the
    /// trio's, which would be lost.
    fn fields(&self, adapter: Adapter, names: &[&str]) -> Option<String> {
        let is_known =
            |name: &str| name == "primary" || PARTS.iter().any(|(_, database)| *database == name);
        if self.is_several && !self.names.iter().all(|name| is_known(name)) {
            return None;
        }
        let name = match adapter {
            Adapter::PostgreSql => "postgresql",
            Adapter::MySql => "mysql2",
            Adapter::Trilogy => "trilogy",
            Adapter::Sqlite => "sqlite3",
        };
        let port = if adapter == Adapter::PostgreSql {
            "5432"
        } else {
            "3306"
        };
        let basis = match self.raw("<<") {
            Some(merged) => format!("<<: {merged}"),
            None => format!("adapter: {name}"),
        };
        let lines = [
            basis,
            "host: <%= ENV[\"DATABASE_HOST\"] %>".to_owned(),
            format!("port: <%= ENV.fetch(\"DATABASE_PORT\", {port}) %>"),
            "username: <%= ENV[\"DATABASE_USERNAME\"] %>".to_owned(),
            "password: <%= ENV[\"DATABASE_PASSWORD\"] %>".to_owned(),
            "database: <%= ENV[\"DATABASE_NAME\"] %>".to_owned(),
        ];
        let mut section = String::from("production:\n");
        if names.is_empty() {
            for line in &lines {
                section.extend(["  ", line, "\n"]);
            }
            return Some(section);
        }
        section.push_str("  primary: &primary_production\n");
        for line in &lines {
            section.extend(["    ", line, "\n"]);
        }
        for name in names {
            let _ = write!(
                section,
                "  {name}:\n    <<: *primary_production\n    database: <%= ENV[\"DATABASE_NAME\"] %>_{name}\n    migrations_paths: db/{name}_migrate\n"
            );
        }
        Some(section)
    }
}

/// A database's name or file, for another one beside it.
fn suffixed(database: &str, name: &str, is_file: bool) -> String {
    match database.rsplit_once('.') {
        Some((stem, ending)) if is_file && !ending.contains('/') => {
            format!("{stem}_{name}.{ending}")
        }
        _ => format!("{database}_{name}"),
    }
}

/// `production.rb` with the settings that the installers of the trio write into it.
///
/// Only where the user asked for it: a bundle can have the gems without meaning to use them.
fn production_rb(app: &App<'_>, intent: &Intent) -> Option<EditedFile> {
    intent.one(Choice::Solid)?;
    let form = form(app, intent)?.value;
    let source = app
        .tree()
        .source(PRODUCTION)
        .filter(|source| source.is_exact())?;
    let rails = app.rails();
    // A setting without the tables that it needs would stop the app at boot.
    let has = |gem: &str, database: &str| {
        app.gems().shipped(gem).is_known()
            && match form {
                Form::Separate => app
                    .database(database)
                    .and_then(|database| database.schema_file().known())
                    .is_some_and(|file| app.tree().has(&file)),
                Form::Single => has_tables(app, gem),
            }
    };
    let mut lines: Vec<&str> = Vec::new();
    if has("solid_cache", "cache") && rails.setting("config.cache_store").is_absent() {
        lines.push("config.cache_store = :solid_cache_store");
    }
    let queue_adapter = app.solid().job_adapter();
    if has("solid_queue", "queue") && queue_adapter.is_absent() {
        lines.push("config.active_job.queue_adapter = :solid_queue");
    }
    let uses_queue = queue_adapter.is_absent()
        || matches!(&queue_adapter, Answer::Is(adapter) if adapter.value == "solid_queue");
    if has("solid_queue", "queue")
        && uses_queue
        && form == Form::Separate
        && rails.setting("config.solid_queue.connects_to").is_absent()
    {
        lines.push("config.solid_queue.connects_to = { database: { writing: :queue } }");
    }
    let text = source.text();
    let document = source.ruby();
    // What connected jobs to a database of their own would look for one that is gone.
    let mut edits: Vec<Edit> = document
        .settings("config.solid_queue.connects_to")
        .filter(|_| is_chosen(intent, Form::Single))
        .filter_map(|call| document.remove(text, call))
        .collect();
    if lines.is_empty() && edits.is_empty() {
        return None;
    }
    let block = document
        .calls
        .iter()
        .find(|call| call.name.value == "configure")
        .and_then(|call| call.block)?;
    let only_adds = edits.is_empty();
    if !lines.is_empty() {
        let lines = format!(
            "\n# The Solid trio: cache and jobs in databases, without another service.\n{}\n",
            lines.join("\n")
        );
        edits.push(document.insert_at_end(text, &block, &lines)?);
    }
    let text = syntax::edit::apply(text, &edits).ok()?;
    Some(EditedFile {
        path: source.path().clone(),
        text,
        only_adds,
        is_chosen: true,
        what: "settings of the Solid trio",
    })
}

/// Puma's file with the plugin that runs jobs, where the user wants them there.
fn puma_rb(app: &App<'_>, intent: &Intent) -> Option<EditedFile> {
    let wants = intent
        .one(Choice::Jobs)
        .is_some_and(|chosen| chosen.value == "puma");
    if !wants
        || !app.gems().shipped("solid_queue").is_known()
        || !app.puma().solid_queue_plugin().is_absent()
    {
        return None;
    }
    let source = app.puma().source().filter(|source| source.is_exact())?;
    if !source.ruby().errors.is_empty() {
        return None;
    }
    let ending = if source.text().contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let text = format!(
        "{}{ending}{ending}# Jobs run beside the web server while this is set.{ending}plugin :solid_queue if ENV[\"{IN_PUMA}\"]{ending}",
        source.text().trim_end()
    );
    Some(EditedFile {
        path: source.path().clone(),
        text,
        only_adds: true,
        is_chosen: true,
        what: "the plugin for jobs",
    })
}

/// Whether the user said that the trio is to be in this form.
fn is_chosen(intent: &Intent, form: Form) -> bool {
    let word = match form {
        Form::Separate => "separate",
        Form::Single => "single",
    };
    intent
        .one(Choice::Solid)
        .is_some_and(|chosen| chosen.value == word)
}

/// `config/cable.yml` with Solid Cable in production.
fn cable_yml(app: &App<'_>, intent: &Intent) -> Option<EditedFile> {
    let form = form(app, intent)?.value;
    let source = app
        .tree()
        .source("config/cable.yml")
        .filter(|source| source.is_exact())?;
    let adapter = app.solid().cable_adapter();
    // What connected to a database of its own would look for one that is gone.
    let is_left = is_chosen(intent, Form::Single)
        && Setting::of_file(source)
            .and_then(|root| root.dig(&["production", "connects_to"]))
            .is_known();
    let is_other = match &adapter {
        Answer::Is(adapter) => adapter.value != "solid_cable" || is_left,
        Answer::Absent(_) => true,
        Answer::Unknown(..) => false,
    };
    if !is_other || !app.gems().shipped("solid_cable").is_known() {
        return None;
    }
    let is_adapter = |adapter: &Fact<String>| adapter.value == "solid_cable";
    if is_left && adapter.known().as_ref().is_some_and(is_adapter) {
        let keys = ["production", "connects_to"];
        let text = super::memory::without(source.text(), &keys)?;
        return Some(EditedFile {
            path: source.path().clone(),
            text,
            only_adds: false,
            is_chosen: true,
            what: "the app's own database for Solid Cable",
        });
    }
    let production = Production::of(source)?;
    let connects = match form {
        Form::Separate => "  connects_to:\n    database:\n      writing: cable\n",
        Form::Single => "",
    };
    let section = format!(
        "production:\n  adapter: solid_cable\n{connects}  polling_interval: 0.1.seconds\n  message_retention: 1.day\n"
    );
    Some(EditedFile {
        path: source.path().clone(),
        text: production.with(&section),
        only_adds: false,
        is_chosen: intent.one(Choice::Solid).is_some(),
        what: "Solid Cable in production",
    })
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Just behind the line that holds the byte before `offset`.
fn line_end(text: &str, offset: usize) -> usize {
    if text[..offset].ends_with('\n') && offset > 0 {
        // An empty line start: the value ended with its line.
        return offset;
    }
    text[offset..]
        .find('\n')
        .map_or(text.len(), |newline| offset + newline + 1)
}
