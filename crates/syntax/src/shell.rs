//! Shell scripts: `RUN` bodies, entrypoints, hooks, Procfile lines.
//!
//! [`parse`] reads the grammar that POSIX `sh` and bash share plus what scripts use of bash (`[[ ]]`,
//! arrays, `${x:offset}`, process substitution). Each construct knows its bytes in the given text,
//! and what is broken becomes a [`SyntaxError`] while everything around it is kept.
//!
//! [`evaluate()`] tells what a script would do with given arguments, without running anything.
//!
//! ```
//! let script = syntax::shell::parse("apt-get update -qq && rm -rf /var/lib/apt/lists");
//! let names: Vec<_> = script.commands().iter().filter_map(|command| command.name()).collect();
//! assert_eq!(names, ["apt-get", "rm"]);
//! ```

pub mod evaluate;
mod parser;
mod test;
mod walk;
mod word;

use crate::{Span, Spanned, SyntaxError};

pub use evaluate::evaluate;
pub use test::Test;
pub use walk::Node;

/// Texts longer than this many bytes are not read: [`parse`] gives one error.
pub const MAX_BYTES: usize = 1 << 20;

/// Reads `text` as a script, a `RUN` body or a single command line.
///
/// A line break is `\n` or `\r\n`; both may follow a `\` that continues a line. The comment lines
/// that a Dockerfile allows between continued lines are the Dockerfile's and not the shell's: blank
/// them out first.
pub fn parse(text: &str) -> Script {
    parser::parse(text)
}

/// What a text says, and where it is not a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The first line, if it begins with `#!`.
    pub shebang: Option<Shebang>,
    /// The statements at the top level, in order.
    pub statements: Vec<Statement>,
    /// The comments, each from its `#` to the end of its line.
    pub comments: Vec<Span>,
    /// What could not be read, in the order of the text.
    pub errors: Vec<SyntaxError>,
}

impl Script {
    /// Every simple command, in the order in which they begin: those inside of `if`, loops,
    /// functions, `$(…)`, here-documents and so on as well.
    pub fn commands(&self) -> Vec<&Command> {
        let mut commands = walk::commands(&self.statements);
        commands.sort_by_key(|command| command.span.start);
        commands
    }

    /// Shows every statement and every piece of a word to `visit`, each before what is inside of it.
    pub fn visit<'a>(&'a self, visit: &mut dyn FnMut(Node<'a>)) {
        walk::walk(&self.statements, visit);
    }
}

/// A first line that names an interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shebang {
    /// The line without its ending.
    pub span: Span,
    /// The program that the kernel starts: `/bin/bash`, `/usr/bin/env`.
    pub interpreter: String,
    /// What follows, split at blanks. Linux passes all of it as *one* argument.
    pub arguments: Vec<String>,
    /// Whether the line ends with `\r\n`: the kernel then looks for an interpreter whose name ends
    /// with a carriage return.
    pub has_carriage_return: bool,
}

impl Shebang {
    /// The file name of the program that reads the script: `bash` for `#!/bin/bash -e`, `ruby` for
    /// `#!/usr/bin/env -S ruby -w`.
    pub fn program(&self) -> &str {
        let file_name = |path: &'_ str| path.rfind('/').map_or(0, |slash| slash + 1);
        let interpreter = &self.interpreter[file_name(&self.interpreter)..];
        if interpreter != "env" {
            return interpreter;
        }
        self.arguments
            .iter()
            .find(|argument| !argument.starts_with('-') && !argument.contains('='))
            .map_or(interpreter, |argument| &argument[file_name(argument)..])
    }
}

/// A command, or several that are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// `apt-get install -y curl`, `FOO=bar`, `> file`.
    Command(Command),
    /// `a && b || c`. The operators bind equally, from the left.
    List {
        /// From the first statement to the last.
        span: Span,
        /// What runs first.
        first: Box<Statement>,
        /// What may run after it, each behind its operator; never empty.
        rest: Vec<(Connector, Statement)>,
    },
    /// `a | b`; at least two.
    Pipeline {
        /// From the first statement to the last.
        span: Span,
        /// The statements, each run in a shell of its own.
        statements: Vec<Statement>,
    },
    /// `! a`.
    Not {
        /// From the `!` on.
        span: Span,
        /// What is negated: a command or a pipeline.
        statement: Box<Statement>,
    },
    /// `a &`.
    Background {
        /// With the `&`.
        span: Span,
        /// What is not waited for.
        statement: Box<Statement>,
    },
    /// `if … then … elif … else … fi`.
    If {
        /// From `if` to `fi`.
        span: Span,
        /// The `if` and each `elif`.
        branches: Vec<Branch>,
        /// After `else`; empty without one.
        otherwise: Vec<Statement>,
    },
    /// `case … in … esac`.
    Case {
        /// From `case` to `esac`.
        span: Span,
        /// What is compared.
        subject: Word,
        /// The alternatives, in order.
        arms: Vec<Arm>,
    },
    /// `for`, `while`, `until` or `select`.
    Loop {
        /// From the keyword to `done`.
        span: Span,
        /// What is repeated over, or as long as.
        header: Header,
        /// What is repeated.
        body: Vec<Statement>,
    },
    /// `name() { … }`.
    Function {
        /// The whole definition.
        span: Span,
        /// What it is called.
        name: Spanned<String>,
        /// What it does: a group, mostly.
        body: Box<Statement>,
    },
    /// `{ …; }`.
    Group {
        /// With the braces.
        span: Span,
        /// What stands between them.
        statements: Vec<Statement>,
    },
    /// `( … )`.
    Subshell {
        /// With the parentheses.
        span: Span,
        /// What stands between them.
        statements: Vec<Statement>,
    },
    /// A group, loop or other compound statement with redirections: `{ …; } > file`.
    Redirected {
        /// With the redirections.
        span: Span,
        /// What is redirected.
        statement: Box<Statement>,
        /// Where to.
        redirects: Vec<Redirect>,
    },
    /// `[[ … ]]`. The commands `[` and `test` are [commands](Statement::Command): see
    /// [`Command::as_test`].
    Test {
        /// With the brackets.
        span: Span,
        /// What is tested.
        test: Test,
    },
    /// `(( … ))`.
    Arithmetic {
        /// With the parentheses.
        span: Span,
        /// What stands between them.
        expression: Word,
    },
    /// Something that is no statement; there is an error for it.
    Other(Span),
}

impl Statement {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Statement::Command(command) => command.span,
            Statement::List { span, .. }
            | Statement::Pipeline { span, .. }
            | Statement::Not { span, .. }
            | Statement::Background { span, .. }
            | Statement::If { span, .. }
            | Statement::Case { span, .. }
            | Statement::Loop { span, .. }
            | Statement::Function { span, .. }
            | Statement::Group { span, .. }
            | Statement::Subshell { span, .. }
            | Statement::Redirected { span, .. }
            | Statement::Test { span, .. }
            | Statement::Arithmetic { span, .. }
            | Statement::Other(span) => *span,
        }
    }
}

/// What stands between two statements of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connector {
    /// `&&`: the next runs if what was before succeeded.
    And,
    /// `||`: the next runs if what was before failed.
    Or,
}

/// A condition and what happens if it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The last of these statements decides.
    pub condition: Vec<Statement>,
    /// After `then`.
    pub body: Vec<Statement>,
}

/// An alternative of `case`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Before the `)`; one of them has to match.
    pub patterns: Vec<Word>,
    /// After the `)`.
    pub body: Vec<Statement>,
    /// What happens after the body.
    pub end: ArmEnd,
}

/// What happens after the body of an [`Arm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmEnd {
    /// `;;` or `esac`: the `case` is over.
    Break,
    /// `;&`: the body of the next arm runs too.
    FallThrough,
    /// `;;&`: the patterns of the next arms are tried too.
    Continue,
}

/// What a loop repeats over, or as long as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    /// `for name in words`, or `for name`, which is over `"$@"`.
    For {
        /// The variable.
        variable: Spanned<String>,
        /// The words after `in`.
        words: Option<Vec<Word>>,
    },
    /// `select name in words`.
    Select {
        /// The variable.
        variable: Spanned<String>,
    },
    /// `for ((…; …; …))`: the expressions.
    Arithmetic(Word),
    /// `while`: as long as the last of the statements succeeds.
    While(Vec<Statement>),
    /// `until`: as long as the last of the statements fails.
    Until(Vec<Statement>),
}

/// A simple command: assignments, words and redirections, each of which may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// From the first to the last of its parts.
    pub span: Span,
    /// `NAME=value` before the first word.
    pub assignments: Vec<Assignment>,
    /// The name of the command and its arguments.
    pub words: Vec<Word>,
    /// `> file`, `2>&1`, `<<EOF`.
    pub redirects: Vec<Redirect>,
}

impl Command {
    /// The first word, if it is literal.
    pub fn name(&self) -> Option<String> {
        self.words.first()?.literal()
    }

    /// The words after the first: their text, `None` where something is expanded.
    pub fn arguments(&self) -> Vec<Option<String>> {
        self.words.iter().skip(1).map(Word::literal).collect()
    }

    /// Whether one of `flags` is given before a `--`: as a word of its own, with a value
    /// (`--jobs=4`), or in a cluster of one-letter flags (`-y` in `-qqy`).
    pub fn has_flag(&self, flags: &[&str]) -> bool {
        self.options()
            .any(|word| flags.iter().any(|flag| is_flag(&word, flag)))
    }

    /// The value of the first of `flags` that is given with one: `--jobs 4` or `--jobs=4`.
    ///
    /// `Some(None)` if the flag is there, but what its value is cannot be read.
    pub fn value_of(&self, flags: &[&str]) -> Option<Option<String>> {
        let words = self.words.get(1..).unwrap_or_default();
        for (index, word) in words.iter().enumerate() {
            let Some(prefix) = word.literal_prefix() else {
                continue;
            };
            if prefix == "--" {
                return None;
            }
            for flag in flags {
                match prefix.strip_prefix(flag) {
                    Some("") if word.literal().is_some() => {
                        return words.get(index + 1).map(Word::literal);
                    }
                    Some(rest) if rest.starts_with('=') => {
                        return Some(word.literal().map(|text| text[flag.len() + 1..].to_owned()));
                    }
                    _ => {}
                }
            }
        }
        None
    }

    /// The condition of `[ … ]` or `test …`; `None` for other commands, and where a word that is
    /// not literal stands in the place of an operator.
    pub fn as_test(&self) -> Option<Test> {
        let arguments = match (self.name()?.as_str(), &self.words[1..]) {
            ("test", arguments) => arguments,
            ("[", [arguments @ .., last]) if last.literal().as_deref() == Some("]") => arguments,
            _ => return None,
        };
        Test::of_arguments(arguments, &Word::literal)
    }

    /// Literal words after the first, up to `--`.
    fn options(&self) -> impl Iterator<Item = String> {
        self.words
            .iter()
            .skip(1)
            .filter_map(Word::literal_prefix)
            .take_while(|word| word != "--")
    }
}

/// Whether `word` gives `flag`; the word may be cut before an expansion.
fn is_flag(word: &str, flag: &str) -> bool {
    let has_value = |rest: &str| flag.starts_with("--") && rest.starts_with('=');
    if word
        .strip_prefix(flag)
        .is_some_and(|rest| rest.is_empty() || has_value(rest))
    {
        return true;
    }
    let (Some(letters), Some(letter)) = (word.strip_prefix('-'), flag.strip_prefix('-')) else {
        return false;
    };
    letter.len() == 1
        && letters.contains(letter)
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// `NAME=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The whole of it.
    pub span: Span,
    /// The variable, without a subscript.
    pub name: Spanned<String>,
    /// Whether it is one element of an array, `NAME[1]=value`.
    pub is_element: bool,
    /// Whether it is `NAME+=value`.
    pub appends: bool,
    /// The value; without parts if there is none.
    pub value: Word,
}

/// `2> file`, `< file`, `<<EOF`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The descriptor, the operator and the word after it.
    pub span: Span,
    /// What stands before the operator: `2`, or `{name}`.
    pub descriptor: Option<String>,
    /// `>`, `>>`, `>|`, `>&`, `&>`, `&>>`, `<`, `<>`, `<&`, `<<`, `<<-` or `<<<`.
    pub operator: String,
    /// The word after the operator; of a here-document, its *body*.
    pub target: Word,
}

/// Characters that the shell makes one argument of, or several, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// With its quotes.
    pub span: Span,
    /// What it is made of, in order.
    pub parts: Vec<Spanned<Part>>,
}

impl Word {
    /// Its text without quotes and escapes, if the shell expands nothing in it.
    pub fn literal(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match &part.value {
                Part::Literal(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The same, but file name patterns, braces and `~` as they are written:
    /// `/var/lib/apt/lists/*`.
    pub fn literal_or_pattern(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match &part.value {
                Part::Literal(text)
                | Part::Pattern(text)
                | Part::Braces(text)
                | Part::Tilde(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Its text up to the first expansion; `None` if it begins with one.
    pub fn literal_prefix(&self) -> Option<String> {
        let literals: Vec<&str> = self
            .parts
            .iter()
            .map_while(|part| match &part.value {
                Part::Literal(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        (!literals.is_empty()).then(|| literals.concat())
    }

    /// `NAME=value` as `export`, `env` and `docker run -e` take it: the name, and the value as a
    /// word of its own.
    pub fn as_assignment(&self) -> Option<(String, Word)> {
        let first = self.parts.first()?;
        let Part::Literal(text) = &first.value else {
            return None;
        };
        let (name, start) = text.split_once('=')?;
        if !is_name(name) {
            return None;
        }
        let mut parts = self.parts[1..].to_vec();
        // The first part is cut: its bytes are known unless escapes made it shorter.
        let cut = if first.span.len() == text.len() {
            Span::new(
                first.span.start as usize + name.len() + 1,
                first.span.end as usize,
            )
        } else {
            first.span
        };
        if !start.is_empty() {
            parts.insert(0, Spanned::new(Part::Literal(start.to_owned()), cut));
        }
        let span = Span::new(cut.start as usize, self.span.end as usize);
        Some((name.to_owned(), Word { span, parts }))
    }
}

/// Whether `text` is the name of a variable.
fn is_name(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

/// A piece of a [`Word`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself, without quotes and escapes.
    Literal(String),
    /// Unquoted text with a meaning for file names, `case` and `[[ == ]]`: `*`, `?`, `[a-z]`,
    /// `@(a|b)`. After `=~`, unquoted text of the regular expression.
    Pattern(String),
    /// `{a,b}` or `{1..3}`, which bash expands and `sh` does not.
    Braces(String),
    /// `~` or `~user` at the beginning of a word.
    Tilde(String),
    /// `$NAME` or `${NAME…}`.
    Parameter {
        /// `FOO`, `1`, `@`, `*`, `#`, `?`; anything between the braces if it is not understood.
        name: String,
        /// `#` of `${#NAME}`, its length, or `!` of `${!NAME}`, the variable that it names.
        prefix: Option<char>,
        /// What stands after the name.
        operation: Option<Box<Operation>>,
        /// Whether it stands between double quotes.
        quoted: bool,
    },
    /// `$(…)`, `` `…` ``, or with bash `<(…)` and `>(…)`.
    Substitution {
        /// What is run.
        statements: Vec<Statement>,
        /// Whether it stands for the name of a pipe, `<(…)`, and not for what is printed.
        is_process: bool,
        /// Whether it stands between double quotes.
        quoted: bool,
    },
    /// `$((…))`: the expression.
    Arithmetic(Word),
    /// `(a b)` after `NAME=`.
    Array(Vec<Word>),
}

/// What `${NAME…}` does with the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// All that stands after the name, as it is written: `:-default`, `: -2:1`, `##*/`.
    pub text: String,
    /// `:-`, `:=`, `:+`, `:?` and the same without colon, `#`, `##`, `%`, `%%`, `:`, `/`, `^`, `,`,
    /// `@` or `[`; empty if it is none of these.
    pub operator: String,
    /// What stands after the operator.
    pub operand: Word,
}
