//! All facts of an app in one list, as `seaworthy facts` shows it.

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::database::Database;
use crate::facts::kamal::{Destination, Role};
use crate::facts::process::{self, Condition, Process, Runner, Server};
use crate::facts::secrets::Lookup;
use crate::facts::setting::{Setting, Value};
use syntax::shell::evaluate::Certainty;

/// One fact as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is about, dotted: `ruby.version`, `kamal.roles.web.port`.
    pub name: String,
    /// What is so; `None` if it is absent or unknown.
    pub value: Option<String>,
    /// `known`, `default`, `absent` or `unknown`.
    pub state: &'static str,
    /// Why it is unknown; else what stands at the place.
    pub why: String,
    /// Where it stands or would stand.
    pub origin: Origin,
}

/// All facts, in a fixed order.
pub fn list(app: &App<'_>) -> Vec<Row> {
    let mut rows = Rows(Vec::new());
    ruby_and_rails(app, &mut rows);
    javascript(app, &mut rows);
    databases(app, &mut rows);
    solid(app, &mut rows);
    web(app, &mut rows);
    dockerfile(app, &mut rows);
    for destination in app.destinations() {
        kamal(&destination, &mut rows);
    }
    rows.0
}

struct Rows(Vec<Row>);

impl Rows {
    fn add<T: ToString>(&mut self, name: impl Into<String>, answer: Answer<T>) {
        let (value, state, why, origin) = match answer {
            Answer::Is(fact) => {
                let is_default = matches!(fact.origin.place, Place::Table { .. });
                let state = if is_default { "default" } else { "known" };
                let why = fact.origin.why.to_string();
                (Some(fact.value.to_string()), state, why, fact.origin)
            }
            Answer::Absent(place) => (None, "absent", String::new(), Origin::at(place, "")),
            Answer::Unknown(place, why) => {
                (None, "unknown", why.to_string(), Origin::at(place, ""))
            }
        };
        self.0.push(Row {
            name: name.into(),
            value,
            state,
            why,
            origin,
        });
    }

    fn add_fact<T: ToString>(&mut self, name: impl Into<String>, fact: Fact<T>) {
        self.add(name, Answer::Is(fact));
    }
}

fn ruby_and_rails(app: &App<'_>, rows: &mut Rows) {
    if let Some(place) = app.tree().place().filter(|place| !place.is_empty()) {
        let origin = Origin::at(
            Place::File("".into()),
            "below the root of its git repository",
        );
        rows.add_fact("repository.folder", Fact::new(place, origin));
    }
    rows.add("ruby.version", app.ruby().version());
    rows.add("bundler.version", app.gems().bundler());
    rows.add("rails.name", app.rails().name());
    rows.add("rails.version", app.rails().version());
    rows.add("rails.api_only", app.rails().is_api_only());
    for name in [
        "kamal",
        "thruster",
        "puma",
        "bootsnap",
        "solid_queue",
        "solid_cache",
        "solid_cable",
    ] {
        rows.add(format!("gems.{name}"), app.gems().locked(name));
    }
    let declared = app.gems().declared();
    let left_out = declared
        .iter()
        .filter(|gem| app.gems().shipped(&gem.name).is_absent());
    let names: Vec<&str> = left_out.map(|gem| gem.name.as_str()).collect();
    rows.add_fact(
        "gems.not_shipped",
        Fact::new(
            names.join(", "),
            Origin::at(Place::File("Gemfile".into()), "groups that stay behind"),
        ),
    );
    rows.add("gems.git_source", app.gems().git_source());
    for gem in app.gems().path_gems() {
        rows.add_fact(format!("gems.path.{}", gem.names.join(",")), gem.folder);
    }
    for platform in app.gems().platforms() {
        rows.add_fact("gems.platform", platform);
    }
}

fn javascript(app: &App<'_>, rows: &mut Rows) {
    rows.add("javascript.importmap", app.javascript().importmap());
    rows.add(
        "javascript.package_manager",
        app.javascript().package_manager(),
    );
    rows.add("javascript.node_version", app.javascript().node_version());
    rows.add("javascript.build_script", app.javascript().build_script());
    rows.add("assets.pipeline", app.assets().pipeline());
    rows.add("assets.folder", app.assets().folder());
    if app.gems().shipped("vite_ruby").is_known() {
        rows.add("assets.vite_folder", app.assets().vite_folder());
    }
}

fn databases(app: &App<'_>, rows: &mut Rows) {
    let databases = match app.databases() {
        Answer::Is(databases) => databases.value,
        Answer::Absent(place) => return rows.add("databases", Answer::<String>::Absent(place)),
        Answer::Unknown(place, why) => {
            return rows.add("databases", Answer::<String>::Unknown(place, why));
        }
    };
    for database in databases {
        self::database(app, &database, rows);
    }
}

fn database(app: &App<'_>, database: &Database<'_>, rows: &mut Rows) {
    let key = |key: &str| format!("databases.{}.{key}", database.name().value);
    rows.add(key("adapter"), database.adapter());
    rows.add(
        key("database"),
        database.database().map(|value| shown(&value)),
    );
    rows.add(
        key("url"),
        database.url().map(|value| without_password(&value)),
    );
    rows.add(key("host"), database.host().map(|value| shown(&value)));
    rows.add(
        key("username"),
        database.username().map(|value| shown(&value)),
    );
    rows.add(
        key("password"),
        database.password().map(|value| secret(&value)),
    );
    rows.add(key("pool"), database.pool().map(|value| shown(&value)));
    let schema = database.schema_file().map(|file| {
        if app.tree().has(&file) {
            file
        } else {
            format!("{file} (missing)")
        }
    });
    rows.add(key("schema"), schema);
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Variable {
            name,
            default: Some(default),
        } => format!("ENV {name}, else {default}"),
        Value::Variable {
            name,
            default: None,
        } => format!("ENV {name}"),
    }
}

fn secret(value: &Value) -> String {
    match value.variable() {
        Some(name) => format!("ENV {name}"),
        None => "(stands in the file)".to_owned(),
    }
}

fn without_password(value: &Value) -> String {
    crate::render::Redactor::default().mask(&shown(value))
}

fn solid(app: &App<'_>, rows: &mut Rows) {
    let solid = app.solid();
    rows.add("jobs.adapter", solid.job_adapter());
    rows.add("jobs.database", solid.queue_database());
    rows.add("jobs.worker_threads", solid.worker_threads());
    if app.gems().shipped("sidekiq").is_known() {
        rows.add("jobs.sidekiq.concurrency", app.sidekiq().concurrency(None));
    }
    if app.gems().shipped("good_job").is_known() {
        rows.add("jobs.good_job.mode", app.good_job().mode());
        rows.add("jobs.good_job.threads", app.good_job().threads(None));
    }
    rows.add("cache.store", solid.cache_store());
    rows.add("cache.database", solid.cache_database());
    rows.add("cable.adapter", solid.cable_adapter());
    rows.add("cable.database", solid.cable_database());
    rows.add("storage.service", app.storage().service());
    rows.add("storage.kind", app.storage().kind());
}

fn web(app: &App<'_>, rows: &mut Rows) {
    for (name, setting) in [
        ("web.force_ssl", "config.force_ssl"),
        ("web.assume_ssl", "config.assume_ssl"),
    ] {
        rows.add(name, app.rails().boolean(setting));
    }
    rows.add("puma.port", app.puma().port().map(|value| shown(&value)));
    rows.add(
        "puma.solid_queue",
        app.puma()
            .solid_queue_plugin()
            .map(|condition| match condition {
                Condition::Always => "always".to_owned(),
                Condition::Set(name) => format!("if ENV {name} is set"),
            }),
    );
}

fn dockerfile(app: &App<'_>, rows: &mut Rows) {
    let Some(image) = app.image("Dockerfile") else {
        return rows.add(
            "image",
            Answer::<String>::Absent(Place::File("Dockerfile".into())),
        );
    };
    for (index, stage) in image.stages().into_iter().enumerate() {
        let name = stage.name().map_or(index.to_string(), |name| name.value);
        rows.add(format!("image.stages.{name}.base"), stage.base());
    }
    let Some(last) = image.final_stage(None) else {
        return;
    };
    rows.add("image.workdir", last.working_folder());
    rows.add("image.user", last.user());
    rows.add(
        "image.entrypoint",
        last.entrypoint().map(|words| words.join(" ")),
    );
    rows.add("image.command", last.command().map(|words| words.join(" ")));
    for port in last.exposed_ports() {
        rows.add_fact("image.exposed", port);
    }
    for (name, value) in last.variables() {
        let value = if crate::render::redact::is_secret_name(&name) {
            value.map(|_| "(not shown)".to_owned())
        } else {
            value
        };
        rows.add_fact(format!("image.env.{name}"), value);
    }
}

fn kamal(destination: &Destination<'_>, rows: &mut Rows) {
    let name = destination
        .name()
        .map_or("kamal".to_owned(), |name| format!("kamal[{name}]"));
    rows.add(format!("{name}.service"), destination.service());
    rows.add(format!("{name}.image"), destination.image());
    rows.add(
        format!("{name}.rails_environment"),
        destination.rails_environment(),
    );
    let at = |keys: &[&str]| destination.root().dig(keys);
    rows.add(
        format!("{name}.registry.server"),
        at(&["registry", "server"]).and_then(|server| server.text()),
    );
    rows.add(
        format!("{name}.builder.arch"),
        at(&["builder", "arch"]).and_then(|arch| joined(&arch)),
    );
    rows.add(
        format!("{name}.proxy.ssl"),
        at(&["proxy", "ssl"]).and_then(|ssl| tls(&ssl)),
    );
    rows.add(
        format!("{name}.proxy.host"),
        at(&["proxy", "host"])
            .or_else(|| at(&["proxy", "hosts"]))
            .and_then(|hosts| joined(&hosts)),
    );
    rows.add(
        format!("{name}.asset_path"),
        destination
            .root()
            .get("asset_path")
            .and_then(|path| path.text()),
    );
    for role in destination.roles() {
        self::role(&role, &format!("{name}.roles.{}", role.name().value), rows);
    }
    for accessory in destination.accessories() {
        let key = format!("{name}.accessories.{}", accessory.name().value);
        rows.add(format!("{key}.image"), accessory.image());
        if let Some(host) = accessory.host_name() {
            rows.add_fact(format!("{key}.host_name"), host);
        }
    }
    let secrets = destination.secrets();
    for secret in secrets.names() {
        let lookup = secrets.lookup(&secret).map(|lookup| match lookup {
            Lookup::Empty => "empty".to_owned(),
            Lookup::Literal => "(stands in the file)".to_owned(),
            Lookup::Variable(name) => format!("ENV {name}"),
            Lookup::Command(program) => format!("output of {program}"),
            Lookup::Mixed => "put together".to_owned(),
        });
        rows.add(format!("{name}.secrets.{}", secret.value), lookup);
    }
}

/// A text, or all texts of a list.
fn joined(setting: &Setting<'_>) -> Answer<String> {
    if !setting.is_sequence() {
        return setting.text();
    }
    let texts: Vec<String> = setting.texts().into_iter().map(|text| text.value).collect();
    if !setting.is_settled() || texts.len() < setting.items().len() {
        return Answer::Unknown(setting.place(), Why::Dynamic);
    }
    Answer::Is(Fact::new(
        texts.join(", "),
        Origin::at(setting.place(), "set here"),
    ))
}

/// Whether the proxy speaks TLS; a mapping names a certificate of the app's own
/// (kamal 2.12 `lib/kamal/configuration/proxy.rb`).
fn tls(ssl: &Setting<'_>) -> Answer<String> {
    if !ssl.is_mapping() {
        return ssl.text();
    }
    let text = "true, with a certificate of its own".to_owned();
    Answer::Is(Fact::new(text, Origin::at(ssl.place(), "set here")))
}

fn role(role: &Role<'_>, key: &str, rows: &mut Rows) {
    let hosts: Vec<String> = role.hosts().into_iter().map(|host| host.value).collect();
    let origin = role.name().origin.clone();
    rows.add_fact(
        format!("{key}.hosts"),
        Fact::new(hosts.join(", "), origin.clone()),
    );
    match role.process() {
        Some(process) => rows.add_fact(
            format!("{key}.process"),
            process.map(|process| describe(&process)),
        ),
        None => rows.add(format!("{key}.process"), undecided(&origin)),
    }
    if let Some(run) = process::run(role) {
        rows.add_fact(
            format!("{key}.prepares_database"),
            run.map(|run| prepares(&run).to_owned()),
        );
    } else if let Some(process) = role.process() {
        // Without an entrypoint nothing runs but the command itself.
        let has_none = process::stage(role).is_some_and(|stage| stage.entrypoint().is_absent());
        if has_none && !matches!(process.value, Process::Other(_)) {
            rows.add_fact(
                format!("{key}.prepares_database"),
                process.map(|_| "no".to_owned()),
            );
        }
    }
    if let Some(port) = role.listening_port() {
        rows.add_fact(format!("{key}.listening_port"), port);
    }
    match role.proxy() {
        Some(proxy) => rows.add(format!("{key}.app_port"), proxy.app_port()),
        None => rows.add(
            format!("{key}.app_port"),
            Answer::<u16>::Absent(origin.place),
        ),
    }
}

fn undecided(origin: &Origin) -> Answer<String> {
    Answer::Unknown(
        origin.place.clone(),
        Why::NotRead("the files do not tell what runs".to_owned()),
    )
}

fn describe(process: &Process) -> String {
    match process {
        Process::Web(web) => {
            let server = match web.server {
                Server::Rails => "rails server",
                Server::Puma => "puma",
            };
            if web.thruster {
                format!("Thruster in front of {server}")
            } else {
                server.to_owned()
            }
        }
        Process::Jobs(runner) => match runner {
            Runner::SolidQueue => "Solid Queue",
            Runner::Sidekiq => "Sidekiq",
            Runner::GoodJob => "GoodJob",
            Runner::DelayedJob => "Delayed Job",
        }
        .to_owned(),
        Process::Other(words) => words.join(" "),
    }
}

/// Whether the entrypoint runs `db:prepare` or `db:migrate`.
fn prepares(run: &syntax::shell::evaluate::Run) -> &'static str {
    let is_task = |word: &Option<String>| {
        word.as_deref()
            .is_some_and(|word| word == "db:prepare" || word == "db:migrate")
    };
    let mut steps = run
        .steps
        .iter()
        .filter(|step| step.words.iter().any(is_task));
    match steps.next() {
        Some(step) if step.certainty == Certainty::Certain => "yes",
        Some(_) => "perhaps",
        None => "no",
    }
}
