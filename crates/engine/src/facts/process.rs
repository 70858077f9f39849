//! What a role's containers run, and on which port they listen in truth.

use syntax::ruby::{Expression, ExpressionKind, InterpolatedPart};
use syntax::shell;
use syntax::shell::evaluate::{self, Certainty};

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::dockerfile::Stage;
use crate::facts::kamal::{Destination, Role, Variable};
use crate::facts::setting::Value;
use crate::tree::Path;

/// Thruster's own defaults, as origins name them (thruster 0.1.22 `internal/config.go`).
const THRUSTER: &str = "Thruster's defaults";

/// The first process of a container, after the entrypoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Process {
    /// A web server.
    Web(Web),
    /// A program that works off jobs and serves no HTTP.
    Jobs(Runner),
    /// Something else; its words.
    Other(Vec<String>),
}

/// A web server as it was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Whether Thruster stands in front and starts the server itself.
    pub thruster: bool,
    /// The program.
    pub server: Server,
    /// `-p`/`--port`.
    pub port: Option<u16>,
    /// All of `-b`/`--binding`/`--bind`.
    pub binds: Vec<String>,
}

/// A web server's program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// `rails server`: port 3000 unless something says otherwise.
    Rails,
    /// `puma`: port 9292 unless something says otherwise.
    Puma,
}

/// A program that works off jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// `bin/jobs` or `rake solid_queue:start`.
    SolidQueue,
    /// `sidekiq`.
    Sidekiq,
    /// `good_job start`.
    GoodJob,
    /// `rake jobs:work` or `delayed_job run`.
    DelayedJob,
}

impl Process {
    /// Reads a command line.
    pub fn of(words: &[String]) -> Process {
        let (thruster, words) = match skip_bundler(words) {
            [first, rest @ ..] if program(first) == "thrust" => (true, skip_bundler(rest)),
            words => (false, words),
        };
        let Some((first, rest)) = words.split_first() else {
            return Process::Other(Vec::new());
        };
        let subcommand = rest.first().map(String::as_str);
        let web = |server, flags: &[String]| {
            Process::Web(Web {
                thruster,
                server,
                port: flags_named(flags, "-p", "--port")
                    .first()
                    .and_then(|port| port.parse().ok()),
                binds: flags_named(
                    flags,
                    "-b",
                    if server == Server::Puma {
                        "--bind"
                    } else {
                        "--binding"
                    },
                ),
            })
        };
        match (program(first), subcommand) {
            ("rails", Some("server" | "s")) => web(Server::Rails, &rest[1..]),
            ("puma", _) => web(Server::Puma, rest),
            ("jobs", None | Some("start")) | ("rails" | "rake", Some("solid_queue:start")) => {
                Process::Jobs(Runner::SolidQueue)
            }
            // `start` is what options alone are for (solid_queue 1.6 `lib/solid_queue/cli.rb`).
            ("jobs", Some(option)) if option.starts_with('-') => Process::Jobs(Runner::SolidQueue),
            ("rails" | "rake", Some("jobs:work" | "jobs:workoff"))
            | ("delayed_job", Some("run")) => Process::Jobs(Runner::DelayedJob),
            ("sidekiq", _) => Process::Jobs(Runner::Sidekiq),
            ("good_job", _) => Process::Jobs(Runner::GoodJob),
            _ => Process::Other(words.to_vec()),
        }
    }
}

fn skip_bundler(words: &[String]) -> &[String] {
    match words {
        [bundle, exec, rest @ ..] if program(bundle) == "bundle" && exec == "exec" => rest,
        [env, rest @ ..] if program(env) == "env" => rest,
        words => words,
    }
}

/// The program's name without its folder.
fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The values of all `-s VALUE`, `-sVALUE`, `--long VALUE` or `--long=VALUE`.
fn flags_named(words: &[String], short: &str, long: &str) -> Vec<String> {
    let value = |(index, word): (usize, &String)| {
        if word == short || word == long {
            return words.get(index + 1).cloned();
        }
        word.strip_prefix(long)
            .and_then(|rest| rest.strip_prefix('='))
            .or_else(|| word.strip_prefix(short).filter(|_| !word.starts_with("--")))
            .map(str::to_owned)
    };
    words.iter().enumerate().filter_map(value).collect()
}

/// The words that a role's containers are started with: `cmd`, else the image's `CMD`.
fn arguments(role: &Role<'_>) -> Option<Fact<Vec<String>>> {
    match role.command() {
        Answer::Absent(_) => stage(role)?.command().known(),
        command => command.known(),
    }
}

/// The stage that the role's image is.
pub fn stage<'a>(role: &Role<'a>) -> Option<Stage<'a>> {
    stage_of(role.destination())
}

/// The stage that the image of all roles is.
pub fn stage_of<'a>(destination: &Destination<'a>) -> Option<Stage<'a>> {
    let image = destination.app().image(&destination.dockerfile()?)?;
    let target = match destination
        .root()
        .dig(&["builder", "target"])
        .and_then(|target| target.text())
    {
        Answer::Is(target) => Some(target.value),
        Answer::Absent(_) => None,
        Answer::Unknown(..) => return None,
    };
    image.final_stage(target.as_deref())
}

/// The file of the app that the image's entrypoint is, and the words that follow it.
pub fn entrypoint(stage: Stage<'_>) -> Option<(Fact<Path>, Vec<String>)> {
    let words = stage.entrypoint().known()?;
    let (first, rest) = words.value.split_first()?;
    let path = file_of(stage, first)?;
    let rest = rest.to_vec();
    Some((words.map(|_| path), rest))
}

/// The file of the app that a program is in the image.
fn file_of(stage: Stage<'_>, program: &str) -> Option<Path> {
    let folder = stage.working_folder().known()?;
    let inside = match program.strip_prefix(folder.as_str()) {
        Some(inside) => inside.trim_start_matches('/'),
        None if program.starts_with('/') => return None,
        None => program,
    };
    Path::new(inside)
}

/// The files of the app that a role's command starts: its program, and behind Thruster the server.
pub fn programs(role: &Role<'_>) -> Vec<Fact<Path>> {
    let (Some(stage), Some(given)) = (stage(role), arguments(role)) else {
        return Vec::new();
    };
    let is_thruster = given
        .first()
        .is_some_and(|first| program(first) == "thrust");
    given
        .iter()
        .take(if is_thruster { 2 } else { 1 })
        .filter(|word| word.contains('/'))
        .filter_map(|word| Some(Fact::new(file_of(stage, word)?, given.origin.clone())))
        .collect()
}

/// Programs that `bundle exec` finds in a gem only, and the gem.
const GEMS_OF_PROGRAMS: [(&str, &str); 12] = [
    ("anycable", "anycable"),
    ("clockwork", "clockwork"),
    ("good_job", "good_job"),
    ("karafka", "karafka"),
    ("puma", "puma"),
    ("que", "que"),
    ("racecar", "racecar"),
    ("resque", "resque"),
    ("resque-pool", "resque-pool"),
    ("shoryuken", "shoryuken"),
    ("sidekiq", "sidekiq"),
    ("thrust", "thruster"),
];

/// The program that a role's command has Bundler start, and the gem that it is in.
pub fn bundled_program(role: &Role<'_>) -> Option<Fact<(&'static str, &'static str)>> {
    let given = arguments(role)?;
    let [bundle, exec, name, ..] = given.value.as_slice() else {
        return None;
    };
    if program(bundle) != "bundle" || exec != "exec" {
        return None;
    }
    let found = GEMS_OF_PROGRAMS
        .into_iter()
        .find(|(program, _)| program == name)?;
    Some(given.map(|_| found))
}

/// A task of the entrypoint's that prepares the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preparation {
    /// `db:prepare`, `db:migrate`…
    pub task: String,
    /// Whether a role's containers come to it; `None` if they surely do not.
    pub certainty: Option<Certainty>,
    /// What they are started with.
    pub arguments: Fact<Vec<String>>,
}

/// What of the entrypoint prepares the database, as far as a role's containers come to it; the
/// surest of several. `None` if nothing does, or it cannot be told.
pub fn preparation(role: &Role<'_>) -> Option<Fact<Preparation>> {
    let run = run(role)?;
    let (path, _) = entrypoint(stage(role)?)?;
    let source = role.destination().app().tree().source(&path)?;
    let arguments = arguments(role)?;
    source
        .shell()
        .commands()
        .into_iter()
        .filter_map(|command| {
            let task = command
                .words
                .iter()
                .filter_map(shell::Word::literal)
                .find(|word| word.starts_with("db:prepare") || word.starts_with("db:migrate"))?;
            let found = Preparation {
                task,
                certainty: run.certainty(command.span),
                arguments: arguments.clone(),
            };
            Some(Fact::read(
                found,
                source.path(),
                command.span,
                "it stands here",
            ))
        })
        .max_by_key(|found| found.certainty)
}

/// Where the entrypoint runs what a role's containers are started with as its child, instead of
/// becoming it: the command is its last, and nothing in the script handles signals.
pub fn command_as_child(role: &Role<'_>) -> Option<Fact<String>> {
    let run = run(role)?;
    let (path, _) = entrypoint(stage(role)?)?;
    let source = role.destination().app().tree().source(&path)?;
    let script = source.shell();
    let arguments = arguments(role)?;
    let Some(shell::Statement::Command(last)) = script.statements.last() else {
        return None;
    };
    let is_given = |step: &&evaluate::Step| {
        let words: Vec<Option<&str>> = step.words.iter().map(Option::as_deref).collect();
        // Bundler becomes what it starts, and the shell stays.
        let words = words
            .strip_prefix(&[Some("bundle"), Some("exec")])
            .filter(|_| {
                arguments
                    .first()
                    .is_none_or(|first| program(first) != "bundle")
            })
            .unwrap_or(&words);
        let given = arguments.iter().map(|word| Some(word.as_str()));
        step.span == last.span && words.iter().copied().eq(given)
    };
    let handles_signals = script
        .commands()
        .iter()
        .any(|command| command.name().as_deref() == Some("trap"));
    if handles_signals || !run.execs.is_empty() || !run.steps.iter().any(|step| is_given(&step)) {
        return None;
    }
    let written = last.span.of(source.text()).to_owned();
    let fact = Fact::read(
        written,
        source.path(),
        last.span,
        "runs as a child of the shell",
    );
    Some(fact.because(path.origin).because(arguments.origin))
}

/// What the entrypoint does when a role's containers start.
pub fn run(role: &Role<'_>) -> Option<Fact<evaluate::Run>> {
    let stage = stage(role)?;
    let (path, mut words) = entrypoint(stage)?;
    let source = role.destination().app().tree().source(&path)?;
    words.extend(arguments(role)?.value);
    let environment = role.environment();
    let lookup = |name: &str| variable(environment, stage, name);
    let run = evaluate::evaluate(source.shell(), &words, &lookup);
    Some(Fact::new(
        run,
        Origin::at(Place::File(source.path().clone()), "the entrypoint").because(path.origin),
    ))
}

/// A variable of a container, as a script would find it.
fn variable(
    environment: &crate::facts::kamal::Environment<'_>,
    stage: Stage<'_>,
    name: &str,
) -> evaluate::Variable {
    match environment.variable(name) {
        Answer::Is(fact) => match fact.value {
            Variable::Clear(text) => evaluate::Variable::Set(text),
            Variable::Secret => evaluate::Variable::Unknown,
        },
        Answer::Unknown(..) => evaluate::Variable::Unknown,
        Answer::Absent(_) => match stage.variable(name) {
            Answer::Is(text) => evaluate::Variable::Set(text.value),
            Answer::Unknown(..) => evaluate::Variable::Unknown,
            // The base image and Docker itself set some that no file names.
            Answer::Absent(_) if AMBIENT.contains(&name) => evaluate::Variable::Unknown,
            Answer::Absent(_) => evaluate::Variable::Unset,
        },
    }
}

/// What the official Ruby image, Docker and Kamal set in every container.
const AMBIENT: [&str; 12] = [
    "PATH",
    "HOME",
    "HOSTNAME",
    "LANG",
    "RUBY_VERSION",
    "GEM_HOME",
    "BUNDLE_APP_CONFIG",
    "BUNDLE_SILENCE_ROOT_WARNING",
    "KAMAL_VERSION",
    "KAMAL_CONTAINER_NAME",
    "KAMAL_HOST",
    "KAMAL_DESTINATION",
];

/// What a role's containers run in the end.
pub(super) fn of_role(role: &Role<'_>) -> Option<Fact<Process>> {
    let given = arguments(role)?;
    let has_entrypoint = match stage(role) {
        Some(stage) => !stage.entrypoint().is_absent(),
        // The role's own command tells enough; without an entrypoint it is what runs.
        None => false,
    };
    if !has_entrypoint {
        return Some(given.map(|words| Process::of(&words)));
    }
    let run = run(role)?;
    let last = run
        .value
        .exec()
        .filter(|step| step.certainty == Certainty::Certain)?;
    let words: Vec<String> = last.words.iter().cloned().collect::<Option<_>>()?;
    Some(Fact::new(Process::of(&words), given.origin))
}

/// The port that a role's containers listen on for HTTP.
pub fn listening_port(role: &Role<'_>) -> Option<Fact<u16>> {
    let process = role.process()?;
    let Process::Web(web) = &process.value else {
        return None;
    };
    let command = process.origin.clone();
    if web.thruster {
        let port = thruster_port(role)?;
        return Some(port.labelled("Thruster listens here").because(command));
    }
    server_port(role, web, command)
}

/// The port that the server behind Thruster listens on, and on which it can be reached past it.
/// Absent without Thruster.
pub fn port_behind_thruster(role: &Role<'_>) -> Answer<u16> {
    let place = role.name().origin.place.clone();
    let unknown = |place| Answer::Unknown(place, Why::Dynamic);
    let Some(process) = role.process() else {
        return unknown(place);
    };
    match &process.value {
        Process::Web(web) if web.thruster => match server_port(role, web, process.origin.clone()) {
            Some(port) => Answer::Is(port),
            None => unknown(place),
        },
        _ => Answer::Absent(place),
    }
}

/// The port of the server itself, whether Thruster stands in front or not.
fn server_port(role: &Role<'_>, web: &Web, command: Origin) -> Option<Fact<u16>> {
    let told = web
        .port
        .or_else(|| web.binds.iter().find_map(|bind| port_of_bind(bind)));
    if let Some(port) = told {
        return Some(Fact::new(port, command).labelled("the server is told to listen here"));
    }
    let variable = |name: &str| match name {
        "PORT" if web.thruster => target_port(role),
        name => role_variable(role, name),
    };
    // Under `rails server`, PORT wins over `port` and `bind` in config/puma.rb
    // (rails 8.1 `railties/lib/rails/commands/server/server_command.rb`, user_supplied_options).
    let given = match variable("PORT") {
        Answer::Is(set) if web.server == Server::Rails => Some(set),
        Answer::Unknown(..) if web.server == Server::Rails => return None,
        _ => None,
    };
    let puma = role.destination().app().puma().port();
    let port = match (given, puma) {
        (Some(set), Answer::Is(port)) => set.because(port.origin),
        (Some(set), _) => set,
        (None, Answer::Is(port)) => match port.value.clone() {
            Value::Text(text) => port.map(|_| text),
            Value::Variable { name, default } => match variable(&name) {
                Answer::Is(set) => set.because(port.origin),
                Answer::Absent(_) => port.map(|_| default.unwrap_or_default()),
                Answer::Unknown(..) => return None,
            },
        },
        (None, Answer::Absent(_)) => match variable("PORT") {
            Answer::Is(set) => set,
            Answer::Absent(_) if web.server == Server::Rails => {
                Fact::default("3000".to_owned(), "Rails' defaults", "rails server")
            }
            Answer::Absent(_) => Fact::default("9292".to_owned(), "Puma's defaults", "port"),
            Answer::Unknown(..) => return None,
        },
        (None, Answer::Unknown(..)) => return None,
    };
    let number: u16 = port.value.parse().ok()?;
    Some(
        port.map(|_| number)
            .labelled("the container listens here")
            .because(command),
    )
}

/// The port of `tcp://0.0.0.0:3000` or `0.0.0.0:3000`.
fn port_of_bind(bind: &str) -> Option<u16> {
    let address = bind.strip_prefix("tcp://").unwrap_or(bind);
    address.rsplit_once(':')?.1.split('?').next()?.parse().ok()
}

/// `HTTP_PORT`, 80 unless it is set.
fn thruster_port(role: &Role<'_>) -> Option<Fact<u16>> {
    let port = thruster_setting(role, ["THRUSTER_HTTP_PORT", "HTTP_PORT"], "80").known()?;
    let number: u16 = port.value.parse().ok()?;
    Some(port.map(|_| number))
}

/// `TARGET_PORT`, which Thruster gives the server as `PORT`, whatever `PORT` was
/// (thruster 0.1.22 `internal/service.go`).
fn target_port(role: &Role<'_>) -> Answer<String> {
    thruster_setting(role, ["THRUSTER_TARGET_PORT", "TARGET_PORT"], "3000")
}

/// A variable that Thruster reads, the name that wins first (thruster 0.1.22 `internal/config.go`).
fn thruster_setting(
    role: &Role<'_>,
    names: [&'static str; 2],
    default: &'static str,
) -> Answer<String> {
    for name in names {
        match role_variable(role, name) {
            Answer::Absent(_) => {}
            answer => return answer,
        }
    }
    Answer::Is(Fact::default(default.to_owned(), THRUSTER, names[1]))
}

/// A variable of a role's containers: what Kamal sets, else what the image has.
pub fn role_variable(role: &Role<'_>, name: &str) -> Answer<String> {
    match role.environment().text(name) {
        Answer::Absent(slot) => match stage(role).map(|stage| stage.variable(name)) {
            Some(Answer::Absent(_)) | None => Answer::Absent(slot),
            Some(answer) => answer,
        },
        answer => answer,
    }
}

/// Whether whoever set a variable to this meant it to be off; to Ruby it is a text, and so on.
pub fn is_meant_as_no(value: &str) -> bool {
    ["false", "0", "no", "off"].contains(&value.to_lowercase().as_str())
}

/// Where the server of a role listens, if only its own container reaches that: the loopback
/// address or a socket, as it is written. Nothing where Thruster stands in front and reaches it.
pub fn private_address(role: &Role<'_>) -> Option<Fact<String>> {
    let process = role.process()?;
    let Process::Web(web) = &process.value else {
        return None;
    };
    if web.thruster {
        return None;
    }
    let command = process.origin.clone();
    if !web.binds.is_empty() {
        let is_private = web.binds.iter().all(|bind| is_private(bind));
        let fact =
            Fact::new(web.binds.join(", "), command).labelled("the server is told to listen here");
        return is_private.then_some(fact);
    }
    if web.port.is_some() {
        return None;
    }
    if web.server == Server::Rails {
        // Any of these clears what config/puma.rb binds (puma 8.0 `lib/rack/handler/puma.rb`,
        // rails 8.1 `railties/lib/rails/commands/server/server_command.rb`).
        let none_given = ["PORT", "HOST"]
            .iter()
            .all(|name| role_variable(role, name).is_absent());
        match role_variable(role, "BINDING") {
            Answer::Is(host) => {
                return is_private(&host).then(|| {
                    host.labelled("`rails server` listens here")
                        .because(command)
                });
            }
            Answer::Absent(_) if none_given => {}
            Answer::Absent(_) | Answer::Unknown(..) => return None,
        }
    }
    let binds = role.destination().app().puma().binds().known()?;
    binds
        .value
        .iter()
        .all(|bind| is_private(bind))
        .then(|| binds.map(|binds| binds.join(", ")).because(command))
}

/// Whether an address, or a URL as `bind` takes it, is only reached inside the container.
fn is_private(bind: &str) -> bool {
    if bind.starts_with("unix:") || bind.starts_with(['/', '@']) {
        return true;
    }
    let address = ["tcp://", "ssl://"]
        .iter()
        .find_map(|scheme| bind.strip_prefix(scheme))
        .unwrap_or(bind);
    let host = match address.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None if address.matches(':').count() > 1 => Some(address),
        None => address.split([':', '?']).next(),
    };
    host.is_some_and(|host| host == "localhost" || host == "::1" || host.starts_with("127."))
}

/// Seconds after which Thruster cuts a response off, however far it is (thruster 0.1.22
/// `internal/config.go`: 30). Nothing without Thruster.
pub fn thruster_write_timeout(role: &Role<'_>) -> Option<Fact<i64>> {
    let process = role.process()?;
    let Process::Web(Web { thruster: true, .. }) = &process.value else {
        return None;
    };
    let names = ["THRUSTER_HTTP_WRITE_TIMEOUT", "HTTP_WRITE_TIMEOUT"];
    let timeout = thruster_setting(role, names, "30").known()?;
    let seconds: i64 = timeout.value.parse().ok()?;
    Some(
        timeout
            .map(|_| seconds)
            .labelled("Thruster waits so long")
            .because(process.origin),
    )
}

/// `config/puma.rb`.
#[derive(Clone, Copy)]
pub struct Puma<'a> {
    app: &'a App<'a>,
}

/// Where Puma reads its configuration.
const PUMA: &str = "config/puma.rb";

impl<'a> App<'a> {
    /// What Puma is told by its configuration file.
    pub fn puma(&'a self) -> Puma<'a> {
        Puma { app: self }
    }
}

/// The address of a text, and of one with interpolation if that leaves the host alone.
fn beginning(expression: &Expression) -> Option<String> {
    let ExpressionKind::Interpolated(parts) = &expression.kind else {
        return expression.as_str().map(str::to_owned);
    };
    let InterpolatedPart::Text(text) = parts.first()? else {
        return None;
    };
    let has_host = text.starts_with("unix:")
        || text
            .split_once("://")
            .is_some_and(|(_, host)| host.contains([':', '?']));
    has_host.then(|| format!("{text}…"))
}

/// What has to be so for Puma to load a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// The variable has any value at all: in Ruby the text `false` is true.
    Set(String),
}

impl Puma<'_> {
    /// `port`, or the port of a `bind` to TCP.
    pub fn port(self) -> Answer<Value> {
        let Some(source) = self.app.tree().source(PUMA) else {
            return Answer::Absent(Place::File(PUMA.into()));
        };
        let document = source.ruby();
        for call in document.calls.iter().filter(|call| call.receiver.is_none()) {
            let Some(argument) = call.arguments.first() else {
                continue;
            };
            let argument = document.resolve(argument);
            let value = match call.name.as_str() {
                "port" => Value::of(argument),
                "bind" => match Value::of(argument)
                    .as_ref()
                    .and_then(Value::text_or_default)
                {
                    Some(bind) => port_of_bind(bind).map(|port| Value::Text(port.to_string())),
                    None => None,
                },
                _ => continue,
            };
            let place = Place::text(source.path(), call.span);
            return match value {
                Some(value) if call.within().is_empty() => {
                    Answer::Is(Fact::new(value, Origin::at(place, "Puma's port")))
                }
                Some(_) => Answer::Unknown(place, Why::Conditional),
                None => Answer::Unknown(place, Why::Dynamic),
            };
        }
        Answer::Absent(Place::File(PUMA.into()))
    }

    /// All that `port` and `bind` bind to, as URLs or as far as they are written: never empty.
    /// Absent where neither is called.
    pub fn binds(self) -> Answer<Vec<String>> {
        let tree = self.app.tree();
        let Some(source) = tree.source(PUMA) else {
            return Answer::Absent(Place::File(PUMA.into()));
        };
        // A file of the environment's own is read in its place
        // (puma 8.0 `lib/puma/configuration.rb`, config_files).
        if tree.has("config/puma") {
            let why = Why::NotRead("the environment may have a file of its own".to_owned());
            return Answer::Unknown(Place::File("config/puma".into()), why);
        }
        let document = source.ruby();
        let mut binds: Vec<(String, syntax::Span)> = Vec::new();
        for call in document.calls.iter().filter(|call| call.receiver.is_none()) {
            let place = Place::text(source.path(), call.span);
            let argument = |index: usize| {
                call.arguments
                    .get(index)
                    .map(|argument| document.resolve(argument))
            };
            let bind = match call.name.value.as_str() {
                "port" => match argument(1) {
                    None => Some("tcp://0.0.0.0".to_owned()),
                    Some(host) => beginning(host),
                },
                "bind" | "ssl_bind" => argument(0).and_then(beginning),
                "set_default_host" | "clear_binds!" | "bind_to_activated_sockets" => None,
                _ => continue,
            };
            match bind {
                Some(bind) if call.within().is_empty() => binds.push((bind, call.span)),
                Some(_) => return Answer::Unknown(place, Why::Conditional),
                None => return Answer::Unknown(place, Why::Dynamic),
            }
        }
        match binds.first() {
            Some((_, span)) => {
                let origin = Origin::at(Place::text(source.path(), *span), "Puma listens here");
                let binds = binds.iter().map(|(bind, _)| bind.clone()).collect();
                Answer::Is(Fact::new(binds, origin))
            }
            None => Answer::Absent(Place::File(PUMA.into())),
        }
    }

    /// The threads of each worker, as `threads` gives the most of them; 3 where it is not called
    /// (puma 8.0 `lib/puma/configuration.rb` says 5 on MRI, Rails' own file since 7.2 says 3).
    pub fn threads(self) -> Answer<Value> {
        self.number("threads", "3")
    }

    /// The worker processes; none but Puma itself where `workers` is not called.
    pub fn workers(self) -> Answer<Value> {
        self.number("workers", "0")
    }

    /// The last argument of a call of that name.
    fn number(self, name: &'static str, default: &'static str) -> Answer<Value> {
        let Some(source) = self.app.tree().source(PUMA) else {
            return Answer::Absent(Place::File(PUMA.into()));
        };
        let document = source.ruby();
        let call = document
            .calls_named(name)
            .find(|call| call.receiver.is_none());
        let Some(call) = call else {
            let text = Value::Text(default.to_owned());
            return Answer::Is(Fact::default(text, "Puma's defaults", name));
        };
        let place = Place::text(source.path(), call.span);
        let value = call
            .arguments
            .last()
            .and_then(|argument| Value::of(document.resolve(argument)));
        match value {
            Some(value) if call.within().is_empty() => {
                Answer::Is(Fact::new(value, Origin::at(place, "Puma is told here")))
            }
            Some(_) => Answer::Unknown(place, Why::Conditional),
            None => Answer::Unknown(place, Why::Dynamic),
        }
    }

    /// Whether its configuration calls a method.
    pub fn calls(self, name: &str) -> bool {
        let source = self.app.tree().source(PUMA);
        source.is_some_and(|source| source.ruby().calls_named(name).next().is_some())
    }

    /// Whether Puma runs Solid Queue inside itself, and when.
    pub fn solid_queue_plugin(self) -> Answer<Condition> {
        let Some(source) = self.app.tree().source(PUMA) else {
            return Answer::Absent(Place::File(PUMA.into()));
        };
        let plugin = source.ruby().calls_named("plugin").find(|call| {
            call.arguments.first().is_some_and(|argument| {
                matches!(&argument.kind, ExpressionKind::Symbol(name) | ExpressionKind::String(name) if name == "solid_queue")
            })
        });
        let Some(call) = plugin else {
            return Answer::Absent(Place::Slot {
                path: PUMA.into(),
                span: syntax::Span::default(),
                key: "plugin :solid_queue".to_owned(),
            });
        };
        let origin = Origin::at(
            Place::text(source.path(), call.span),
            "Puma's plugin for jobs",
        );
        let condition = match call.within().as_slice() {
            [] => Some(Condition::Always),
            [
                syntax::ruby::Context::If {
                    condition,
                    negated: false,
                    ..
                },
            ] => Value::of(condition).and_then(|value| match value {
                Value::Variable {
                    name,
                    default: None,
                } => Some(Condition::Set(name)),
                _ => None,
            }),
            _ => None,
        };
        match condition {
            Some(condition) => Answer::Is(Fact::new(condition, origin)),
            None => Answer::Unknown(origin.place, Why::Conditional),
        }
    }
}
