//! All facts of an app in one list, as `seaworthy facts` shows it.

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::compose::{NAMES, Project};
use crate::facts::database::Database;
use crate::facts::dockerfile::Stage;
use crate::facts::environment::container_name;
use crate::facts::kamal::{Destination, Role};
use crate::facts::process::{self, Process, Runner, Server};
use crate::facts::puma::Condition;
use crate::facts::secrets::Lookup;
use crate::facts::setting::{Setting, Value};
use crate::facts::steps::Step;
use crate::render::redact::is_secret_name;
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
    mail(app, &mut rows);
    recurring(app, &mut rows);
    processes(app, &mut rows);
    dockerfile(app, &mut rows);
    for project in app.compose() {
        compose(&project, &mut rows);
    }
    workflows(app, &mut rows);
    for destination in app.destinations() {
        if let (Some(name), Answer::Is(service)) = (destination.option(), destination.service()) {
            let origin = Origin::at(
                Place::File(destination.root().uppermost().clone()),
                "`kamal -d` takes it",
            );
            rows.add_fact(
                format!("destinations.{name}"),
                Fact::new(service.value, origin),
            );
        }
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

    /// A setting that is left out where it is absent.
    fn add_given(&mut self, name: String, setting: Answer<Setting<'_>>) {
        if !setting.is_absent() {
            self.add(name, setting.and_then(|setting| joined(&setting)));
        }
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
    if let Some(channel) = app.cable().channel() {
        rows.add_fact("cable.channel", channel);
        let url = app.cable().url();
        rows.add("cable.url", url.map(|url| without_password(&url)));
    }
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

fn mail(app: &App<'_>, rows: &mut Rows) {
    let Some(sender) = app.mail().sender() else {
        return;
    };
    rows.add_fact("mail.sender", sender);
    let method = app.rails().symbol("config.action_mailer.delivery_method");
    rows.add("mail.delivery_method", method);
    let host = app
        .mail()
        .host()
        .and_then(|host| match host.value.as_str() {
            Some(text) => Answer::Is(host.map(|_| text.to_owned())),
            None => match Value::of(host.value) {
                Some(value) => Answer::Is(host.map(|_| shown(&value))),
                None => Answer::Unknown(host.origin.place, Why::Dynamic),
            },
        });
    rows.add("mail.host", host);
}

fn recurring(app: &App<'_>, rows: &mut Rows) {
    for task in app.recurring().tasks() {
        let key = format!("recurring.{}", task.name.value);
        rows.add(format!("{key}.schedule"), task.schedule());
        rows.add(format!("{key}.runs"), task.runs());
    }
}

fn processes(app: &App<'_>, rows: &mut Rows) {
    for (key, path) in [("procfile", "Procfile"), ("procfile[dev]", "Procfile.dev")] {
        for process in app.processes(path) {
            let name = format!("{key}.{}", process.value.0);
            rows.add_fact(name, process.map(|(_, command)| command));
        }
    }
    for hook in app.hooks() {
        let state = if hook.lacks_executable_bit() {
            "not executable"
        } else {
            "run by Kamal"
        };
        let fact = Fact::new(state, hook.started().clone());
        rows.add_fact(format!("hooks.{}", hook.path().name()), fact);
    }
}

fn workflows(app: &App<'_>, rows: &mut Rows) {
    for job in app.kamal_jobs() {
        let file = job.path().name();
        let workflow = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        for command in job.commands() {
            let name = format!("ci.{workflow}.{}", job.name().value);
            rows.add_fact(name, command.clone().map(|command| command.line()));
        }
    }
}

/// What is said of each service; what is not said is left out, as most of it seldom is.
fn compose(project: &Project<'_>, rows: &mut Rows) {
    let name = match project.path().as_str() {
        path if NAMES.contains(&path) => "compose".to_owned(),
        path => format!("compose[{path}]"),
    };
    let is_for = if project.is_production() {
        "production"
    } else {
        "development"
    };
    let place = Place::File(project.path().clone());
    let origin = Origin::at(place, "a file of Compose's");
    rows.add_fact(format!("{name}.is_for"), Fact::new(is_for, origin));
    for service in project.services() {
        let key = |key: &str| format!("{name}.{}.{key}", service.name().value);
        // What another file may say is not worth a row.
        let mut said = |name: &str, answer: Answer<String>| {
            let is_said = service.says(if name == "dockerfile" { "build" } else { name });
            if answer.is_known() || answer.is_unknown() && is_said {
                rows.add(key(name), answer);
            }
        };
        said("image", service.image());
        said("dockerfile", service.dockerfile());
        said("target", service.target());
        for list in ["ports", "volumes", "env_file", "profiles"] {
            said(list, together(&service.written(list)));
        }
        // Only the names: values may be secrets.
        let names = service.variables().into_iter().map(|(name, _)| name);
        said("environment", together(&names.collect::<Vec<_>>()));
        let needed = service.dependencies().into_iter().map(|needed| {
            let condition = needed
                .condition
                .map(|condition| format!(" ({})", condition.value));
            needed
                .name
                .map(|name| name + &condition.unwrap_or_default())
        });
        said("depends_on", together(&needed.collect::<Vec<_>>()));
        said("healthcheck", service.healthcheck());
        said("restart", service.text("restart"));
    }
}

/// All texts in one row, which stands where the first does.
fn together(texts: &[Fact<String>]) -> Answer<String> {
    let Some(first) = texts.first() else {
        return Answer::Absent(Place::File("".into()));
    };
    let origin = first.origin.clone();
    let all: Vec<&str> = texts.iter().map(|text| text.as_str()).collect();
    Answer::Is(Fact::new(all.join(", "), origin))
}

fn dockerfile(app: &App<'_>, rows: &mut Rows) {
    let Some(image) = app.image("Dockerfile") else {
        return rows.add(
            "image",
            Answer::<String>::Absent(Place::File("Dockerfile".into())),
        );
    };
    let stages = image.stages();
    let origin = Origin::at(Place::File("Dockerfile".into()), "its stages");
    rows.add_fact("image.stages", Fact::new(stages.len(), origin));
    for (index, stage) in stages.into_iter().enumerate() {
        let name = stage.name().map_or(index.to_string(), |name| name.value);
        rows.add(format!("image.stages.{name}.base"), stage.base());
    }
    let stages = image.stages().into_iter();
    let compiled: Vec<Fact<String>> = stages
        .flat_map(|stage| words_behind(stage, &["bootsnap"], "precompile"))
        .collect();
    let Some(last) = image.final_stage(None) else {
        return;
    };
    let lineage = last.lineage().into_iter();
    let installed: Vec<Fact<String>> = lineage
        .flat_map(|stage| words_behind(stage, &["apt", "apt-get"], "install"))
        .collect();
    for (name, answer) in [
        ("image.bootsnap", together(&compiled)),
        ("image.packages", together(&installed)),
    ] {
        if answer.is_known() {
            rows.add(name, answer);
        }
    }
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
        let value = if is_secret_name(&name) {
            value.map(|_| "(not shown)".to_owned())
        } else {
            value
        };
        rows.add_fact(format!("image.env.{name}"), value);
    }
}

/// What programs are told to work on in the steps of a stage: packages of `apt-get install`, folders of `bootsnap
/// precompile`. Options are left out, but for `--gemfile`, which says what.
fn words_behind(stage: Stage<'_>, programs: &[&str], verb: &str) -> Vec<Fact<String>> {
    let is_meant = |step: &Step| step.program().is_some_and(|name| programs.contains(&name));
    let steps = stage.commands().into_iter().filter(is_meant);
    steps
        .flat_map(|step| {
            let words = step.words.iter().flatten();
            let behind = words.skip_while(|word| *word != verb).skip(1);
            let named = behind.filter(|word| {
                let is_option = word.starts_with('-') && *word != "--gemfile";
                !is_option && !word.starts_with(|c: char| c.is_ascii_digit())
            });
            named
                .map(|word| stage.step_fact(word.clone(), step.span, "named here"))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn kamal(destination: &Destination<'_>, rows: &mut Rows) {
    let name = destination
        .name()
        .map_or("kamal".to_owned(), |name| format!("kamal[{name}]"));
    rows.add(format!("{name}.service"), destination.service());
    rows.add(format!("{name}.image"), destination.image());
    rows.add(
        format!("{name}.rails_environment"),
        destination.rails_environment().clone(),
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
    settings(destination, &name, rows);
    for role in destination.roles() {
        self::role(&role, &format!("{name}.roles.{}", role.name().value), rows);
    }
    for accessory in destination.accessories() {
        let key = format!("{name}.accessories.{}", accessory.name().value);
        rows.add(format!("{key}.image"), accessory.image());
        if let Some(host) = accessory.host_name() {
            rows.add_fact(format!("{key}.host_name"), host);
        }
        for setting in ["port", "directories", "volumes"] {
            rows.add_given(format!("{key}.{setting}"), accessory.get(setting));
        }
    }
    for alias in destination.aliases() {
        let key = format!("{name}.aliases.{}", alias.name.value);
        rows.add_fact(key, alias.command.map(|command| command.line()));
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

/// What of a deploy has a default in Kamal, and is listed only where the file says otherwise.
fn settings(destination: &Destination<'_>, name: &str, rows: &mut Rows) {
    for path in [
        "boot.limit",
        "builder.cache.type",
        "builder.remote",
        "builder.secrets",
        "deploy_timeout",
        "drain_timeout",
        "error_pages_path",
        "logging.options.max-size",
        "proxy.healthcheck.interval",
        "proxy.response_timeout",
        "volumes",
    ] {
        let keys: Vec<&str> = path.split('.').collect();
        rows.add_given(format!("{name}.{path}"), destination.root().dig(&keys));
    }
    let environment = destination.environment();
    for (variable, value) in environment.clear() {
        let text = value.text().map(|text| {
            if is_secret_name(variable) {
                "(not shown)".to_owned()
            } else {
                without_password(&Value::Text(text))
            }
        });
        rows.add(format!("{name}.env.{}", variable.value), text);
    }
    for secret in environment.secret() {
        let variable = container_name(secret).to_owned();
        let value = secret.clone().map(|_| "a secret");
        rows.add_fact(format!("{name}.env.{variable}"), value);
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
    let prepares = prepares_database(role);
    if !prepares.is_unknown() {
        rows.add(format!("{key}.prepares_database"), prepares);
    }
    if let Some(port) = role.listening_port() {
        rows.add_fact(format!("{key}.listening_port"), port);
    }
    for option in ["read-only", "tmpfs", "cap-drop", "security-opt"] {
        rows.add_given(format!("{key}.options.{option}"), role.option(option));
    }
    match role.proxy() {
        Some(proxy) => {
            rows.add(format!("{key}.app_port"), proxy.app_port());
            if let Some(path) = proxy.health_path() {
                let routes = role.destination().app().routes();
                let route = routes.get(&path).map(|()| format!("GET {path}"));
                rows.add_fact(format!("{key}.health_path"), path);
                rows.add(format!("{key}.health_route"), route);
            }
        }
        None => rows.add(
            format!("{key}.app_port"),
            if role.has_undecided_proxy() {
                Answer::<u16>::Unknown(origin.place, Why::Conditional)
            } else {
                Answer::Absent(origin.place)
            },
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

/// Whether containers prepare the database as they start.
fn prepares_database(role: &Role<'_>) -> Answer<&'static str> {
    match process::preparation(role) {
        Answer::Is(found) => Answer::Is(found.map(|found| match found.certainty {
            Some(Certainty::Certain) => "yes",
            Some(Certainty::Possible) => "perhaps",
            None => "no",
        })),
        Answer::Absent(place) => Answer::Is(Fact::new("no", Origin::at(place, "nothing does"))),
        Answer::Unknown(place, why) => Answer::Unknown(place, why),
    }
}
