//! What statements may change, found without following them.

use std::collections::{BTreeMap, BTreeSet};

use crate::shell::walk::{Node, walk};
use crate::shell::{Command, Header, Part, Statement, Word};

/// What may be different after some statements.
#[derive(Default)]
pub(super) struct Effects {
    /// Variables.
    pub(super) names: BTreeSet<String>,
    /// Any variable.
    pub(super) everything: bool,
    /// `$1` and on.
    pub(super) positional: bool,
    /// `set -e` and the like.
    pub(super) options: bool,
}

impl Effects {
    /// Adds what `statements` may change, themselves or by a call of one of `functions`.
    pub(super) fn add(
        &mut self,
        statements: &[Statement],
        functions: &BTreeMap<&str, Option<&Statement>>,
    ) {
        let mut calls = false;
        walk(statements, &mut |node| {
            calls |= self.node(node, &|name| functions.contains_key(name));
        });
        if !calls {
            return;
        }
        // Which function calls which does not matter much: all of them count, but for what they
        // do with their own arguments.
        let positional = self.positional;
        for body in functions.values() {
            match body {
                Some(body) => walk(std::slice::from_ref(*body), &mut |node| {
                    self.node(node, &|_| false);
                }),
                None => self.everything = true,
            }
        }
        self.positional = positional;
    }

    /// Whether a function is called.
    fn node(&mut self, node: Node, is_function: &dyn Fn(&str) -> bool) -> bool {
        match node {
            Node::Statement(Statement::Command(command)) => {
                return self.command(command, is_function);
            }
            Node::Statement(Statement::Loop { header, .. }) => match header {
                Header::For { variable, .. } => {
                    self.names.insert(variable.value.clone());
                }
                Header::Select { .. } | Header::Arithmetic(_) => self.everything = true,
                Header::While(_) | Header::Until(_) => {}
            },
            Node::Statement(Statement::Arithmetic { .. }) => self.everything = true,
            Node::Part(part) => match &part.value {
                Part::Arithmetic(_) => self.everything = true,
                Part::Parameter {
                    name,
                    operation: Some(operation),
                    ..
                } if operation.operator.ends_with('=') => {
                    self.names.insert(name.clone());
                }
                _ => {}
            },
            Node::Statement(_) => {}
        }
        false
    }

    fn command(&mut self, command: &Command, is_function: &dyn Fn(&str) -> bool) -> bool {
        for assignment in &command.assignments {
            self.names.insert(assignment.name.value.clone());
        }
        let arguments = command.words.get(1..).unwrap_or_default();
        let Some(name) = command.name() else {
            // `"$@"` can be any command.
            return !command.words.is_empty();
        };
        match name.as_str() {
            "shift" => self.positional = true,
            "set" => {
                self.options = true;
                self.positional |= arguments.iter().any(|word| {
                    word.literal()
                        .is_none_or(|text| !text.starts_with(['-', '+']) || text == "--")
                });
            }
            "declare" | "export" | "getopts" | "local" | "mapfile" | "printf" | "read"
            | "readarray" | "readonly" | "typeset" | "unset" => {
                self.names.insert("REPLY".to_owned());
                self.names.insert("OPTARG".to_owned());
                for word in arguments {
                    self.declared(word);
                }
            }
            "eval" => {
                self.everything = true;
                self.positional = true;
                self.options = true;
            }
            "." | "source" | "let" | "builtin" | "command" | "wait" => self.everything = true,
            _ => {}
        }
        is_function(&name)
    }

    fn declared(&mut self, word: &Word) {
        match (word.as_assignment(), word.literal()) {
            (Some((name, _)), _) | (None, Some(name)) => {
                self.names.insert(name.trim_end_matches('+').to_owned());
            }
            (None, None) => self.everything = true,
        }
    }
}

/// Whether a command is run to expand `word`, so that its status is not known.
pub(super) fn has_substitution(word: &Word) -> bool {
    word.parts.iter().any(|part| match &part.value {
        Part::Substitution { .. } => true,
        Part::Parameter {
            operation: Some(operation),
            ..
        } => has_substitution(&operation.operand),
        Part::Arithmetic(expression) => has_substitution(expression),
        Part::Array(words) => words.iter().any(has_substitution),
        _ => false,
    })
}
