//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use engine::plan::{HOOKS, SECRET_STORES};

/// The expert on running Rails 8 with Docker and Kamal.
#[derive(Debug, Parser)]
#[command(
    name = "seaworthy",
    version,
    about,
    disable_help_subcommand = true,
    after_help = "Examples:\n  \
        seaworthy                    what this app is, what is missing, what is wrong\n  \
        seaworthy init --diff        plan the production files and show them\n  \
        seaworthy check              audit the app\n  \
        seaworthy check --fix        and mend what can be mended safely\n  \
        seaworthy diagnose a.log     what failed, and why\n  \
        seaworthy ask \"why is my image 2 GB?\"\n  \
        seaworthy explain app-port-mismatch\n\n\
        Exit status: 0 nothing to say against it, 1 the negative answer, 2 could not run."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of every verb.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Work in DIR instead of the current folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// Look at one Kamal destination only; init writes its files
    #[arg(short, long, value_name = "DESTINATION", global = true)]
    pub(crate) destination: Option<String>,
    /// How results are written
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    pub(crate) format: Format,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Colour::Auto, global = true)]
    pub(crate) color: Colour,
    /// Say only what was asked for
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs: one document on standard output
    Json,
    /// Of check: SARIF 2.1.0, for code scanning
    Sarif,
    /// Of check: annotations of GitHub Actions
    Github,
    /// Of check: GitLab's report of code quality
    Gitlab,
    /// Of check: JUnit XML
    Junit,
    /// Of check: a summary for a pull request
    Markdown,
}

impl Format {
    /// Whether every verb writes it.
    pub(crate) fn is_for_all(self) -> bool {
        matches!(self, Self::Text | Self::Json)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Plan and write the production files that this app needs
    Init(Box<Init>),
    /// Audit an app, files of it, or a Dockerfile on its own
    Check(Check),
    /// List what the app's files say, and where
    Facts,
    /// Show what Kamal is told, all files merged, and where each value stands
    #[command(
        after_help = "Examples:\n  seaworthy config\n  seaworthy config -d staging\n  seaworthy config --format json"
    )]
    Config,
    /// Say what failed and why, from a log and the app's files
    Diagnose(Diagnose),
    /// Answer a question from the app's own files
    Ask(Ask),
    /// Serve facts, check, explain, diagnose and ask to an AI agent, by the Model Context Protocol
    #[command(after_help = "Examples:\n  \
        seaworthy mcp                speaks on standard input and output, until the input ends\n  \
        seaworthy -C ~/apps mcp      for the apps in that folder\n\n\
        An agent starts it: { \"mcpServers\": { \"seaworthy\": { \"command\": \"seaworthy\", \"args\": [\"mcp\"] } } }\n\n\
        It reads apps in its own folder and below, writes nothing, starts no program and needs no network.")]
    Mcp,
    /// Say why a rule or a failure is there and how to see what it is about
    Explain(Explain),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    seaworthy init --diff\n  \
    seaworthy init --server 203.0.113.10 --domain harbour.example.org --yes\n  \
    seaworthy init -d staging --server 203.0.113.20 --domain staging.example.org --yes\n  \
    seaworthy init --jobs role --hardened --hook pre-build --ci github --yes\n  \
    seaworthy init --replace Dockerfile --yes\n  \
    seaworthy init Dockerfile .dockerignore --dry-run\n\n\
    Choices are remembered in config/seaworthy.yml. A file that init did not write, or that was\n\
    changed since, stays as it is unless --replace names it; on a terminal init asks.")]
pub(crate) struct Init {
    /// Plan these files only
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// Show the plan and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Show what would change as a diff and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) diff: bool,
    /// Write the files without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Say why everything is decided as it is
    #[arg(long)]
    pub(crate) explain: bool,
    /// Overwrite FILE although it is yours; may be given again
    #[arg(long, value_name = "FILE")]
    pub(crate) replace: Vec<String>,

    /// Name of the service, after which containers and accessories are called
    #[arg(long, value_name = "NAME", help_heading = "Deploy")]
    pub(crate) service: Option<String>,
    /// Address of a server; may be given again. With -d, of that destination
    #[arg(long, value_name = "ADDRESS", help_heading = "Deploy")]
    pub(crate) server: Vec<String>,
    /// Domain that the app is reached by. With -d, that destination
    #[arg(long, value_name = "NAME", help_heading = "Deploy")]
    pub(crate) domain: Option<String>,
    /// Where TLS ends
    #[arg(long, value_parser = ["letsencrypt", "certificate", "load-balancer"], help_heading = "Deploy")]
    pub(crate) tls: Option<String>,
    /// Address that Let's Encrypt writes to, where Traefik fetches the certificate
    #[arg(long, value_name = "ADDRESS", help_heading = "Deploy")]
    pub(crate) email: Option<String>,
    /// Registry for the image; docker.io is Docker Hub
    #[arg(long, value_name = "HOST", help_heading = "Deploy")]
    pub(crate) registry: Option<String>,
    /// User at the registry
    #[arg(long, value_name = "NAME", help_heading = "Deploy")]
    pub(crate) registry_user: Option<String>,
    /// Architecture of the servers; may be given again
    #[arg(long, value_name = "ARCH", value_parser = ["amd64", "arm64"], help_heading = "Deploy")]
    pub(crate) arch: Vec<String>,
    /// Where secrets are kept
    #[arg(long, value_name = "STORE", value_parser = SECRET_STORES, help_heading = "Deploy")]
    pub(crate) secrets: Option<String>,
    /// Account at the store of secrets
    #[arg(long, value_name = "NAME", help_heading = "Deploy")]
    pub(crate) secrets_account: Option<String>,
    /// Vault, item or project in the store of secrets
    #[arg(long, value_name = "NAME", help_heading = "Deploy")]
    pub(crate) secrets_vault: Option<String>,
    /// Kamal's major version; 1 runs Traefik
    #[arg(long, value_name = "VERSION", value_parser = ["1", "2"], help_heading = "Deploy")]
    pub(crate) kamal: Option<String>,
    /// Put Traefik in front of kamal-proxy
    #[arg(long, value_name = "YES", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = ["true", "false"], help_heading = "Deploy")]
    pub(crate) traefik: Option<String>,
    /// Write this hook of Kamal; may be given again
    #[arg(long, value_name = "NAME", value_parser = HOOKS, help_heading = "Deploy")]
    pub(crate) hook: Vec<String>,
    /// Write a workflow that deploys after a push
    #[arg(long, value_name = "SERVICE", value_parser = ["github", "none"], help_heading = "Deploy")]
    pub(crate) ci: Option<String>,

    /// Run jobs inside Puma or in a role of their own
    #[arg(long, value_parser = ["puma", "role"], help_heading = "Data and jobs")]
    pub(crate) jobs: Option<String>,
    /// Give each part of the Solid trio a database, or one to all
    #[arg(long, value_parser = ["separate", "single"], help_heading = "Data and jobs")]
    pub(crate) solid: Option<String>,
    /// Database server, where it is not on the app's server
    #[arg(long, value_name = "ADDRESS", help_heading = "Data and jobs")]
    pub(crate) database_host: Option<String>,
    /// Major version of the database server
    #[arg(long, value_name = "VERSION", help_heading = "Data and jobs")]
    pub(crate) database_version: Option<String>,
    /// Names of the database's variables: those that database.yml reads, or `DATABASE_HOST` and so on
    #[arg(long, value_name = "NAMES", value_parser = ["app", "fields"], help_heading = "Data and jobs")]
    pub(crate) database_env: Option<String>,
    /// Write docker-compose.yml for development
    #[arg(long, value_name = "YES", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = ["true", "false"], help_heading = "Data and jobs")]
    pub(crate) compose: Option<String>,

    /// Distribution that the image starts from; slim is what the Ruby image has
    #[arg(long, value_parser = ["slim", "trixie", "bookworm", "alpine"], help_heading = "Image")]
    pub(crate) base: Option<String>,
    /// Folder of the app in the image; /rails unless the app's files say another
    #[arg(long, value_name = "FOLDER", help_heading = "Image")]
    pub(crate) workdir: Option<String>,
    /// Run containers with a read-only root filesystem and without privileges
    #[arg(long, value_name = "YES", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = ["true", "false"], help_heading = "Image")]
    pub(crate) hardened: Option<String>,
    /// Put Thruster in front of Puma, where it is in the bundle
    #[arg(long, value_name = "YES", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = ["true", "false"], help_heading = "Image")]
    pub(crate) thruster: Option<String>,
    /// Package of the distribution that the image gets besides; may be given again
    #[arg(long, value_name = "NAME", help_heading = "Image")]
    pub(crate) package: Vec<String>,
    /// Package that the image does without; may be given again
    #[arg(long, value_name = "NAME", help_heading = "Image")]
    pub(crate) without: Vec<String>,
}

#[derive(Args, Debug, Default)]
#[command(after_help = "Examples:\n  \
    seaworthy check\n  \
    seaworthy check ~/apps --format json\n  \
    seaworthy check config/deploy.yml --select kamal\n  \
    seaworthy check --fix\n  \
    seaworthy check --diff --unsafe\n  \
    seaworthy check --write-baseline\n  \
    seaworthy check --format sarif > seaworthy.sarif\n  \
    seaworthy check --stdin-path Dockerfile - < Dockerfile")]
pub(crate) struct Check {
    /// Apps, files of an app, Dockerfiles, or folders to search for them; - is standard input
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// Only these rules or groups
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// All but these rules or groups
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// General advice and matters of taste, too
    #[arg(long)]
    pub(crate) pedantic: bool,
    /// The same, and everything makes the exit status 1: notes, and what a baseline knows in vain
    #[arg(long, conflicts_with = "fail_on")]
    pub(crate) strict: bool,
    /// Findings that are known; config/seaworthy-baseline.json if that is there
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Remember all that is found now as known
    #[arg(long, conflicts_with_all = ["fix", "diff", "watch"])]
    pub(crate) write_baseline: bool,
    /// Look again whenever a file changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["fix", "diff", "stdin_path"])]
    pub(crate) watch: bool,
    /// The least severity that makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning, value_name = "SEVERITY")]
    pub(crate) fail_on: FailOn,
    /// Read the file PATH of the app from standard input
    #[arg(long, value_name = "PATH")]
    pub(crate) stdin_path: Option<String>,
    /// Apply the fixes that keep what the app means
    #[arg(long, group = "fixes")]
    pub(crate) fix: bool,
    /// Apply fixes that may change what the app means, too
    #[arg(long, requires = "fixes")]
    pub(crate) r#unsafe: bool,
    /// Show what --fix would write and write nothing
    #[arg(long, group = "fixes")]
    pub(crate) diff: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Error,
    #[default]
    Warning,
    Note,
    Never,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    seaworthy diagnose deploy.log\n  \
    set -o pipefail; kamal deploy 2>&1 | tee deploy.log | seaworthy diagnose\n  \
    docker logs harbour-web 2>&1 | seaworthy diagnose --format json -\n  \
    seaworthy diagnose -- kamal deploy\n\n\
    In an app's folder its files confirm what the log says, and have the fix. Without `set -o pipefail` a shell\n\
    takes the pipe for a success, though the deploy failed.\n\n\
    A command behind `--` runs on a terminal of its own, and its exit status is the program's.\n\n\
    Exit status: 0 something is known, 1 nothing is, 2 could not run.")]
pub(crate) struct Diagnose {
    /// Logs, one after the other; `-`, or none, is standard input
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Run COMMAND, show what it prints as it comes, and say at its end what failed
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "files")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    seaworthy ask \"How do I run Solid Queue in the same process as Puma?\"\n  \
    seaworthy ask \"my image is 2 GB, how can I make it smaller?\"\n  \
    seaworthy ask jobs-in-puma --apply\n  \
    seaworthy ask -d staging \"open a console\"\n  \
    seaworthy ask                lists all topics\n\n\
    Nothing is written without --apply.\n\n\
    Exit status: 0 there is an answer, 1 no topic fits, 2 could not run.")]
pub(crate) struct Ask {
    /// The question, in your words, or the name of a topic
    #[arg(value_name = "QUESTION")]
    pub(crate) question: Vec<String>,
    /// Write what the answer would change
    #[arg(long)]
    pub(crate) apply: bool,
    /// Show all that would change as one diff, and nothing else
    #[arg(long, conflicts_with = "apply")]
    pub(crate) diff: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  seaworthy explain kamal/app-port-mismatch\n  seaworthy explain proxy.app_port"
)]
pub(crate) struct Explain {
    /// A rule's id, its name without the group, what another tool calls it, a failure that `diagnose`
    /// knows, or a key of config/deploy.yml
    #[arg(value_name = "RULE|FAILURE|KEY")]
    pub(crate) rule: Option<String>,
}
