//! Workflows of GitHub's that run Kamal: their jobs, what each step runs, and what it is given.

use syntax::shell::{self, Word};

use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::App;
use crate::facts::kamal::Destination;
use crate::facts::process::flags_named;
use crate::facts::setting::Setting;
use crate::tree::{Path, Source};

/// Where GitHub looks for workflows.
pub const FOLDER: &str = ".github/workflows";

/// Whether a file there is a workflow.
pub(super) fn is_workflow(name: &str) -> bool {
    [".yml", ".yaml"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// A job that runs Kamal.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    app: &'a App<'a>,
    source: &'a Source,
    workflow: Setting<'a>,
    name: Fact<String>,
    setting: Setting<'a>,
    commands: &'a [Fact<Command>],
}

/// Which Kamal a step installs by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installed {
    /// The newest of the day.
    Newest,
    /// A version, or a range of them.
    Version(String),
}

/// A command of Kamal's in a step.
#[derive(Clone, Debug)]
pub struct Command {
    /// The program, as it is written: `kamal`, `bin/kamal`.
    pub program: String,
    /// Whether Bundler starts it, in the version that is locked.
    pub is_bundled: bool,
    /// Its words behind the program, as far as they can be told.
    words: Vec<Option<String>>,
}

/// Options of Kamal's that a value follows (kamal 2.12 `lib/kamal/cli/base.rb`).
const WITH_VALUE: [&str; 12] = [
    "--config-file",
    "--destination",
    "--env",
    "--hosts",
    "--message",
    "--roles",
    "--version",
    "-c",
    "-d",
    "-e",
    "-h",
    "-r",
];

impl Command {
    /// Reads a command line; nothing if it does not start Kamal.
    pub fn of(words: &[Option<String>]) -> Option<Self> {
        let known = |word: &Option<String>, wanted: &str| word.as_deref() == Some(wanted);
        let (is_bundled, words) = match words {
            [bundle, exec, rest @ ..] if known(bundle, "bundle") && known(exec, "exec") => {
                (true, rest)
            }
            words => (false, words),
        };
        let (program, rest) = words.split_first()?;
        let program = program.clone()?;
        (program.rsplit('/').next() == Some("kamal")).then(|| Self {
            program,
            is_bundled,
            words: rest.to_vec(),
        })
    }

    /// The command line, with `…` for what the runner puts in.
    pub fn line(&self) -> String {
        let words = self.words.iter();
        let words = words.map(|word| word.as_deref().unwrap_or("…"));
        let words: Vec<&str> = std::iter::once(self.program.as_str())
            .chain(words)
            .collect();
        words.join(" ")
    }

    /// What it is told to do, without options: `deploy`, or `app`, `exec`, `bin/rails …`. Ends
    /// where a word cannot be told.
    pub fn positional(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut words = self.words.iter();
        while let Some(Some(word)) = words.next() {
            if WITH_VALUE.contains(&word.as_str()) {
                words.next();
            } else if !word.starts_with('-') {
                found.push(word.as_str());
            }
        }
        found
    }

    /// The value of an option; `Some(None)` if it is there and cannot be told.
    pub fn option(&self, short: &str, long: &str) -> Option<Option<String>> {
        let position = self.words.iter().position(|word| {
            word.as_deref().is_some_and(|word| {
                word == short || word == long || word.starts_with(&format!("{long}="))
            })
        })?;
        let word = self.words[position].as_deref()?;
        match word.split_once('=') {
            Some((_, value)) => Some(Some(value.to_owned())),
            None => Some(self.words.get(position + 1).cloned().flatten()),
        }
    }

    /// Whether all of its words are known.
    pub fn is_settled(&self) -> bool {
        self.words.iter().all(Option::is_some)
    }

    /// Whether it reads `config/deploy.yml`: all but what tells of Kamal itself.
    pub fn reads_configuration(&self) -> bool {
        let verb = self.positional().first().copied();
        verb.is_some_and(|verb| !["docs", "help", "init", "version"].contains(&verb))
    }

    /// Whether it puts a version onto servers.
    pub fn deploys(&self) -> bool {
        let verb = self.positional().first().copied();
        verb.is_some_and(|verb| ["deploy", "redeploy", "setup"].contains(&verb))
    }
}

impl<'a> App<'a> {
    /// The jobs of workflows that run Kamal.
    pub fn kamal_jobs(&'a self) -> Vec<Job<'a>> {
        let sources = self.tree().sources().filter(|source| {
            source.path().parent().as_str() == FOLDER
                && is_workflow(source.path().name())
                && source.text().contains("kamal")
        });
        let workflows = sources.filter_map(|source| {
            let is_whole = source.yaml().errors.is_empty();
            Some((source, Setting::root([source]).filter(|_| is_whole)?))
        });
        let jobs = workflows.flat_map(|(source, workflow)| {
            let jobs = workflow.get("jobs").known();
            let members = jobs
                .iter()
                .flat_map(|jobs| jobs.members())
                .collect::<Vec<_>>();
            members.into_iter().map(move |member| Job {
                app: self,
                source,
                workflow: workflow.clone(),
                name: member.name,
                setting: member.value,
                commands: &[],
            })
        });
        let jobs: Vec<Job<'a>> = jobs.filter(|job| job.setting.is_mapping()).collect();
        let commands = self
            .kamal_commands
            .get_or_init(|| jobs.iter().map(Job::read_commands).collect());
        jobs.into_iter()
            .zip(commands)
            .filter(|(_, commands)| !commands.is_empty())
            .map(|(job, commands)| Job { commands, ..job })
            .collect()
    }

    /// Whether a workflow builds the image and Kamal does not, from a checkout without history: `actions/checkout`
    /// fetches one commit unless `fetch-depth` says otherwise.
    pub fn is_built_from_one_commit(&self) -> bool {
        self.kamal_jobs().iter().any(|job| {
            let mut commands = job.commands().iter();
            let is_pushed = commands
                .any(|command| command.deploys() && command.option("-P", "--skip-push").is_some());
            is_pushed && job.is_hosted() && !job.source.text().contains("fetch-depth")
        })
    }
}

impl<'a> Destination<'a> {
    /// The job of a workflow that deploys it, and the command.
    pub fn deploy_job(&self) -> Option<(Job<'a>, Fact<Command>)> {
        let deploys = |command: &Fact<Command>| {
            let given = command.option("-d", "--destination");
            command.deploys()
                && command.is_settled()
                && command.option("-c", "--config-file").is_none()
                && given.flatten().as_deref() == self.option()
        };
        self.app().kamal_jobs().into_iter().find_map(|job| {
            let command = job
                .commands()
                .iter()
                .find(|command| deploys(command))?
                .clone();
            Some((job, command))
        })
    }
}

impl<'a> Job<'a> {
    /// Whether its workflow or a hook of Kamal's names a file, and so may make it.
    pub fn may_make(&self, path: &Path) -> bool {
        let hooks = self
            .app
            .tree()
            .sources()
            .filter(|source| source.path().starts_with(".kamal/hooks/"));
        std::iter::once(self.source)
            .chain(hooks)
            .any(|source| source.text().contains(path.name()))
    }

    /// The workflow's file.
    pub fn path(&self) -> &'a Path {
        self.source.path()
    }

    /// Its name.
    pub fn name(&self) -> &Fact<String> {
        &self.name
    }

    /// Kamal's commands in it.
    pub fn commands(&self) -> &'a [Fact<Command>] {
        self.commands
    }

    /// The first of them that deploys.
    pub fn deploy(&self) -> Option<&'a Fact<Command>> {
        self.commands.iter().find(|command| command.deploys())
    }

    /// Reads what its steps run.
    fn read_commands(&self) -> Vec<Fact<Command>> {
        let runs = self.runs().into_iter();
        runs.flat_map(|run| self.commands_of(&run)).collect()
    }

    /// Which Kamal a step installs by itself, if any does.
    pub fn installs_kamal(&self) -> Option<Fact<Installed>> {
        self.runs().into_iter().find_map(|run| {
            let text = run.text().known()?;
            let script = shell::parse(&text);
            let installed = script.commands().into_iter().find_map(|command| {
                let words: Option<Vec<String>> = command.words.iter().map(Word::literal).collect();
                Some((installed_kamal(&words?)?, command.span))
            });
            let (version, span) = installed?;
            let place = self.place_of(&run, span.of(&text));
            Some(Fact::new(version, Origin::at(place, "installed here")))
        })
    }

    /// What stops a deploy that runs when the next one is asked for; nothing where a step gives Kamal's lock
    /// back.
    pub fn cancelled_by_next(&self) -> Option<Fact<()>> {
        let is_release =
            |command: &Fact<Command>| command.positional().starts_with(&["lock", "release"]);
        if self.commands().iter().any(is_release) {
            return None;
        }
        [&self.setting, &self.workflow]
            .into_iter()
            .find_map(|holder| {
                let concurrency = holder.get("concurrency").known()?;
                let cancels = concurrency.get("cancel-in-progress").known()?;
                let cancels = cancels.boolean().known().filter(|cancels| cancels.value)?;
                let group = concurrency
                    .get("group")
                    .and_then(|group| group.text())
                    .known()?;
                // Each run is in a group of its own then.
                let is_shared = !["run_id", "run_number", "github.sha"]
                    .iter()
                    .any(|own| group.contains(own));
                is_shared.then(|| cancels.map(|_| ()).labelled("stops the run before it"))
            })
    }

    fn commands_of(&self, run: &Setting<'a>) -> Vec<Fact<Command>> {
        let Some(text) = run.text().known().filter(|text| text.contains("kamal")) else {
            return Vec::new();
        };
        let script = shell::parse(&text);
        let commands = script.commands().into_iter().filter_map(|command| {
            let words: Vec<Option<String>> = command.words.iter().map(Word::literal).collect();
            let line = command.span.of(&text);
            Some(Fact::new(
                Command::of(&words)?,
                Origin::at(self.place_of(run, line), "the step runs this"),
            ))
        });
        commands.collect()
    }

    /// Where a line of a step stands; where it cannot be found again, all that the step runs.
    fn place_of(&self, run: &Setting<'_>, line: &str) -> Place {
        let place = run.place();
        let span = place.span();
        let written = span.of(self.source.text());
        match written.find(line.trim_end()) {
            Some(at) if !line.contains('\n') => {
                let start = span.start as usize + at;
                let end = start + line.trim_end().len();
                Place::text(self.source.path(), syntax::Span::new(start, end))
            }
            _ => place,
        }
    }

    fn steps(&self) -> Vec<Setting<'a>> {
        let steps = self.setting.get("steps").known();
        steps.iter().flat_map(|steps| steps.items()).collect()
    }

    /// What its steps run.
    fn runs(&self) -> Vec<Setting<'a>> {
        let steps = self.steps().into_iter();
        let runs = steps.filter_map(|step| step.get("run").known());
        runs.map(|run| run.value).collect()
    }

    /// All that its steps do, as it is written, with the variables that the workflow gives them.
    fn text(&self) -> String {
        let env = self.workflow.get("env").known();
        let env = env.as_ref().map_or("", |env| env.written());
        format!("{env}\n{}", self.setting.written())
    }

    /// Whether something in it has a word in it, in capitals or not.
    pub fn mentions(&self, word: &str) -> bool {
        self.text().to_lowercase().contains(&word.to_lowercase())
    }

    /// Whether what a step runs has a word in it, in capitals or not.
    pub fn runs_text_with(&self, word: &str) -> bool {
        let mut runs = self.runs().into_iter();
        runs.any(|run| run.written().to_lowercase().contains(word))
    }

    /// Whether a variable's name stands anywhere in it, or every runner has the variable.
    pub fn names_variable(&self, name: &str) -> bool {
        let is_ambient = [
            "ACTIONS_", "CI", "GITHUB_", "HOME", "PATH", "RUNNER_", "SSH_", "USER",
        ];
        let text = self.text();
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        is_ambient.iter().any(|prefix| name.starts_with(prefix)) || words.any(|word| word == name)
    }

    /// Whether it runs on a machine of GitHub's, which starts with nothing of the user's.
    pub fn is_hosted(&self) -> bool {
        let runner = self.setting.get("runs-on").and_then(|runner| runner.text());
        runner.known().is_some_and(|runner| {
            ["ubuntu-", "macos-"]
                .iter()
                .any(|prefix| runner.starts_with(prefix))
        })
    }

    /// Whether a step uses an action of the repository's own, whose steps are not read.
    pub fn uses_own_action(&self) -> bool {
        self.steps().iter().any(|step| {
            let uses = step.get("uses").and_then(|uses| uses.text()).known();
            uses.is_some_and(|uses| uses.starts_with("./"))
        })
    }

    /// Whether its steps are known: every action that it uses is known to set no variable, none is the
    /// app's own, and no step runs a script of the app's.
    pub fn has_known_steps(&self) -> bool {
        self.setting
            .get("steps")
            .known()
            .is_some_and(|steps| steps.is_settled())
            && self.steps().iter().all(|step| {
                let uses = match step.get("uses").and_then(|uses| uses.text()) {
                    Answer::Is(uses) => ACTIONS.iter().any(|action| {
                        let rest = uses.strip_prefix(action);
                        rest.is_some_and(|rest| rest.starts_with(['@', '/']))
                    }),
                    Answer::Absent(_) => true,
                    Answer::Unknown(..) => false,
                };
                let runs = match step.get("run").and_then(|run| run.text()) {
                    Answer::Is(run) => runs_only_known(&run),
                    Answer::Absent(_) => true,
                    Answer::Unknown(..) => false,
                };
                uses && runs
            })
    }

    /// Whether it is in another folder than the workflow's repository starts in, or may be.
    pub fn changes_folder(&self) -> bool {
        let is_below = self
            .app
            .tree()
            .place()
            .is_some_and(|place| !place.is_empty());
        let defaults = !self.workflow.get("defaults").is_absent();
        is_below || defaults || self.mentions("working-directory") || self.mentions("cd ")
    }
}

/// The version of Kamal that a command installs, if it is `gem install kamal`.
fn installed_kamal(words: &[String]) -> Option<Installed> {
    let words = match words {
        [sudo, rest @ ..] if sudo == "sudo" => rest,
        words => words,
    };
    let [gem, install, rest @ ..] = words else {
        return None;
    };
    let named = rest.iter().find(|word| {
        let name = word.split(':').next();
        name == Some("kamal")
    })?;
    let option = flags_named(rest, "-v", "--version").into_iter().next();
    let version = named.split_once(':').map(|(_, version)| version.to_owned());
    let installed = version
        .or(option)
        .map_or(Installed::Newest, Installed::Version);
    (gem == "gem" && install == "install").then_some(installed)
}

/// Actions that set no variable for the steps behind them; of the last, only an agent's socket.
const ACTIONS: [&str; 13] = [
    "actions/cache",
    "actions/checkout",
    "actions/download-artifact",
    "actions/setup-node",
    "actions/upload-artifact",
    "crazy-max/ghaction-github-runtime",
    "docker/build-push-action",
    "docker/login-action",
    "docker/metadata-action",
    "docker/setup-buildx-action",
    "docker/setup-qemu-action",
    "ruby/setup-ruby",
    "webfactory/ssh-agent",
];

/// Programs that steps run and that set up nothing for others.
const PROGRAMS: [&str; 24] = [
    ":", "[", "apt-get", "bundle", "cat", "curl", "docker", "echo", "env", "exit", "export",
    "false", "gem", "git", "grep", "kamal", "ls", "mkdir", "npm", "printf", "set", "sudo", "true",
    "yarn",
];

fn runs_only_known(script: &str) -> bool {
    let script = shell::parse(script);
    script.commands().iter().all(|command| {
        let name = command.name().unwrap_or_default();
        let is_binstub = ["bin/kamal", "./bin/kamal", "bin/rails", "./bin/rails"];
        PROGRAMS.contains(&name.as_str()) || is_binstub.contains(&name.as_str())
    })
}
