//! What is known at one point of a script.

use std::collections::BTreeMap;

use super::{Truth, Variable};
use crate::shell::Statement;

/// Longer values are not followed, so that `x=$x$x` in a loop stays small.
pub(super) const MAX_VALUE: usize = 1 << 14;
/// More words are not followed, so that `set -- "$@" "$@"` in a loop stays small.
pub(super) const MAX_WORDS: usize = 1 << 10;

/// A value; `None` if it is not known.
pub(super) type Value = Option<String>;

/// What the environment says about a variable.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Variable;

#[derive(Clone)]
pub(super) struct State<'a> {
    /// Whether this point is reached.
    pub(super) live: bool,
    /// Whether the last command succeeded.
    pub(super) status: Truth,
    pub(super) variables: Variables,
    /// `$1` and on; `None` if it is not known how many there are.
    pub(super) positional: Option<Vec<Value>>,
    /// The functions; `None` if it is not known what one does.
    pub(super) functions: BTreeMap<&'a str, Option<&'a Statement>>,
    /// `set -e`.
    pub(super) errexit: Truth,
    /// `set -u`.
    pub(super) nounset: Truth,
    /// Whether `shopt` may have changed what patterns mean.
    pub(super) has_other_patterns: bool,
}

impl State<'_> {
    pub(super) fn new(arguments: &[String]) -> Self {
        Self {
            live: true,
            status: Truth::True,
            variables: Variables::default(),
            positional: Some(arguments.iter().cloned().map(Some).collect()),
            functions: BTreeMap::new(),
            errexit: Truth::False,
            nounset: Truth::False,
            has_other_patterns: false,
        }
    }

    /// What a copy costs, in units of fuel.
    pub(super) fn size(&self) -> usize {
        let positional = self.positional.as_ref().map_or(0, Vec::len);
        1 + (self.variables.known.len() + self.functions.len() + positional) / 8
    }

    /// After code that is not known: any variable may be different.
    pub(super) fn forget_variables(&mut self) {
        self.variables = Variables {
            known: BTreeMap::new(),
            is_forgotten: true,
        };
    }

    /// After code that is not known: any function may be another one.
    pub(super) fn forget_functions(&mut self) {
        for function in self.functions.values_mut() {
            *function = None;
        }
    }
}

/// The variables that the script changed.
#[derive(Clone, Default)]
pub(super) struct Variables {
    known: BTreeMap<String, Variable>,
    /// Whether those that are not known here may be different from the environment.
    is_forgotten: bool,
}

/// Variables that the shell itself sets or changes.
const OF_THE_SHELL: [&str; 18] = [
    "COLUMNS", "EUID", "HOSTNAME", "HOSTTYPE", "LINENO", "LINES", "MACHTYPE", "OLDPWD", "OPTIND",
    "OSTYPE", "PPID", "PWD", "RANDOM", "SECONDS", "SHELL", "SHLVL", "UID", "_",
];

impl Variables {
    pub(super) fn get(&self, name: &str, environment: Environment) -> Variable {
        if let Some(value) = self.known.get(name) {
            return value.clone();
        }
        if self.is_forgotten || OF_THE_SHELL.contains(&name) || name.starts_with("BASH") {
            return Variable::Unknown;
        }
        match environment(name) {
            Variable::Set(value) if value.len() > MAX_VALUE => Variable::Unknown,
            variable => variable,
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        let variable = value.filter(|text| text.len() <= MAX_VALUE);
        let variable = variable.map_or(Variable::Unknown, Variable::Set);
        self.known.insert(name.to_owned(), variable);
    }

    pub(super) fn unset(&mut self, name: &str) {
        self.known.insert(name.to_owned(), Variable::Unset);
    }

    pub(super) fn forget(&mut self, name: &str) {
        self.known.insert(name.to_owned(), Variable::Unknown);
    }

    /// What [`Self::restore`] needs.
    pub(super) fn saved(&self, name: &str) -> Option<Variable> {
        let forgotten = self.is_forgotten.then_some(Variable::Unknown);
        self.known.get(name).cloned().or(forgotten)
    }

    pub(super) fn restore(&mut self, name: &str, saved: Option<Variable>) {
        match saved {
            Some(variable) => self.known.insert(name.to_owned(), variable),
            None => self.known.remove(name),
        };
    }

    /// Whether words are split at blanks and line breaks, as they are by default.
    pub(super) fn has_default_separators(&self) -> bool {
        !self.is_forgotten && !self.known.contains_key("IFS")
    }

    fn join(&mut self, other: &Variables, environment: Environment) {
        let names: Vec<String> = self
            .known
            .keys()
            .chain(other.known.keys())
            .cloned()
            .collect();
        for name in names {
            if self.known.get(&name) != other.known.get(&name)
                && self.get(&name, environment) != other.get(&name, environment)
            {
                self.forget(&name);
            }
        }
        self.is_forgotten |= other.is_forgotten;
    }
}

/// What two ways have in common where they meet.
pub(super) fn join<'a>(state: &mut State<'a>, other: State<'a>, environment: Environment) {
    if !other.live {
        return;
    }
    if !state.live {
        *state = other;
        return;
    }
    if state.status != other.status {
        state.status = Truth::Unknown;
    }
    if state.errexit != other.errexit {
        state.errexit = Truth::Unknown;
    }
    if state.nounset != other.nounset {
        state.nounset = Truth::Unknown;
    }
    state.has_other_patterns |= other.has_other_patterns;
    state.variables.join(&other.variables, environment);
    state.positional = match (state.positional.take(), other.positional) {
        (Some(mut left), Some(right)) if left.len() == right.len() => {
            for (left, right) in left.iter_mut().zip(right) {
                if *left != right {
                    *left = None;
                }
            }
            Some(left)
        }
        _ => None,
    };
    let names: Vec<&str> = state
        .functions
        .keys()
        .chain(other.functions.keys())
        .copied()
        .collect();
    for name in names {
        let same = match (state.functions.get(name), other.functions.get(name)) {
            (Some(Some(left)), Some(Some(right))) => std::ptr::eq(*left, *right),
            (left, right) => left == right,
        };
        if !same {
            state.functions.insert(name, None);
        }
    }
}
