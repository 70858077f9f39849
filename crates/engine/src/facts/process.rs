//! What a role's containers run.

use syntax::shell;
use syntax::shell::evaluate::{self, Certainty};

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::dockerfile::Stage;
use crate::facts::kamal::{Destination, Role, Variable};
use crate::tree::Path;

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
    /// `-e`/`--environment`.
    pub environment: Option<String>,
    /// The file of Puma's that `-C`/`--config` names.
    pub config: Option<String>,
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
                environment: flags_named(flags, "-e", "--environment").pop(),
                // To `rails server`, `-C` is another thing.
                config: flags_named(flags, "-C", "--config")
                    .into_iter()
                    .next()
                    .filter(|_| server == Server::Puma),
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
pub(super) fn flags_named(words: &[String], short: &str, long: &str) -> Vec<String> {
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
pub fn arguments(role: &Role<'_>) -> Option<Fact<Vec<String>>> {
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
    let stage = &destination.known.stage;
    *stage.get_or_init(|| find_stage(destination))
}

fn find_stage<'a>(destination: &Destination<'a>) -> Option<Stage<'a>> {
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
pub(super) fn file_of(stage: Stage<'_>, program: &str) -> Option<Path> {
    let folder = stage.working_folder().known()?;
    let inside = match program.strip_prefix(folder.as_str()) {
        Some(inside) => inside.trim_start_matches('/'),
        None if program.starts_with('/') => return None,
        None => program,
    };
    Path::new(inside)
}

/// Whether a role's command may name a configuration file of Puma's.
pub(super) fn may_name_puma_file(role: &Role<'_>) -> bool {
    let is_option = |word: &String| word.starts_with("-C") || word.starts_with("--config");
    arguments(role).is_some_and(|words| words.iter().any(is_option))
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
/// surest of several. Absent if nothing does.
pub fn preparation(role: &Role<'_>) -> Answer<Preparation> {
    let undecided = || {
        let why = Why::NotRead("the files do not tell what runs".to_owned());
        Answer::Unknown(role.name().origin.place.clone(), why)
    };
    let (Some(stage), Some(arguments)) = (stage(role), arguments(role)) else {
        return undecided();
    };
    if stage.entrypoint().is_absent() {
        // Without an entrypoint nothing runs but the command itself.
        return match role.process() {
            Some(process) if !matches!(process.value, Process::Other(_)) => {
                Answer::Absent(process.origin.place)
            }
            _ => undecided(),
        };
    }
    let script = role.destination().entrypoint();
    let source = script.and_then(|script| script.source());
    let (Some(run), Some(source)) = (run(role), source) else {
        return undecided();
    };
    let task = |words: Vec<Option<String>>| {
        let mut words = words.into_iter().flatten();
        words.find(|word| word.starts_with("db:prepare") || word.starts_with("db:migrate"))
    };
    let reached = run.steps.iter().filter_map(|step| {
        let task = task(step.words.clone())?;
        Some((task, step.span, Some(step.certainty)))
    });
    let commands = source.shell().commands().into_iter();
    let written = commands.filter_map(|command| {
        let words = command.words.iter().map(shell::Word::literal);
        Some((
            task(words.collect())?,
            command.span,
            run.certainty(command.span),
        ))
    });
    let surest = reached
        .chain(written)
        .max_by_key(|(_, _, certainty)| *certainty);
    let Some((task, span, certainty)) = surest else {
        return Answer::Absent(Place::File(source.path().clone()));
    };
    let found = Preparation {
        task,
        certainty,
        arguments,
    };
    Answer::Is(Fact::read(found, source.path(), span, "it stands here"))
}

/// Tasks that build a database anew from the schema file, or empty it.
const ANEW: [&str; 9] = [
    "db:drop",
    "db:migrate:reset",
    "db:purge",
    "db:reset",
    "db:schema:load",
    "db:seed:replant",
    "db:setup",
    "db:structure:load",
    "db:truncate_all",
];

/// What takes Rails' protection of production away.
const UNPROTECTED: &str = "DISABLE_DATABASE_ENVIRONMENT_CHECK";

/// A task of the entrypoint's that every boot builds a database anew with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anew {
    /// `db:setup`, `db:schema:load`…
    pub task: String,
    /// What takes Rails' protection of production away.
    pub unprotected: Option<Fact<()>>,
}

/// What of the entrypoint surely builds a database anew whenever a role's containers start.
pub fn loaded_anew(role: &Role<'_>) -> Option<Fact<Anew>> {
    let run = run(role)?;
    let source = role.destination().entrypoint()?.source()?;
    let commands = source.shell().commands();
    let found = commands.iter().find_map(|command| {
        let words: Vec<String> = command
            .words
            .iter()
            .filter_map(shell::Word::literal)
            .collect();
        let task = words.iter().find(|word| ANEW.contains(&word.as_str()))?;
        let programs = ["rails", "rake"];
        let runs_it = words.iter().any(|word| programs.contains(&program(word)));
        // `… || true` passes over what Rails refuses.
        let after = source.text()[command.span.end as usize..].trim_start();
        let is_certain = run.certainty(command.span) == Some(Certainty::Certain);
        let here = command
            .assignments
            .iter()
            .find(|assignment| assignment.name.value == UNPROTECTED)
            .map(|assignment| {
                Fact::read(
                    (),
                    source.path(),
                    assignment.name.span,
                    "nothing holds it back",
                )
            });
        (runs_it && is_certain && !after.starts_with("||")).then(|| {
            let task = task.clone();
            Fact::read((task, here), source.path(), command.span, "it stands here")
        })
    })?;
    let (task, here) = found.value.clone();
    let given = || {
        let given = role_variable(role, UNPROTECTED).known()?;
        Some(given.map(|_| ()).labelled("nothing holds it back"))
    };
    let unprotected = here.or_else(given);
    Some(
        found
            .map(|_| Anew { task, unprotected })
            .because(run.origin),
    )
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

/// Whether every container has a variable that no file names.
pub fn is_ambient(name: &str) -> bool {
    AMBIENT.contains(&name)
}

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
