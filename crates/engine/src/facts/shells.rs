//! Which shell runs the scripts of a Dockerfile, and what in them another shell would read otherwise.
//!
//! Debian's `sh` is dash, which knows POSIX and little more; Alpine's is ash, and that of Red
//! Hat, SUSE and Arch is bash: both know most of what dash does not.

use std::collections::BTreeSet;

use syntax::dockerfile::{Arguments, Instruction, Keyword, RunScript};
use syntax::shell::{Command, Connector, Header, Node, Part, Redirect, Script, Statement, Word};
use syntax::{Span, Spanned};

use crate::fact::{Fact, Place};
use crate::facts::dockerfile::{Image, Stage, pairs};

/// Something that dash does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bashism {
    /// `[[ … ]]`.
    DoubleBrackets,
    /// `source`.
    Source,
    /// `set -o pipefail`.
    Pipefail,
    /// `{a,b}`.
    Braces,
    /// `a=(1 2)`.
    Array,
    /// `function f`.
    Function,
    /// `<(…)`.
    ProcessSubstitution,
    /// `[ a == b ]`.
    DoubleEquals,
    /// `<<< text`.
    HereString,
    /// `&> file`.
    BothRedirected,
}

/// A pipe of a script.
#[derive(Clone, Debug)]
pub struct Pipe {
    /// All of it.
    pub place: Fact<()>,
    /// Whether a download goes into a program that takes nothing, or half of it, for success.
    pub swallows_download: bool,
}

/// A script of a `RUN`, with what is known of its shell.
#[derive(Clone, Copy, Debug)]
pub struct Scripted<'a> {
    image: Image<'a>,
    /// The `RUN`.
    pub run: &'a Instruction,
    script: &'a RunScript,
}

impl<'a> Image<'a> {
    /// The scripts that a shell runs, without those in exec form.
    pub fn scripted(self) -> Vec<Scripted<'a>> {
        self.scripts()
            .filter(|(run, _)| !matches!(run.arguments, Arguments::Exec(_)))
            .map(|(run, script)| Scripted {
                image: self,
                run,
                script,
            })
            .collect()
    }

    /// What of this kind stands in scripts that dash runs.
    pub fn bashisms(self, kind: Bashism) -> Vec<(Scripted<'a>, Fact<()>)> {
        let scripts = self.scripted().into_iter();
        scripts
            .flat_map(|script| {
                let spans = script.bashisms().into_iter();
                let these = spans.filter(move |(known, _)| *known == kind);
                these.map(move |(_, span)| (script, span))
            })
            .filter(|(script, _)| script.is_for_dash())
            .filter(|(script, _)| kind != Bashism::Pipefail || script.has_old_dash())
            .map(|(script, span)| (script, script.fact((), span, "dash runs this")))
            .collect()
    }
}

impl<'a> Stage<'a> {
    /// The words of the `SHELL` that holds at `at`: the stage's own, or that of the one it starts from.
    pub fn shell(self, at: Span) -> Option<&'a [Spanned<String>]> {
        let own = |stage: Stage<'a>| {
            let mut shells = stage.instructions().iter().filter(|instruction| {
                instruction.keyword.value == Keyword::Shell && instruction.span.start < at.start
            });
            match &shells.next_back()?.arguments {
                Arguments::Exec(words) => Some(words.as_slice()),
                _ => None,
            }
        };
        self.lineage().into_iter().find_map(own)
    }

    /// Whether its `sh` is likely to be dash: it starts from no image that is known to have another.
    fn has_dash(self) -> bool {
        let others = [
            "alma",
            "alpine",
            "amazonlinux",
            "archlinux",
            "busybox",
            "centos",
            "fedora",
            "oracle",
            "redhat",
            "rocky",
            "suse",
            "ubi",
            "wolfi",
            "chainguard",
        ];
        !self.starts_from_one_of(&others)
    }

    /// Whether the oldest stage's image has one of `words` in its name or tag.
    fn starts_from_one_of(self, words: &[&str]) -> bool {
        let oldest = self.lineage().pop();
        let base = oldest.and_then(|stage| stage.base().known());
        base.is_some_and(|base| {
            let base = base.to_ascii_lowercase();
            words.iter().any(|word| base.contains(word))
        })
    }
}

impl<'a> Scripted<'a> {
    /// What the shell reads.
    pub fn script(self) -> &'a Script {
        &self.script.script
    }

    /// Something that stands in it.
    pub fn fact<T>(self, value: T, span: Span, why: &'static str) -> Fact<T> {
        self.image.fact(value, self.span(span), why)
    }

    /// Where something of it stands in the Dockerfile.
    pub fn span(self, span: Span) -> Span {
        span.shifted(self.script.start)
    }

    /// What stands there in the Dockerfile.
    pub fn text(self, span: Span) -> &'a str {
        self.span(span).of(self.image.source().text())
    }

    /// The program that a here-document is read by, or that `SHELL` names; nothing is `/bin/sh`.
    pub fn shell(self) -> Option<String> {
        let file = |program: &str| program.rsplit('/').next().unwrap_or(program).to_owned();
        if let Some(shebang) = &self.script().shebang {
            return Some(file(shebang.program()));
        }
        let is_body =
            |body: &syntax::dockerfile::Heredoc| body.body.start as usize == self.script.start;
        if self.run.heredocs.iter().any(is_body) {
            let mut scripts = self.image.scripts();
            let (_, line) = scripts.find(|(run, _)| std::ptr::eq(*run, self.run))?;
            if let Some(reader) = line
                .script
                .commands()
                .first()
                .and_then(|reader| reader.name())
            {
                return Some(file(&reader));
            }
        }
        let stage = self.image.stage_of(self.run)?;
        stage
            .shell(self.run.span)?
            .first()
            .map(|program| file(program))
    }

    /// Whether dash is likely to read it.
    pub fn is_for_dash(self) -> bool {
        let stage = self.image.stage_of(self.run);
        match self.shell().as_deref() {
            Some("dash") => true,
            None | Some("sh") => stage.is_some_and(Stage::has_dash),
            Some(_) => false,
        }
    }

    /// Whether that is a dash before 0.5.12-7, as far as the base image's tag tells.
    fn has_old_dash(self) -> bool {
        let releases = [
            "buster",
            "bullseye",
            "bookworm",
            "bionic",
            "focal",
            "jammy",
            "noble",
            "debian:10",
            "debian:11",
            "debian:12",
            "ubuntu:18.04",
            "ubuntu:20.04",
            "ubuntu:22.04",
            "ubuntu:24.04",
        ];
        let stage = self.image.stage_of(self.run);
        stage.is_some_and(|stage| stage.starts_from_one_of(&releases))
    }

    /// Whether a pipeline in it fails with any of its commands.
    pub fn has_pipefail(self) -> bool {
        let stage = self.image.stage_of(self.run);
        let of_stage = stage.and_then(|stage| stage.shell(self.run.span));
        let is_set =
            of_stage.is_some_and(|words| words.iter().any(|word| word.value == "pipefail"));
        is_set
            || self
                .script()
                .commands()
                .iter()
                .any(|command| sets(command, "pipefail"))
    }

    /// The pipes in it.
    pub fn pipes(self) -> Vec<Pipe> {
        let program = |statement: &Statement| match statement {
            Statement::Command(command) => {
                let name = command.name()?;
                Some(name.rsplit('/').next().unwrap_or(&name).to_owned())
            }
            _ => None,
        };
        let mut found = Vec::new();
        self.script().visit(&mut |node| {
            let Node::Statement(Statement::Pipeline { span, statements }) = node else {
                return;
            };
            let is = |statement: Option<&Statement>, names: &[&str]| {
                let name = statement.and_then(program);
                name.is_some_and(|name| names.contains(&name.as_str()))
            };
            found.push(Pipe {
                place: self.fact((), *span, "a pipe"),
                swallows_download: is(statements.first(), &["curl", "wget"])
                    && is(
                        statements.last(),
                        &["sh", "bash", "dash", "ash", "zsh", "tee", "cat"],
                    ),
            });
        });
        found
    }

    /// What stands at a fact of the script.
    pub fn text_of(self, fact: &Fact<()>) -> Option<&'a str> {
        match &fact.origin.place {
            Place::Text { span, .. } => Some(span.of(self.image.source().text())),
            _ => None,
        }
    }

    /// What dash does not know, each with its place in the script.
    fn bashisms(self) -> Vec<(Bashism, Span)> {
        let mut found = Vec::new();
        self.script().visit(&mut |node| match node {
            Node::Statement(Statement::Test { span, .. }) => {
                found.push((
                    Bashism::DoubleBrackets,
                    Span::new(span.start as usize, span.start as usize + 2),
                ));
            }
            Node::Statement(Statement::Function { span, name, .. })
                if self.text(*span).starts_with("function") =>
            {
                found.push((Bashism::Function, span.to(name.span)));
            }
            Node::Statement(Statement::Command(command)) => of_command(command, &mut found),
            Node::Statement(Statement::Redirected { redirects, .. }) => {
                of_redirects(redirects, &mut found);
            }
            Node::Part(part) => match &part.value {
                Part::Braces(_) => found.push((Bashism::Braces, part.span)),
                Part::Array(_) => found.push((Bashism::Array, part.span)),
                Part::Substitution {
                    is_process: true, ..
                } => {
                    found.push((Bashism::ProcessSubstitution, part.span));
                }
                _ => {}
            },
            Node::Statement(_) => {}
        });
        found
    }

    /// Variables without quotes that the shell splits into words, each with its name; not those whose
    /// value is known to be one word.
    pub fn split_variables(self) -> Vec<(&'a str, Span)> {
        let mut found: Vec<(&str, Span)> = self
            .arguments()
            .filter_map(|part| match &part.value {
                Part::Parameter {
                    name,
                    prefix: None,
                    quoted: false,
                    operation,
                } => {
                    let is_alternative = operation
                        .as_ref()
                        .is_some_and(|operation| operation.operator.ends_with('+'));
                    let is_number = ["#", "?", "$", "!", "-"].contains(&name.as_str());
                    (!is_alternative && !is_number && name != "@")
                        .then_some((name.as_str(), part.span))
                }
                _ => None,
            })
            .collect();
        if !found.is_empty() {
            let known = self.single_words();
            found.retain(|(name, _)| !known.contains(name));
        }
        found
    }

    /// What commands print and the shell splits into words: `$(…)` without quotes.
    pub fn split_output(self) -> Vec<Span> {
        let commands = self.script().commands().into_iter();
        let commands = commands.filter(|command| {
            // It prints the words again, which is a matter of style.
            !(command.words.len() == 2 && command.name().as_deref() == Some("echo"))
        });
        let parts = commands
            .flat_map(|command| command.words.iter().skip(1))
            .flat_map(|word| &word.parts);
        parts
            .filter(|part| {
                matches!(
                    part.value,
                    Part::Substitution {
                        quoted: false,
                        is_process: false,
                        ..
                    }
                )
            })
            .map(|part| part.span)
            .collect()
    }

    /// The pieces of what commands are given.
    fn arguments(self) -> impl Iterator<Item = &'a Spanned<Part>> {
        let commands = self.script().commands().into_iter();
        commands
            .flat_map(|command| command.words.iter().skip(1))
            .flat_map(|word| &word.parts)
    }

    /// Variables that have one word: `ENV`s and `ARG`s of the build, and what the script sets to a plain
    /// word.
    fn single_words(self) -> BTreeSet<&'a str> {
        let stage = self.image.stage_of(self.run);
        let of_stages = stage.map(Stage::lineage).unwrap_or_default().into_iter();
        let mut names: BTreeSet<&str> = of_stages
            .flat_map(Stage::instructions)
            .filter(|instruction| {
                matches!(instruction.keyword.value, Keyword::Env | Keyword::Arg)
                    && instruction.span.start < self.run.span.start
            })
            .flat_map(pairs)
            .map(|pair| pair.key.value.as_str())
            .collect();
        let mut loose: BTreeSet<&str> = BTreeSet::new();
        let is_plain = |word: &Word| {
            let text = word.literal();
            text.is_some_and(|text| {
                !text.contains(|c: char| c.is_whitespace() || "*?[".contains(c))
            })
        };
        self.script().visit(&mut |node| match node {
            Node::Statement(Statement::Command(command)) => {
                for variable in &command.assignments {
                    let name = variable.name.value.as_str();
                    if is_plain(&variable.value) {
                        names.insert(name);
                    } else {
                        loose.insert(name);
                    }
                }
            }
            Node::Statement(Statement::Loop {
                header:
                    Header::For {
                        variable,
                        words: Some(words),
                    },
                ..
            }) => {
                let name = variable.value.as_str();
                if words.iter().all(is_plain) {
                    names.insert(name);
                } else {
                    loose.insert(name);
                }
            }
            _ => {}
        });
        &names - &loose
    }

    /// Each `cd` that goes on where it was if it fails.
    pub fn unchecked_cds(self) -> Vec<Span> {
        let stops = self.script().commands().iter().any(|command| {
            command.name().as_deref() == Some("set") && command.has_flag(&["-e"])
                || sets(command, "errexit")
        });
        let mut found = Vec::new();
        if !stops {
            unchecked(&self.script().statements, true, &mut found);
        }
        found
    }

    /// `a && b || c`, where `c` is more than a way out: each with the place of the `c`.
    pub fn false_alternatives(self) -> Vec<(Span, Span)> {
        let mut found = Vec::new();
        self.script().visit(&mut |node| {
            let Node::Statement(Statement::List { span, rest, .. }) = node else {
                return;
            };
            let Some(((Connector::Or, last), before)) = rest.split_last() else {
                return;
            };
            let is_way_out = matches!(last, Statement::Command(command)
                if command.name().is_some_and(|name|
                    ["true", ":", "echo", "printf", "exit", "return"].contains(&name.as_str())));
            let is_chain = !before.is_empty()
                && before
                    .iter()
                    .all(|(connector, _)| *connector == Connector::And);
            if is_chain && !is_way_out {
                found.push((*span, last.span()));
            }
        });
        found
    }

    /// `a || true`: what may fail so that nobody notices, and the rest, which makes it so.
    pub fn forgiven(self) -> Vec<(Span, Span)> {
        let mut found = Vec::new();
        self.script().visit(&mut |node| {
            let Node::Statement(Statement::List { span, first, rest }) = node else {
                return;
            };
            let mut end = first.span().end;
            for (connector, statement) in rest {
                let succeeds = matches!(statement, Statement::Command(command)
                    if command.name().is_some_and(|name|
                        ["true", ":", "echo", "printf"].contains(&name.as_str())));
                let after = statement.span().end;
                if *connector == Connector::Or && succeeds {
                    let before = Span { end, ..*span };
                    let tail = Span {
                        start: end,
                        end: after,
                    };
                    found.push((self.span(before), self.span(tail)));
                }
                end = after;
            }
        });
        found
    }

    /// `export NAME="$(…)"`, which succeeds whatever the command does.
    pub fn masked_failures(self) -> Vec<Span> {
        let declares = ["export", "readonly", "local", "declare", "typeset"];
        let commands = self.script().commands().into_iter();
        commands
            .filter(|command| {
                command
                    .name()
                    .is_some_and(|name| declares.contains(&name.as_str()))
            })
            .flat_map(|command| command.words.iter().skip(1))
            .filter(|word| {
                let runs = |part: &Spanned<Part>| {
                    matches!(
                        part.value,
                        Part::Substitution {
                            is_process: false,
                            ..
                        }
                    )
                };
                word.as_assignment()
                    .is_some_and(|(_, value)| value.parts.iter().any(runs))
                    && !self.text(word.span).starts_with('"')
            })
            .map(|word| word.span)
            .collect()
    }
}

/// Whether it is `set -o option`.
fn sets(command: &Command, option: &str) -> bool {
    command.name().as_deref() == Some("set")
        && command
            .words
            .iter()
            .any(|word| word.literal().as_deref() == Some(option))
}

fn of_command(command: &Command, found: &mut Vec<(Bashism, Span)>) {
    let name = command.name().unwrap_or_default();
    let at = |text: &str| {
        command
            .words
            .iter()
            .find(|word| word.literal().as_deref() == Some(text))
    };
    match name.as_str() {
        "source" => found.push((Bashism::Source, command.words[0].span)),
        "set" => found.extend(at("pipefail").map(|word| (Bashism::Pipefail, word.span))),
        "[" | "test" => found.extend(at("==").map(|word| (Bashism::DoubleEquals, word.span))),
        _ => {}
    }
    of_redirects(&command.redirects, found);
}

fn of_redirects(redirects: &[Redirect], found: &mut Vec<(Bashism, Span)>) {
    for redirect in redirects {
        match redirect.operator.as_str() {
            "<<<" => found.push((Bashism::HereString, redirect.span)),
            "&>" | "&>>" => found.push((Bashism::BothRedirected, redirect.span)),
            _ => {}
        }
    }
}

/// Collects each `cd` among `statements` whose failure nobody sees, where `is_last` says whether the
/// script ends with them.
fn unchecked(statements: &[Statement], is_last: bool, found: &mut Vec<Span>) {
    for (number, statement) in statements.iter().enumerate() {
        let is_last = is_last && number + 1 == statements.len();
        in_statement(statement, is_last, found);
    }
}

fn in_statement(statement: &Statement, is_last: bool, found: &mut Vec<Span>) {
    match statement {
        Statement::Command(command) => {
            let up = |folder: &str| {
                folder
                    .split('/')
                    .all(|part| ["", ".", ".."].contains(&part))
            };
            let folder = command.words.get(1).and_then(Word::literal);
            let is_sure = folder.as_deref().is_some_and(up);
            if command.name().as_deref() == Some("cd") && !is_last && !is_sure {
                found.push(command.span);
            }
        }
        // What fails before the last one is what the operators ask for.
        Statement::List { rest, .. } => {
            let is_seen = rest
                .iter()
                .any(|(connector, _)| *connector == Connector::Or);
            if let Some((_, last)) = rest.last()
                && !is_seen
            {
                in_statement(last, is_last, found);
            }
        }
        Statement::Group { statements, .. } | Statement::Subshell { statements, .. } => {
            unchecked(statements, is_last, found);
        }
        Statement::If {
            branches,
            otherwise,
            ..
        } => {
            for branch in branches {
                unchecked(&branch.body, is_last, found);
            }
            unchecked(otherwise, is_last, found);
        }
        Statement::Loop { body, .. } => unchecked(body, false, found),
        Statement::Redirected { statement, .. } => in_statement(statement, is_last, found),
        _ => {}
    }
}
