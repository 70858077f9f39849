//! What `RUN` hands to a shell.

use super::{Arguments, Dockerfile, Instruction, Keyword};
use crate::shell::{self, Command, Part, Script, Word};
use crate::{Span, Spanned};

/// The script of a `RUN`, as a shell reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunScript {
    /// The number of the instruction, from 0; of `ONBUILD`, the number of that.
    pub instruction: usize,
    /// Where the script's first byte is in the Dockerfile: spans in the script count from there.
    pub start: usize,
    /// The programs that its commands start, without their folders, where nothing is expanded in them.
    pub programs: Vec<String>,
    /// The script. Of an exec form it is one command, which no shell expands.
    pub script: Script,
}

impl Dockerfile {
    /// The scripts of all `RUN`s, in the order of the file `text`.
    ///
    /// A here-document is a script where it is all that `RUN` has, or what a shell reads; else it is
    /// what a program is given to read, and no script. What another shell than those like `sh` runs
    /// is left out (`SHELL ["powershell"]`).
    ///
    /// Upstream: BuildKit `frontend/dockerfile/dockerfile2llb/convert.go`, `dispatchRun`.
    pub fn scripts(&self, text: &str) -> Vec<RunScript> {
        let mut scripts = Vec::new();
        let mut is_like_sh = true;
        for (number, instruction) in self.instructions.iter().enumerate() {
            match &instruction.keyword.value {
                Keyword::From => is_like_sh = true,
                Keyword::Shell => {
                    if let Arguments::Exec(words) = &instruction.arguments {
                        is_like_sh = words.first().is_some_and(|program| is_shell(program));
                    }
                }
                Keyword::Run => collect(instruction, number, text, is_like_sh, &mut scripts),
                Keyword::Onbuild => {
                    if let Arguments::Onbuild(trigger) = &instruction.arguments
                        && trigger.keyword.value == Keyword::Run
                    {
                        collect(trigger, number, text, is_like_sh, &mut scripts);
                    }
                }
                _ => {}
            }
        }
        scripts
    }
}

fn collect(
    run: &Instruction,
    number: usize,
    text: &str,
    is_like_sh: bool,
    scripts: &mut Vec<RunScript>,
) {
    let mut push = |start: usize, script: Script| {
        let programs = script.commands().into_iter().filter_map(Command::name);
        scripts.push(RunScript {
            instruction: number,
            start,
            programs: programs
                .map(|program| file_name(&program).to_owned())
                .collect(),
            script,
        });
    };
    match &run.arguments {
        Arguments::Exec(words) => push(0, command_of(words, run.arguments_span)),
        Arguments::Shell(line) if is_like_sh => {
            let mut script = shell::parse(&line.masked);
            if !run.heredocs.is_empty() {
                // To the shell's parser their bodies are missing.
                script.errors.clear();
            }
            let reads_bodies = match script.commands().as_slice() {
                [] => true,
                [only] => only.words.is_empty() || only.name().is_some_and(|name| is_shell(&name)),
                _ => false,
            };
            push(line.span.start as usize, script);
            let bodies = run.heredocs.iter().filter(|_| reads_bodies);
            for body in bodies.map(|heredoc| heredoc.body) {
                let script = shell::parse(body.of(text));
                let is_other = script
                    .shebang
                    .as_ref()
                    .is_some_and(|shebang| !is_shell(shebang.program()));
                if !is_other {
                    push(body.start as usize, script);
                }
            }
        }
        _ => {}
    }
}

/// Whether a program reads scripts as `sh` does.
fn is_shell(program: &str) -> bool {
    ["sh", "bash", "dash", "ash", "ksh", "zsh"].contains(&file_name(program))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The command that an exec form is.
fn command_of(words: &[Spanned<String>], span: Span) -> Script {
    let words = words.iter().map(|word| Word {
        span: word.span,
        parts: vec![Spanned::new(Part::Literal(word.value.clone()), word.span)],
    });
    Script {
        statements: vec![shell::Statement::Command(Command {
            span,
            assignments: Vec::new(),
            words: words.collect(),
            redirects: Vec::new(),
        })],
        ..Script::default()
    }
}
