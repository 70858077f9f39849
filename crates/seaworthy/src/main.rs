//! The program: arguments, files and the terminal. It decides nothing about Rails, Docker or Kamal.

mod apply;
mod arguments;
mod commands;
mod disk;
mod error;
mod output;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use error::Error;
use output::Output;

fn main() -> ExitCode {
    // Ruby is read many times, which needs a deep stack: one thread, and not one each time.
    engine::with_deep_stack(start).unwrap_or_else(start)
}

fn start() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and the version are answers; all else is a mistake in the call.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let output = Output::new(&arguments.global);
    match run(&arguments, &output) {
        Ok(verdict) => ExitCode::from(verdict.status()),
        // Whoever reads us has seen enough: `seaworthy facts | head`.
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            output.error(&error);
            ExitCode::from(2)
        }
    }
}

/// What a verb says by its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It was done, and nothing speaks against it.
    Fine,
    /// The verb's negative answer.
    Negative,
    /// That of a command which was run.
    OfCommand(u8),
}

impl Verdict {
    fn status(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Negative => 1,
            Self::OfCommand(status) => status,
        }
    }
}

fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Error> {
    let global = &arguments.global;
    if !global.format.is_for_all() && !matches!(arguments.command, Some(Command::Check(_))) {
        return Err(Error::new("this format is for findings, which `check` has")
            .hint("the other verbs write text or json"));
    }
    match &arguments.command {
        None => commands::overview::run(global, output),
        Some(Command::Init(init)) => commands::init::run(global, init, output),
        Some(Command::Check(check)) => commands::check::run(global, check, output),
        Some(Command::Config) => commands::config::run(global, output),
        Some(Command::Diagnose(diagnose)) => commands::diagnose::run(global, diagnose, output),
        Some(Command::Facts) => commands::facts::run(global, output),
        Some(Command::Mcp) => commands::mcp::run(global),
        Some(Command::Ask(ask)) => commands::ask::run(global, ask, output),
        Some(Command::Explain(explain)) => commands::explain::run(global, explain, output),
    }
}
