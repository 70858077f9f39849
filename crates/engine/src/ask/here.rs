//! What the words of a topic's page are filled in with: the names that this app has for things.

use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;

use super::Topic;
use super::condition::{Condition, Pattern};
use crate::App;
use crate::facts::kamal::Destination;
use crate::facts::listing::Row;
use crate::facts::process::Process;
use crate::page;

/// The names that an app and its deploy have for things. Empty where there is none.
#[derive(Debug, Serialize)]
pub(super) struct Here {
    /// Whether the app has it already.
    is_so: bool,
    app: String,
    service: String,
    image: String,
    workdir: String,
    ruby: String,
    /// Whether there is a `config/deploy.yml`.
    has_kamal: bool,
    /// `-d staging` with a space before it.
    #[serde(skip)]
    option: String,
    servers: Vec<String>,
    domain: String,
    /// The role that the proxy serves.
    web: String,
    /// The role that works off jobs, where one does.
    jobs_role: String,
    roles: Vec<String>,
    accessories: Vec<String>,
    /// The accessory that is the database.
    database_accessory: String,
    /// `PostgreSQL`, `MySQL (mysql2)`, `SQLite`.
    adapter: String,
    databases: Vec<String>,
    /// The databases of the trio; empty where they are in the app's own.
    queue: String,
    cache: String,
    cable: String,
    #[serde(skip)]
    aliases: Vec<(String, String)>,
    #[serde(skip)]
    rows: Vec<Row>,
}

impl Here {
    pub(super) fn of(app: &App<'_>, destination: Option<&Destination<'_>>, rows: &[Row]) -> Self {
        let text = |name: &str| {
            let row = rows.iter().find(|row| row.name == name);
            row.and_then(|row| row.value.clone()).unwrap_or_default()
        };
        let roles = destination.map(Destination::roles).unwrap_or_default();
        let runs_jobs = |process: &Process| matches!(process, Process::Jobs(_));
        let jobs_role = roles
            .iter()
            .find(|role| role.process().is_some_and(|process| runs_jobs(&process)));
        let databases = app.databases().known();
        let primary = destination.and_then(Destination::primary_role);
        let names = |answer: Option<String>| answer.unwrap_or_default();
        let servers = crate::facts::kamal::distinct_hosts(&roles);
        let accessories = destination
            .map(Destination::accessories)
            .unwrap_or_default();
        let proxy_host = destination.and_then(|own| {
            let host = own.root().dig(&["proxy", "host"]).known()?;
            Some(host.text().known()?.value)
        });
        Self {
            is_so: false,
            app: text("rails.name"),
            service: names(destination.and_then(|own| Some(own.service().known()?.value))),
            image: names(destination.and_then(|own| Some(own.image().known()?.value))),
            workdir: match text("image.workdir") {
                folder if folder.is_empty() => "/rails".to_owned(),
                folder => folder,
            },
            ruby: text("ruby.version"),
            has_kamal: destination.is_some(),
            option: destination
                .and_then(Destination::option)
                .map(|option| format!(" -d {option}"))
                .unwrap_or_default(),
            servers: servers.into_iter().map(|host| host.value).collect(),
            domain: names(proxy_host),
            web: primary.map_or_else(|| "web".to_owned(), |role| role.value),
            jobs_role: jobs_role.map_or_else(String::new, |role| role.name().value.clone()),
            roles: roles.iter().map(|role| role.name().value.clone()).collect(),
            accessories: accessories
                .iter()
                .map(|accessory| accessory.name().value.clone())
                .collect(),
            database_accessory: destination
                .and_then(Destination::database_accessory)
                .map_or_else(String::new, |accessory| accessory.name().value.clone()),
            adapter: names(app.adapter().known().map(|adapter| adapter.to_string())),
            databases: databases.map_or_else(Vec::new, |all| {
                all.iter().map(|one| one.name().value.clone()).collect()
            }),
            queue: text("jobs.database"),
            cache: text("cache.database"),
            cable: text("cable.database"),
            aliases: destination.map_or_else(Vec::new, |own| {
                let aliases = own.aliases().into_iter();
                aliases
                    .map(|alias| (alias.name.value, alias.command.value.line()))
                    .collect()
            }),
            rows: rows.to_vec(),
        }
    }

    /// The same once it is known whether the app has it already.
    pub(super) fn where_it_is(mut self, is_so: bool) -> Self {
        self.is_so = is_so;
        self
    }

    /// A text of a page with the app's own names in it.
    ///
    /// In a page `kamal("app logs")` is that command for this destination, `run("console", "app exec …")` the
    /// app's own shortcut or else the command, `has("puma.solid_queue")` whether a fact is so.
    pub(super) fn render(&self, template: &str) -> String {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        let option = self.option.clone();
        environment.add_function("kamal", move |arguments: String| {
            format!("kamal {arguments}{option}")
        });
        let (option, aliases) = (self.option.clone(), self.aliases.clone());
        environment.add_function("run", move |name: String, otherwise: String| {
            let is_known = aliases.iter().any(|(alias, _)| *alias == name);
            let words = if is_known { name } else { otherwise };
            format!("kamal {words}{option}")
        });
        let rows = self.rows.clone();
        environment.add_function("has", move |condition: String| {
            Condition::of(&condition).holds(&rows)
        });
        let rows = self.rows.clone();
        environment.add_function("fact", move |name: String| {
            // A destination's facts have its name in theirs.
            let mut rows = rows.iter();
            let row = rows.find(|row| Pattern::of(&name).matches(&row.name));
            row.and_then(|row| row.value.clone()).unwrap_or_default()
        });
        environment
            .render_str(template, Value::from(Serde(self)))
            .unwrap_or_else(|error| panic!("a page of a topic is wrong: {error:#}\n{template}"))
            .trim()
            .to_owned()
    }

    /// The items of a section; those that come out empty are left out.
    pub(super) fn items(&self, topic: &Topic, section: &str) -> Vec<String> {
        let items = page::items(topic.markdown(), section).into_iter();
        items
            .map(|item| self.render(item))
            .filter(|item| !item.is_empty())
            .collect()
    }
}
