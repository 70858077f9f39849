//! The commands that a Dockerfile runs while it is built.

use std::borrow::Cow;

use syntax::dockerfile::{Arguments, Instruction, Keyword, RunScript};
use syntax::shell::{self, Command, Script, Statement, Word};
use syntax::{Edit, Span};

use crate::change::Changes;
use crate::fact::Fact;
use crate::facts::dockerfile::{Image, Stage};

/// A command of a `RUN`.
#[derive(Clone, Copy, Debug)]
pub struct Ran<'a> {
    image: Image<'a>,
    script: &'a RunScript,
    command: &'a Command,
}

/// A `CMD` or `ENTRYPOINT` that a shell runs, though no `SHELL` names one.
#[derive(Clone, Debug)]
pub struct ShellForm<'a> {
    /// Which of them.
    pub keyword: &'a Keyword,
    /// The command line.
    pub line: Fact<()>,
    /// Whether the shell makes way for the program: `CMD exec bin/rails server`. An `ENTRYPOINT` takes
    /// no `CMD` all the same.
    pub replaces_shell: bool,
    /// The same as a JSON array, if no shell is needed for it.
    pub exec_form: Option<String>,
}

impl<'a> Image<'a> {
    /// What a shell starts that nobody asked for.
    pub fn shell_form_commands(self) -> Vec<ShellForm<'a>> {
        let stages = self.stages().into_iter();
        stages
            .flat_map(Stage::without_shell)
            .filter_map(|instruction| {
                let (keyword @ (Keyword::Cmd | Keyword::Entrypoint), Arguments::Shell(text)) =
                    (&instruction.keyword.value, &instruction.arguments)
                else {
                    return None;
                };
                let script = shell::parse(&text.masked);
                let first = only_command(&script).and_then(Command::name);
                Some(ShellForm {
                    keyword,
                    line: self.fact((), text.span, "a shell runs this"),
                    replaces_shell: first.as_deref() == Some("exec") && *keyword == Keyword::Cmd,
                    exec_form: plain_words(&script).map(exec_form),
                })
            })
            .collect()
    }

    /// All commands of all `RUN`s, in the order of the file: those in conditions and substitutions too,
    /// and those that `ONBUILD` keeps for later.
    pub fn ran(self) -> Vec<Ran<'a>> {
        let scripts = self.source().run_scripts().iter();
        scripts.flat_map(|script| self.commands(script)).collect()
    }

    /// Those whose program, without its folder, is one of these.
    pub fn running(self, programs: &[&str]) -> Vec<Ran<'a>> {
        self.running_any(|program| programs.contains(&program))
    }

    /// Those whose program, without its folder, is one that `is_meant`. A script that runs none is not walked
    /// through.
    pub(super) fn running_any(self, is_meant: impl Fn(&str) -> bool) -> Vec<Ran<'a>> {
        let scripts = self.source().run_scripts().iter();
        scripts
            .filter(|script| script.programs.iter().any(|program| is_meant(program)))
            .flat_map(|script| self.commands(script))
            .filter(|ran| ran.program().is_some_and(|program| is_meant(&program)))
            .collect()
    }

    /// The commands of one `RUN`.
    pub fn ran_by(self, run: &Instruction) -> Vec<Ran<'a>> {
        let scripts = self.source().run_scripts().iter();
        scripts
            .filter(|script| std::ptr::eq(self.instruction_of(script), run))
            .flat_map(|script| self.commands(script))
            .collect()
    }

    /// The scripts of all `RUN`s, each with its instruction.
    pub fn scripts(self) -> impl Iterator<Item = (&'a Instruction, &'a RunScript)> {
        let scripts = self.source().run_scripts().iter();
        scripts.map(move |script| (self.instruction_of(script), script))
    }

    /// The same, for each `RUN` those that it has.
    pub fn runs(self) -> Vec<(&'a Instruction, Vec<Ran<'a>>)> {
        let mut runs: Vec<(&'a Instruction, Vec<Ran<'a>>)> = Vec::new();
        for (instruction, script) in self.scripts() {
            let commands = self.commands(script);
            match runs.last_mut() {
                Some((last, all)) if std::ptr::eq(*last, instruction) => all.extend(commands),
                _ => runs.push((instruction, commands)),
            }
        }
        runs
    }

    fn commands(self, script: &'a RunScript) -> Vec<Ran<'a>> {
        let commands = script.script.commands().into_iter();
        commands
            .map(|command| Ran {
                image: self,
                script,
                command,
            })
            .collect()
    }

    fn instruction_of(self, script: &RunScript) -> &'a Instruction {
        let instruction = &self.source().dockerfile().instructions[script.instruction];
        match &instruction.arguments {
            Arguments::Onbuild(trigger) => trigger,
            _ => instruction,
        }
    }
}

impl<'a> Stage<'a> {
    /// Its own instructions for which no `SHELL` is in force.
    fn without_shell(self) -> impl Iterator<Item = &'a Instruction> {
        let mut above = self.lineage().into_iter().skip(1);
        let is_named = above.any(|stage| stage.own(&Keyword::Shell).is_some());
        let own = self.instructions().iter().filter(move |_| !is_named);
        own.take_while(|instruction| instruction.keyword.value != Keyword::Shell)
    }
}

/// Whether `words` begin with what is `said`.
pub(super) fn begins_with<'w>(mut words: impl Iterator<Item = &'w Word>, said: &[&str]) -> bool {
    said.iter()
        .all(|said| words.next().and_then(Word::literal).as_deref() == Some(*said))
}

/// The command of a script that is one command.
fn only_command(script: &Script) -> Option<&Command> {
    match script.statements.as_slice() {
        [Statement::Command(command)] => Some(command),
        _ => None,
    }
}

/// The words of a script that is one command, in which nothing is expanded.
fn plain_words(script: &Script) -> Option<Vec<String>> {
    let command = only_command(script)?;
    let is_plain = command.assignments.is_empty()
        && command.redirects.is_empty()
        && script.errors.is_empty()
        && script.comments.is_empty();
    let words: Option<Vec<String>> = command.words.iter().map(Word::literal).collect();
    words.filter(|words| is_plain && !words.is_empty())
}

fn exec_form(mut words: Vec<String>) -> String {
    if words[0] == "exec" && words.len() > 1 {
        words.remove(0);
    }
    let quoted: Vec<String> = words
        .iter()
        .map(|word| serde_json::Value::from(word.as_str()).to_string())
        .collect();
    format!("[{}]", quoted.join(", "))
}

impl<'a> Ran<'a> {
    /// The `RUN`.
    pub fn instruction(self) -> &'a Instruction {
        self.image.instruction_of(self.script)
    }

    /// The script that it stands in.
    pub fn script(self) -> &'a Script {
        &self.script.script
    }

    /// The command as it is written; its spans count from the beginning of the script, see
    /// [`span`](Self::span).
    pub fn command(self) -> &'a Command {
        self.command
    }

    /// Where something of the script stands in the Dockerfile.
    pub fn span(self, span: Span) -> Span {
        span.shifted(self.script.start)
    }

    /// The program, without its folder; nothing if it is expanded.
    pub fn program(self) -> Option<Cow<'a, str>> {
        let name = self.command.words.first()?.literal()?;
        Some(match name.rsplit_once('/') {
            Some((_, name)) => name.to_owned().into(),
            None => name.into(),
        })
    }

    /// Whether it runs one of these programs.
    pub fn runs(self, programs: &[&str]) -> bool {
        self.program()
            .is_some_and(|program| programs.contains(&program.as_ref()))
    }

    /// Whether one of `flags` is given, see [`Command::has_flag`].
    pub fn has_flag(self, flags: &[&str]) -> bool {
        self.command.has_flag(flags)
    }

    /// The value of an option: of `letter` at the end of a cluster (`-mu 1000`), or of the long `name`.
    pub fn value_of(self, letter: char, name: &str) -> Option<String> {
        let mut words = self.command.words.iter().skip(1);
        let takes_next = |word: &Word| {
            let text = word.literal().unwrap_or_default();
            let letters = text
                .strip_prefix('-')
                .filter(|letters| !letters.starts_with('-'));
            letters.is_some_and(|letters| letters.ends_with(letter))
        };
        words.find(|word| takes_next(word));
        let short = words.next().map(Word::literal);
        short.or_else(|| self.command.value_of(&[name])).flatten()
    }

    /// What follows the program and is no option: `install` and the packages of `apt-get -y install
    /// curl`. A word that is expanded counts as one; the value of an option that stands apart does
    /// too, as only the program knows that it is one.
    pub fn operands(self) -> impl Iterator<Item = &'a Word> {
        let words = self.command.words.iter().skip(1);
        words.filter(|word| {
            word.literal_prefix()
                .is_none_or(|text| !text.starts_with('-'))
        })
    }

    /// Whether its operands begin with `words`.
    pub fn says(self, words: &[&str]) -> bool {
        begins_with(self.operands(), words)
    }

    /// Its first operand, where that is a word as it stands: `install` of `apt-get -y install curl`.
    pub fn subcommand(self) -> Option<String> {
        self.operands().next()?.literal()
    }

    /// What it is told besides options: `operands`, without the values of the options `valued`, and
    /// without what follows a `--`.
    pub fn arguments(self, valued: &[&str]) -> Vec<&'a Word> {
        let mut arguments = Vec::new();
        let mut words = self.command.words.iter().skip(1);
        while let Some(word) = words.next() {
            let text = word.literal_prefix().unwrap_or_default();
            if text == "--" {
                break;
            }
            if !text.starts_with('-') {
                arguments.push(word);
            } else if valued.contains(&text.as_str()) {
                words.next();
            }
        }
        arguments
    }

    /// Whether it deletes one of `folders`, or all that is in it.
    pub fn deletes(self, folders: &[&str]) -> bool {
        self.runs(&["rm"])
            && self
                .operands()
                .filter_map(Word::literal_or_pattern)
                .any(|path| {
                    let path = path.trim_end_matches('*').trim_end_matches('/');
                    folders.contains(&path)
                })
    }

    /// Whether `apt-get` is told not to ask: `-y`, or a `-qq` that implies it.
    pub fn assumes_yes(self) -> bool {
        let quiet = self
            .command
            .words
            .iter()
            .filter_map(Word::literal)
            .map(|word| {
                let letters = word
                    .strip_prefix('-')
                    .filter(|letters| !letters.starts_with('-'));
                let short = letters.map_or(0, |letters| letters.matches('q').count());
                short + usize::from(word == "--quiet") + 2 * usize::from(word == "--quiet=2")
            });
        self.has_flag(&["-y", "--yes", "--assume-yes"]) || quiet.sum::<usize>() >= 2
    }

    /// The change that writes `option` behind the word at `word`.
    pub fn with(self, word: Span, option: &str) -> Changes {
        let end = self.span(word).end as usize;
        let edit = Edit::insert(end, format!(" {option}"));
        Changes::edit(self.image.source().path(), vec![edit])
    }

    /// A fact that was read from the whole command.
    pub fn fact<T>(self, value: T, why: &'static str) -> Fact<T> {
        self.fact_at(value, self.command.span, why)
    }

    /// A fact that was read from a part of the command.
    pub fn fact_at<T>(self, value: T, span: Span, why: &'static str) -> Fact<T> {
        let path = self.image.source().path();
        Fact::read(value, path, self.span(span), why)
    }
}
