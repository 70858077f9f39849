//! `seaworthy mcp`: the verbs that only read, for agents, by the Model Context Protocol.
//!
//! Each tool is the verb of its name, run as on the command line, so that both give the same JSON. Nothing is
//! written, no program is started, and only apps in the server's own folder and below are read.

use std::path::{Path, PathBuf};

use engine::diagnose::Listener;
use engine::render::diagnosis;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, ContentBlock, Implementation, ServerCapabilities, ServerConfig};
use rmcp::transport::stdio;
use rmcp::{ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{ask, check, diagnose, explain, facts};
use crate::Verdict;
use crate::arguments::{Ask, Check, Colour, Diagnose, Explain, Format, Global};
use crate::disk;
use crate::error::Error;
use crate::output::Output;

/// How long a log may be that is handed over as a text: a longer one is a file.
const LONGEST_LOG: usize = 4 * 1024 * 1024;

/// What an agent is told of the server.
const INSTRUCTIONS: &str = "seaworthy knows how a Rails 8 app runs on its own servers with Docker and Kamal. \
    `ask` answers a question from the app's own files and shows what to change as a diff; `check` audits the app; \
    `diagnose` says what failed in a log of docker build, kamal deploy or a container; `explain` says why a rule \
    or a failure matters; `facts` lists what the files say, each with file and line. Nothing is ever written: apply \
    what is shown with your own tools, or, once the user agrees, with `seaworthy check --fix`, `seaworthy ask TOPIC \
    --apply` or `seaworthy init` on the command line.";

pub(crate) fn run(global: &Global) -> Result<Verdict, Error> {
    let folder = global.directory.as_deref().unwrap_or(Path::new("."));
    let root = folder
        .canonicalize()
        .map_err(|error| Error::io("looking for", folder, &error))?;
    let server = Server {
        root: disk::find_app(&root).unwrap_or(root),
        tool_router: Server::tool_router(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Error::new(format!("the server cannot start: {error}")))?;
    runtime.block_on(async {
        // An end of the input before the first message is an end.
        if let Ok(service) = server.serve(stdio()).await {
            let _ = service.waiting().await;
        }
    });
    // A thread of the runtime's waits for input that will never come.
    runtime.shutdown_background();
    Ok(Verdict::Fine)
}

/// The tools, and the folder whose apps they read.
struct Server {
    root: PathBuf,
    tool_router: ToolRouter<Self>,
}

/// Which app is meant.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Which {
    /// The app's folder, below the server's own; leave it out for the server's own folder.
    app: Option<String>,
    /// One Kamal destination, as `kamal -d` takes it; leave it out for all.
    destination: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OfCheck {
    #[serde(flatten)]
    which: Which,
    /// Only these rules or groups, such as `kamal` or `database/no-server`.
    #[serde(default)]
    select: Vec<String>,
    /// General advice and matters of taste, too.
    #[serde(default)]
    pedantic: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OfExplain {
    /// A rule's id as `check` gives it, a failure's as `diagnose` gives it, a name of hadolint's or BuildKit's, or a
    /// key of config/deploy.yml such as `proxy.app_port`.
    name: String,
    #[serde(flatten)]
    which: Which,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OfDiagnose {
    #[serde(flatten)]
    which: Which,
    /// The log itself, up to 4 MB.
    log: Option<String>,
    /// Or a log's file, below the server's folder; of any size.
    path: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OfAsk {
    /// The question in plain words, or the name of a topic.
    question: String,
    #[serde(flatten)]
    which: Which,
}

#[tool_router]
impl Server {
    #[tool(
        description = "Lists what the app's files say: Ruby, Rails, gems, databases, the Solid trio, the Dockerfile's stages, Kamal's merged configuration with roles, ports, variables and accessories, workflows. Each fact has its file and line; absent and unknown ones say so. Use it before you reason about an app's production setup.",
        annotations(
            title = "Facts of a Rails app",
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn facts(&self, Parameters(which): Parameters<Which>) -> CallToolResult {
        self.told(&which, facts::run)
    }

    #[tool(
        description = "Audits Dockerfile, config/deploy.yml, secrets, database.yml, Compose, workflows and what they have to agree on. Returns findings with rule, message, place, why, how to verify, and a fix as a diff where there is a safe one. Use it after changing any of these files, and before a deploy.",
        annotations(
            title = "Audit a Rails app",
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn check(&self, Parameters(asked): Parameters<OfCheck>) -> CallToolResult {
        let check = Check {
            select: asked.select,
            pedantic: asked.pedantic,
            ..Check::default()
        };
        self.told(&asked.which, |global, output| {
            check::run(global, &check, output)
        })
    }

    #[tool(
        description = "Says why a rule or a failure is there, how to see it, how to put it right, and where the facts are from; or what a key of config/deploy.yml is and what it is set to here.",
        annotations(
            title = "Explain a rule, a failure or a key",
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn explain(&self, Parameters(asked): Parameters<OfExplain>) -> CallToolResult {
        let explain = Explain {
            rule: Some(asked.name),
        };
        self.told(&asked.which, |global, output| {
            explain::run(global, &explain, output)
        })
    }

    #[tool(
        description = "Finds what failed in a log of docker build, kamal setup or deploy, a container, kamal-proxy, Rails, Puma, Solid Queue, PostgreSQL or Compose, and why, confirmed by the app's files where they agree. Give `log` as it was printed, or `path`. An empty list means that no known failure is in it: do not guess from it.",
        annotations(
            title = "Diagnose a failure from a log",
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn diagnose(&self, Parameters(asked): Parameters<OfDiagnose>) -> CallToolResult {
        match (asked.log, asked.path) {
            (Some(log), None) if log.len() <= LONGEST_LOG => {
                self.told(&asked.which, |global, output| {
                    let mut listener = Listener::new("log");
                    listener.feed(log.as_bytes());
                    let (diagnoses, tree) = diagnose::told(global, &listener.finish());
                    output.json(&diagnosis::json(&diagnoses, &tree))?;
                    Ok(Verdict::Fine)
                })
            }
            (Some(_), None) => refused(
                &Error::new("the log is longer than 4 MB")
                    .hint("write it to a file and give its `path`"),
            ),
            (None, Some(path)) => match self.inside(&path) {
                Ok(file) => self.told(&asked.which, |global, output| {
                    let diagnose = Diagnose {
                        files: vec![file.clone()],
                        command: Vec::new(),
                    };
                    diagnose::run(global, &diagnose, output)
                }),
                Err(error) => refused(&error),
            },
            _ => refused(&Error::new("give the log either as `log` or as `path`")),
        }
    }

    #[tool(
        description = "Answers a question about running this Rails app with Docker and Kamal from its own files: what is so now with file and line, what is wrong, what to change as diffs, the exact commands with this app's names, why, how to verify, and what comes next; and whether it is so already. Topics: Dockerfiles, image size, Kamal setup and deploys, destinations, health checks, zero downtime, Solid Queue, Cache and Cable, jobs, databases, pools, backups, secrets, TLS, Thruster, Traefik, assets, uploads, logs, consoles, CI, moving from other hosts. `topic` is null where none fits.",
        annotations(
            title = "Ask about this app in production",
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn ask(&self, Parameters(asked): Parameters<OfAsk>) -> CallToolResult {
        let ask = Ask {
            question: vec![asked.question],
            apply: false,
            diff: false,
        };
        self.told(&asked.which, |global, output| {
            ask::run(global, &ask, output)
        })
    }
}

impl Server {
    /// What a verb says of an app, as JSON.
    fn told(
        &self,
        which: &Which,
        verb: impl FnOnce(&Global, &Output) -> Result<Verdict, Error>,
    ) -> CallToolResult {
        let folder = match self.inside(which.app.as_deref().unwrap_or(".")) {
            Ok(folder) => folder,
            Err(error) => return refused(&error),
        };
        if let Some(app) = disk::find_app(&folder)
            && !app.starts_with(&self.root)
        {
            return refused(&Error::new(format!(
                "{} is not in a Rails app that is in the server's folder",
                which.app.as_deref().unwrap_or(".")
            )));
        }
        let global = Global {
            directory: Some(folder),
            destination: which.destination.clone(),
            format: Format::Json,
            color: Colour::Never,
            quiet: true,
        };
        let output = Output::keeping(Format::Json);
        if let Err(error) = verb(&global, &output) {
            return refused(&error);
        }
        match serde_json::from_str::<Value>(&output.kept()) {
            Ok(value) => CallToolResult::structured(value),
            Err(error) => refused(&Error::new(format!("no answer: {error}"))),
        }
    }

    /// A path in the server's folder or below, links followed.
    fn inside(&self, path: &str) -> Result<PathBuf, Error> {
        let whole = self
            .root
            .join(path)
            .canonicalize()
            .map_err(|error| Error::io("looking for", Path::new(path), &error))?;
        if whole.starts_with(&self.root) {
            return Ok(whole);
        }
        Err(
            Error::new(format!("{path} is outside of the server's folder"))
                .hint("start another server with -C for it"),
        )
    }
}

/// What stands in the way, as an answer that an agent can work with.
fn refused(error: &Error) -> CallToolResult {
    let help = error
        .help()
        .map_or_else(String::new, |help| format!("\n{help}"));
    CallToolResult::error(vec![ContentBlock::text(format!("{error}{help}"))])
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("seaworthy", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }
}
