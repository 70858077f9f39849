//! Commands of the shell itself.

use super::expand::Field;
use super::state::Value;
use super::{Boundary, Evaluator, Frame, Truth};
use crate::shell::{Command, Word, is_name};

impl<'a> Evaluator<'a> {
    /// A command that is no function.
    pub(super) fn builtin(&mut self, command: &'a Command, fields: &[Field]) {
        for assignment in &command.assignments {
            self.text(&assignment.value);
        }
        if !self.state.live {
            return;
        }
        let fields = without_prefix(fields);
        let name = fields.first().and_then(Field::value);
        let name = name.as_deref().unwrap_or_default();
        if name == "exec" {
            return self.exec(command, &fields[1..]);
        }
        self.step(command.span, fields);
        let arguments = fields.get(1..).unwrap_or_default();
        let status = match name {
            ":" | "true" => Truth::True,
            "echo" | "printf" => self.print(command, arguments),
            "false" => Truth::False,
            "test" => self.arguments_test(arguments),
            "[" => match arguments {
                [arguments @ .., Field::Known(last)] if last == "]" => {
                    self.arguments_test(arguments)
                }
                [.., Field::Known(_)] | [] => Truth::False,
                _ => Truth::Unknown,
            },
            "exit" => return self.exit(arguments),
            "return" => return self.return_(arguments),
            "break" => return self.leave_loop(Boundary::Loop, arguments),
            "continue" => return self.leave_loop(Boundary::Iteration, arguments),
            "shift" => self.shift(arguments),
            "set" => self.set(arguments),
            "declare" | "export" | "local" | "readonly" | "typeset" => {
                self.declare(command, name, arguments)
            }
            "unset" => self.unset_variables(arguments),
            "getopts" | "mapfile" | "read" | "readarray" => self.read(arguments),
            "cd" | "popd" | "pushd" => {
                self.state.variables.forget("PWD");
                self.state.variables.forget("OLDPWD");
                Truth::Unknown
            }
            "shopt" => {
                self.state.has_other_patterns = true;
                Truth::Unknown
            }
            "let" | "wait" => {
                self.state.forget_variables();
                Truth::Unknown
            }
            "." | "source" => {
                self.state.forget_variables();
                self.state.forget_functions();
                Truth::Unknown
            }
            "eval" => {
                self.state.forget_variables();
                self.state.forget_functions();
                self.state.positional = None;
                self.state.errexit = Truth::Unknown;
                Truth::Unknown
            }
            _ => Truth::Unknown,
        };
        self.settle(status);
    }

    fn exec(&mut self, command: &'a Command, arguments: &[Field]) {
        let program = after_exec_options(arguments);
        let Some(first) = program.first() else {
            // Only redirections: the shell goes on.
            let status = if command.redirects.is_empty() {
                Truth::True
            } else {
                Truth::Unknown
            };
            return self.settle(status);
        };
        let shell = self.shell();
        if *first == Field::Many {
            // There may be no program at all.
            self.may_leave(shell);
        }
        self.add_step(shell == 0, command.span, program, self.certainty());
        self.state.status = Truth::Unknown;
        if *first != Field::Many {
            self.leave(shell, false);
        }
    }

    fn print(&mut self, command: &Command, arguments: &[Field]) -> Truth {
        match arguments {
            [Field::Known(option), Field::Known(name), ..] if option == "-v" => {
                self.state.variables.forget(name);
                Truth::Unknown
            }
            // Writing to the terminal or to the log does not fail.
            _ if command.redirects.is_empty() => Truth::True,
            _ => Truth::Unknown,
        }
    }

    fn exit(&mut self, arguments: &[Field]) {
        let status = self.given_status(arguments);
        self.state.status = status;
        let shell = self.shell();
        if shell == 0 && status != Truth::False {
            self.may_exit = true;
        }
        self.leave(shell, status == Truth::False);
    }

    fn return_(&mut self, arguments: &[Field]) {
        let status = self.given_status(arguments);
        let innermost = self
            .frames
            .iter()
            .rposition(|frame| matches!(frame.boundary, Boundary::Function | Boundary::Shell));
        let is_in_function = self
            .frames
            .iter()
            .any(|frame| frame.boundary == Boundary::Function);
        match innermost {
            Some(index) if is_in_function => {
                self.state.status = status;
                self.leave(index, false);
            }
            // Elsewhere it is an error, and the script goes on.
            _ => self.settle(Truth::False),
        }
    }

    /// The status that `exit` and `return` are given, or else that of the last command.
    fn given_status(&self, arguments: &[Field]) -> Truth {
        match arguments.first() {
            None => self.state.status,
            Some(Field::Known(text)) => {
                let number = text.parse::<i64>().ok();
                Truth::from(number.is_some_and(|number| number.rem_euclid(256) == 0))
            }
            Some(_) => Truth::Unknown,
        }
    }

    fn leave_loop(&mut self, boundary: Boundary, arguments: &[Field]) {
        let count = match arguments.first() {
            None => Some(1),
            Some(Field::Known(text)) => text.parse::<usize>().ok().filter(|count| *count > 0),
            Some(_) => None,
        };
        let reachable = self
            .frames
            .iter()
            .rposition(|frame| matches!(frame.boundary, Boundary::Function | Boundary::Shell));
        let loops: Vec<usize> = (reachable.unwrap_or_default()..self.frames.len())
            .filter(|index| self.frames[*index].boundary == boundary)
            .collect();
        let (Some(outermost), Some(count)) = (loops.first(), count) else {
            if !loops.is_empty() {
                return self.give_up();
            }
            // In a subshell it may still be about a loop around that.
            if self.shell() > 0 {
                self.may_leave(self.shell());
            }
            return self.settle(Truth::True);
        };
        let index = loops.iter().rev().nth(count - 1).unwrap_or(outermost);
        self.state.status = Truth::True;
        self.leave(*index, false);
    }

    fn shift(&mut self, arguments: &[Field]) -> Truth {
        let count = match arguments.first() {
            None => Some(1),
            Some(field) => field.value().and_then(|text| text.parse::<usize>().ok()),
        };
        match (&mut self.state.positional, count) {
            (Some(positional), Some(count)) if count <= positional.len() => {
                positional.drain(..count);
                Truth::True
            }
            // Nothing is shifted if there is too little.
            (Some(_), Some(_)) => Truth::False,
            (positional, _) => {
                *positional = None;
                Truth::Unknown
            }
        }
    }

    fn set(&mut self, arguments: &[Field]) -> Truth {
        let mut rest = arguments;
        while let Some((first, after)) = rest.split_first() {
            let Field::Known(option) = first else {
                self.state.positional = None;
                self.state.errexit = Truth::Unknown;
                self.state.nounset = Truth::Unknown;
                return Truth::Unknown;
            };
            if option == "--" {
                rest = after;
                self.set_positional(rest);
                break;
            }
            let Some(letters) = option
                .strip_prefix(['-', '+'])
                .filter(|letters| !letters.is_empty())
            else {
                self.set_positional(rest);
                break;
            };
            let enables = Truth::from(option.starts_with('-'));
            rest = after;
            for letter in letters.chars() {
                match letter {
                    'e' => self.state.errexit = enables,
                    'u' => self.state.nounset = enables,
                    'o' => {
                        match rest.first() {
                            Some(Field::Known(name)) if name == "errexit" => {
                                self.state.errexit = enables;
                            }
                            Some(Field::Known(name)) if name == "nounset" => {
                                self.state.nounset = enables;
                            }
                            _ => {}
                        }
                        rest = rest.get(1..).unwrap_or_default();
                    }
                    _ => {}
                }
            }
        }
        Truth::True
    }

    fn set_positional(&mut self, fields: &[Field]) {
        self.state.positional = fields.iter().map(Field::single).collect();
    }

    /// `export`, `local` and their like, with a value or without.
    fn declare(&mut self, command: &'a Command, name: &str, arguments: &[Field]) -> Truth {
        let options: String = arguments
            .iter()
            .filter_map(Field::value)
            .filter(|argument| argument.starts_with(['-', '+']))
            .collect();
        if options.contains(['f', 'F', 'n']) {
            self.state.forget_variables();
            return Truth::Unknown;
        }
        if arguments.contains(&Field::Many) {
            self.state.forget_variables();
        }
        let is_in_function = self
            .frames
            .iter()
            .any(|frame| frame.boundary == Boundary::Function);
        let is_local = match name {
            "local" if !is_in_function => return Truth::False,
            "local" => true,
            "declare" | "typeset" => !options.contains('g'),
            _ => false,
        };
        let variables = declared(command, arguments);
        if is_local {
            for (name, _) in &variables {
                self.make_local(name);
            }
        }
        // The value of `-i` is computed, that of `-l` is changed, and so on.
        let is_plain = options.bytes().all(|option| b"-+gprx".contains(&option));
        for (name, value) in variables {
            match value {
                Some(value) => self.state.variables.set(&name, value.filter(|_| is_plain)),
                None if !is_plain => self.state.variables.forget(&name),
                None => {}
            }
        }
        if is_plain {
            Truth::True
        } else {
            Truth::Unknown
        }
    }

    /// Gives the function that is followed a variable of its own, which is not there yet.
    fn make_local(&mut self, name: &str) {
        let certainty = self.certainty();
        let is_function = |frame: &Frame| frame.boundary == Boundary::Function;
        let Some(function) = self
            .frames
            .iter_mut()
            .rev()
            .find(|frame| is_function(frame))
        else {
            return;
        };
        if function.locals.iter().any(|(local, ..)| local == name) {
            return;
        }
        let saved = self.state.variables.saved(name);
        function.locals.push((name.to_owned(), saved, certainty));
        self.state.variables.unset(name);
    }

    fn unset_variables(&mut self, arguments: &[Field]) -> Truth {
        let is_function = arguments.contains(&Field::Known("-f".to_owned()));
        for argument in arguments {
            match argument {
                Field::Known(name) => {
                    if !is_function {
                        self.state.variables.unset(name);
                    }
                    if let Some(function) = self.state.functions.get_mut(name.as_str()) {
                        *function = None;
                    }
                }
                Field::Unknown | Field::Many => {
                    self.state.forget_variables();
                    self.state.forget_functions();
                }
            }
        }
        Truth::Unknown
    }

    fn read(&mut self, arguments: &[Field]) -> Truth {
        for argument in arguments {
            match argument {
                Field::Known(name) => self.state.variables.forget(name),
                Field::Unknown | Field::Many => self.state.forget_variables(),
            }
        }
        for name in ["REPLY", "OPTARG", "MAPFILE"] {
            self.state.variables.forget(name);
        }
        Truth::Unknown
    }
}

/// The variables that a declaration names, with the value that each is given.
fn declared(command: &Command, arguments: &[Field]) -> Vec<(String, Option<Value>)> {
    let known = arguments
        .iter()
        .filter_map(Field::value)
        .filter_map(|text| match text.split_once('=') {
            Some((name, _)) if name.ends_with('+') => {
                Some((name.trim_end_matches('+').to_owned(), Some(None)))
            }
            Some((name, value)) if is_name(name) => {
                Some((name.to_owned(), Some(Some(value.to_owned()))))
            }
            None if is_name(&text) => Some((text, None)),
            _ => None,
        });
    // The words say which variables there are where the values are not known.
    let words = command.words.iter().filter_map(Word::as_assignment);
    words
        .map(|(name, _)| (name, Some(None)))
        .chain(known)
        .collect()
}

/// A command without the `command` or `builtin` before it.
pub(super) fn without_prefix(fields: &[Field]) -> &[Field] {
    let mut rest = fields;
    while let [Field::Known(prefix), after @ ..] = rest {
        match after.first() {
            Some(Field::Known(name)) if name.starts_with('-') => break,
            Some(_) if matches!(prefix.as_str(), "builtin" | "command") => rest = after,
            _ => break,
        }
    }
    rest
}

/// What `exec` starts: `-c`, `-l` and `-a name` are its own.
fn after_exec_options(arguments: &[Field]) -> &[Field] {
    let mut rest = arguments;
    while let [Field::Known(option), after @ ..] = rest {
        rest = match option.as_str() {
            "--" => return after,
            "-a" => after.get(1..).unwrap_or_default(),
            "-c" | "-l" | "-cl" | "-lc" => after,
            _ => return rest,
        };
    }
    rest
}
