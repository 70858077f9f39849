//! What a script would do, found by following it with what is known.
//!
//! Nothing is run. A value that is not known makes a condition unknown, and then both ways are
//! followed: what happens on them is [`Possible`](Certainty::Possible), and what they leave
//! different is unknown afterwards. The rules are those of bash 5.
//!
//! *Certain* is meant as for a script that does its work: the commands before do not hang or crash,
//! and do not make it give up, by failing under `set -e` or by an `exit` with another status than 0.
//! A command whose status is looked at (`if`, `&&`, `||`) may well fail.

mod builtins;
mod conditions;
mod effects;
mod expand;
mod pattern;
mod state;

use std::collections::BTreeSet;

use self::effects::Effects;
use self::expand::Field;
use self::state::{State, join};
use super::{Arm, ArmEnd, Branch, Command, Connector, Header, Script, Statement, Word};
use crate::Span;

/// How often a loop is followed before it counts as one that repeats any number of times.
const MAX_ITERATIONS: usize = 256;
/// How deep functions may call each other.
const MAX_CALLS: usize = 16;
/// How much is done, in about statements and copied values, before the rest is given up.
const FUEL: usize = 100_000;

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It does.
    True,
    /// It does not.
    False,
    /// It depends on what is not known here.
    Unknown,
}

impl Truth {
    fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, Truth::True) => Truth::True,
            _ => Truth::Unknown,
        }
    }

    fn or(self, other: Truth) -> Truth {
        self.negated().and(other.negated()).negated()
    }

    fn negated(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Truth::True } else { Truth::False }
    }
}

/// What is known about a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Its value.
    Set(String),
    /// There is no such variable.
    Unset,
    /// It may have any value, or none.
    Unknown,
}

/// Whether a command runs. What is in no [`Step`] does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It may run; it depends on what is not known.
    Possible,
    /// It runs, unless the script gave up before.
    Certain,
}

/// A command that the script comes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The [`Command::span`] in the script.
    pub span: Span,
    /// Its name and arguments after all expansions; for `exec` those behind it. `None` stands for
    /// what is not known: one word, or any number of them.
    pub words: Vec<Option<String>>,
    /// Whether it runs.
    pub certainty: Certainty,
}

/// What a script does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The commands in the order in which they first run, but for `exec`. One that runs again with
    /// the same words is not repeated.
    pub steps: Vec<Step>,
    /// The programs that may take the place of the shell, by `exec`.
    pub execs: Vec<Step>,
    /// Whether the script ends by itself, without becoming another program, and without giving up.
    pub exits: Truth,
}

impl Run {
    /// The program that the script becomes, if there is only one and it cannot end otherwise.
    pub fn exec(&self) -> Option<&Step> {
        let (first, others) = self.execs.split_first()?;
        let is_only = self.exits == Truth::False
            && others.iter().all(|other| other.words == first.words)
            && first.words.iter().all(Option::is_some);
        (is_only || others.is_empty() && first.certainty == Certainty::Certain).then_some(first)
    }

    /// Whether the command at `span` runs; `None` if it surely does not.
    pub fn certainty(&self, span: Span) -> Option<Certainty> {
        self.steps
            .iter()
            .chain(&self.execs)
            .filter(|step| step.span == span)
            .map(|step| step.certainty)
            .max()
    }
}

/// Follows `script`, started with `arguments` (`$1` and on), in an environment that `environment`
/// tells: also `0` for `$0`, the path of the script.
///
/// Options of the shebang hold (`#!/bin/bash -e`), but the language is always bash: `==` in `[ ]`
/// and `${@: -1}` have a meaning.
pub fn evaluate(
    script: &Script,
    arguments: &[String],
    environment: &dyn Fn(&str) -> Variable,
) -> Run {
    let options = script
        .shebang
        .iter()
        .flat_map(|line| &line.arguments)
        .filter_map(|argument| argument.strip_prefix('-'))
        .filter(|letters| !letters.starts_with('-'));
    let mut state = State::new(arguments);
    for letters in options {
        state.errexit = state.errexit.or(letters.contains('e').into());
        state.nounset = state.nounset.or(letters.contains('u').into());
    }
    let mut evaluator = Evaluator {
        script,
        environment,
        state,
        frames: vec![Frame::new(Boundary::Shell)],
        is_branch: false,
        is_tested: false,
        fuel: FUEL,
        seen: BTreeSet::new(),
        steps: Vec::new(),
        execs: Vec::new(),
        may_exit: false,
    };
    evaluator.statements(&script.statements);
    evaluator.finish()
}

struct Evaluator<'a> {
    script: &'a Script,
    environment: &'a dyn Fn(&str) -> Variable,
    state: State<'a>,
    frames: Vec<Frame<'a>>,
    /// Whether this is a way that may not be taken.
    is_branch: bool,
    /// Whether somebody looks at the status, so that `set -e` does not.
    is_tested: bool,
    fuel: usize,
    /// The steps so far, and whether they are in `execs`.
    seen: BTreeSet<(bool, Step)>,
    steps: Vec<Step>,
    execs: Vec<Step>,
    may_exit: bool,
}

/// Something that can be left before its end.
struct Frame<'a> {
    boundary: Boundary,
    /// The states in which it is left.
    exits: Vec<State<'a>>,
    /// Whether it may have been left already: what follows in it is possible only.
    may_be_left: bool,
    /// The variables that a function made its own: what they were before, and whether it is
    /// certain that they are local.
    locals: Vec<(String, Option<Variable>, Certainty)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Boundary {
    /// The script, or a subshell: left by `exit`.
    Shell,
    /// Left by `return`.
    Function,
    /// Left by `break`.
    Loop,
    /// Left by `continue`.
    Iteration,
}

impl Frame<'_> {
    fn new(boundary: Boundary) -> Self {
        Frame {
            boundary,
            exits: Vec::new(),
            may_be_left: false,
            locals: Vec::new(),
        }
    }
}

impl<'a> Evaluator<'a> {
    fn finish(self) -> Run {
        let may_exit = self.may_exit || self.state.live;
        let exits = match (may_exit, self.execs.is_empty()) {
            (false, _) => Truth::False,
            (true, true) => Truth::True,
            (true, false) => Truth::Unknown,
        };
        Run {
            steps: self.steps,
            execs: self.execs,
            exits,
        }
    }

    fn statements(&mut self, statements: &'a [Statement]) {
        for statement in statements {
            if !self.state.live {
                return;
            }
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &'a Statement) {
        if !self.spend(1) {
            return;
        }
        match statement {
            Statement::Command(command) => self.command(command),
            Statement::List { first, rest, .. } => self.list(first, rest),
            Statement::Pipeline { statements, .. } => {
                let mut status = Truth::Unknown;
                for statement in statements {
                    status = self.subshell(|shell| shell.statement(statement));
                }
                self.settle(status);
            }
            Statement::Not { statement, .. } => {
                self.tested(|evaluator| evaluator.statement(statement));
                self.state.status = self.state.status.negated();
            }
            Statement::Background { statement, .. } => {
                self.subshell(|shell| shell.statement(statement));
                self.state.status = Truth::True;
            }
            Statement::If {
                branches,
                otherwise,
                ..
            } => self.if_(branches, otherwise),
            Statement::Case { subject, arms, .. } => self.case(subject, arms),
            Statement::Loop { header, body, .. } => self.loop_(header, body),
            Statement::Function { name, body, .. } => {
                self.state.functions.insert(&name.value, Some(body));
                self.state.status = Truth::True;
            }
            Statement::Group { statements, .. } => self.statements(statements),
            Statement::Subshell { statements, .. } => {
                let status = self.subshell(|shell| shell.statements(statements));
                // Bash takes `( ! a )` for `! ( a )`, which `set -e` does not look at.
                let is_negated = matches!(statements.last(), Some(Statement::Not { .. }));
                self.settle(if is_negated { Truth::Unknown } else { status });
            }
            Statement::Redirected {
                statement,
                redirects,
                ..
            } => {
                for redirect in redirects {
                    self.text(&redirect.target);
                }
                self.statement(statement);
            }
            Statement::Test { test, .. } => {
                let status = self.test(test);
                self.settle(status);
            }
            Statement::Arithmetic { expression, .. } => {
                let status = self
                    .arithmetic(expression)
                    .map_or(Truth::Unknown, |value| Truth::from(value != 0));
                self.settle(status);
            }
            Statement::Other(_) => self.state.status = Truth::Unknown,
        }
    }

    fn list(&mut self, first: &'a Statement, rest: &'a [(Connector, Statement)]) {
        self.tested(|evaluator| evaluator.statement(first));
        for (index, (connector, statement)) in rest.iter().enumerate() {
            if !self.state.live {
                return;
            }
            let (runs, skipped) = match connector {
                Connector::And => (self.state.status, Truth::False),
                Connector::Or => (self.state.status.negated(), Truth::True),
            };
            let is_last = index + 1 == rest.len();
            let run = |evaluator: &mut Self| {
                if is_last {
                    evaluator.statement(statement);
                } else {
                    evaluator.tested(|evaluator| evaluator.statement(statement));
                }
            };
            match runs {
                Truth::True => run(self),
                Truth::False => {}
                Truth::Unknown => {
                    let mut without = self.fork();
                    without.status = skipped;
                    self.branch(run);
                    self.join(without);
                }
            }
        }
    }

    fn if_(&mut self, branches: &'a [Branch], otherwise: &'a [Statement]) {
        self.choose(|evaluator, ended| {
            for branch in branches {
                evaluator.tested(|evaluator| evaluator.statements(&branch.condition));
                if !evaluator.state.live {
                    return;
                }
                match evaluator.state.status {
                    Truth::True => return evaluator.statements(&branch.body),
                    Truth::False => {}
                    Truth::Unknown => {
                        let otherwise = evaluator.fork();
                        evaluator.is_branch = true;
                        evaluator.statements(&branch.body);
                        ended.push(std::mem::replace(&mut evaluator.state, otherwise));
                    }
                }
            }
            evaluator.state.status = Truth::True;
            evaluator.statements(otherwise);
        });
    }

    fn case(&mut self, subject: &'a Word, arms: &'a [Arm]) {
        let subject = self.text(subject);
        self.choose(|evaluator, ended| {
            evaluator.state.status = Truth::True;
            let mut rest = arms;
            while let (Some(arm), true) = (rest.first(), evaluator.state.live) {
                let matches = arm.patterns.iter().fold(Truth::False, |found, pattern| {
                    found.or(evaluator.matches(subject.as_deref(), pattern))
                });
                match matches {
                    Truth::False => rest = &rest[1..],
                    Truth::True => rest = evaluator.arms(rest),
                    Truth::Unknown => {
                        let otherwise = evaluator.fork();
                        evaluator.is_branch = true;
                        let next = evaluator.arms(rest);
                        if next.is_empty() {
                            ended.push(std::mem::replace(&mut evaluator.state, otherwise));
                        } else {
                            evaluator.join(otherwise);
                        }
                        rest = &rest[1..];
                    }
                }
            }
        });
    }

    /// Follows the first of `arms`, and those into which it falls through; which are tried next.
    fn arms(&mut self, arms: &'a [Arm]) -> &'a [Arm] {
        for (index, arm) in arms.iter().enumerate() {
            self.statements(&arm.body);
            match arm.end {
                ArmEnd::Break => return &[],
                ArmEnd::Continue => return &arms[index + 1..],
                ArmEnd::FallThrough => {}
            }
        }
        &[]
    }

    fn loop_(&mut self, header: &'a Header, body: &'a [Statement]) {
        self.frames.push(Frame::new(Boundary::Loop));
        match header {
            Header::For { variable, words } => {
                let items = match words {
                    Some(words) => self.fields(words),
                    None => self.positional_fields(),
                };
                self.for_(&variable.value, &items, body);
            }
            Header::Select { variable } => {
                self.state.variables.forget("REPLY");
                self.repeat(Some(&variable.value), &[], body);
            }
            Header::Arithmetic(expression) => {
                self.arithmetic_effects(expression);
                self.repeat(None, &[], body);
                self.arithmetic_effects(expression);
            }
            Header::While(condition) => self.while_(condition, Truth::True, body),
            Header::Until(condition) => self.while_(condition, Truth::False, body),
        }
        self.pop();
    }

    fn for_(&mut self, variable: &'a str, items: &[Field], body: &'a [Statement]) {
        self.state.status = Truth::True;
        for (index, item) in items.iter().enumerate() {
            if !self.state.live {
                return;
            }
            if index == MAX_ITERATIONS || *item == Field::Many {
                return self.repeat(Some(variable), &[], body);
            }
            self.state.variables.set(variable, item.value());
            self.iteration(body);
        }
    }

    fn while_(&mut self, condition: &'a [Statement], holds: Truth, body: &'a [Statement]) {
        let mut status = Truth::True;
        for _ in 0..MAX_ITERATIONS {
            self.tested(|evaluator| evaluator.statements(condition));
            if !self.state.live {
                return;
            }
            match self.state.status {
                Truth::Unknown => return self.repeat(None, condition, body),
                found if found == holds => self.iteration(body),
                _ => {
                    self.state.status = status;
                    return;
                }
            }
            if !self.state.live {
                return;
            }
            status = self.state.status;
        }
        // It may well never end.
        self.frames[0].may_be_left = true;
        self.may_exit = true;
        self.repeat(None, condition, body);
    }

    fn iteration(&mut self, body: &'a [Statement]) {
        self.frames.push(Frame::new(Boundary::Iteration));
        self.statements(body);
        self.pop();
    }

    /// Follows what repeats any number of times: once, in a state in which everything that the
    /// repetition changes is unknown.
    fn repeat(
        &mut self,
        variable: Option<&'a str>,
        condition: &'a [Statement],
        body: &'a [Statement],
    ) {
        let without = self.fork();
        let mut effects = Effects::default();
        effects.add(body, &self.state.functions);
        effects.add(condition, &self.state.functions);
        self.branch(|evaluator| {
            evaluator.forget(&effects);
            if let Some(variable) = variable {
                evaluator.state.variables.forget(variable);
            }
            evaluator.iteration(body);
            evaluator.tested(|evaluator| evaluator.statements(condition));
        });
        self.join(without);
        if self.state.live {
            self.state.status = Truth::Unknown;
        }
    }

    fn forget(&mut self, effects: &Effects) {
        if effects.everything {
            self.state.forget_variables();
        }
        for name in &effects.names {
            self.state.variables.forget(name);
        }
        if effects.positional {
            self.state.positional = None;
        }
        if effects.options {
            self.state.errexit = Truth::Unknown;
            self.state.nounset = Truth::Unknown;
        }
    }

    fn command(&mut self, command: &'a Command) {
        let fields = self.command_fields(command);
        if !self.state.live {
            return;
        }
        for redirect in &command.redirects {
            self.text(&redirect.target);
        }
        let Some(first) = fields.first() else {
            return self.assign(command);
        };
        self.spend(fields.len() / 16);
        let Field::Known(name) = first else {
            self.step(command.span, &fields);
            return self.settle(Truth::Unknown);
        };
        match self.state.functions.get(name.as_str()).copied() {
            Some(Some(body)) => self.call(command, body, &fields),
            Some(None) => self.give_up(),
            None => self.builtin(command, &fields),
        }
    }

    /// A command without words: its assignments stay.
    fn assign(&mut self, command: &'a Command) {
        let mut status = Truth::True;
        for assignment in &command.assignments {
            if effects::has_substitution(&assignment.value) || !command.redirects.is_empty() {
                status = Truth::Unknown;
            }
            self.assignment(assignment);
            if !self.state.live {
                return;
            }
        }
        if command.assignments.is_empty() {
            // Either only redirections, or words that all vanished: `$EMPTY`, `"$@"`, `$(…)`.
            let is_plain = command.redirects.is_empty()
                && !command.words.iter().any(effects::has_substitution);
            status = if is_plain {
                Truth::True
            } else {
                Truth::Unknown
            };
        }
        self.settle(status);
    }

    fn call(&mut self, command: &'a Command, body: &'a Statement, fields: &[Field]) {
        self.step(command.span, fields);
        let calls = self
            .frames
            .iter()
            .filter(|frame| frame.boundary == Boundary::Function);
        if calls.count() >= MAX_CALLS {
            return self.give_up();
        }
        for assignment in &command.assignments {
            self.assignment(assignment);
        }
        let positional = std::mem::replace(
            &mut self.state.positional,
            fields[1..].iter().map(Field::single).collect(),
        );
        self.frames.push(Frame::new(Boundary::Function));
        self.statement(body);
        let frame = self.pop();
        self.state.positional = positional;
        for (name, value, certainty) in frame.locals.into_iter().rev() {
            match certainty {
                Certainty::Certain => self.state.variables.restore(&name, value),
                Certainty::Possible => self.state.variables.forget(&name),
            }
        }
        // They are taken back, unless the function exports them: not worth following.
        for assignment in &command.assignments {
            self.state.variables.forget(&assignment.name.value);
        }
        if self.state.live {
            let status = self.state.status;
            self.settle(status);
        }
    }

    /// Runs what it is given in a shell of its own; with which status that ends.
    fn subshell(&mut self, run: impl FnOnce(&mut Self)) -> Truth {
        let outside = self.fork();
        self.frames.push(Frame::new(Boundary::Shell));
        run(self);
        self.pop();
        let inside = std::mem::replace(&mut self.state, outside);
        if inside.live {
            inside.status
        } else {
            Truth::Unknown
        }
    }

    /// Takes note of a status, which may end the shell under `set -e`.
    fn settle(&mut self, status: Truth) {
        self.state.status = status;
        if self.is_tested || status == Truth::True || self.state.errexit == Truth::False {
            return;
        }
        let shell = self.shell();
        if status == Truth::False && self.state.errexit == Truth::True {
            self.leave(shell, true);
        } else if shell > 0 {
            self.may_leave(shell);
        }
    }

    /// Takes note that the shell at `index` may end here. The script goes on if only a subshell
    /// fails.
    fn may_leave(&mut self, index: usize) {
        self.frames[index].may_be_left = true;
        let exits = &self.frames[index].exits;
        // Nothing else of a subshell counts than its status.
        if index > 0 && exits.iter().all(|exit| exit.status != Truth::Unknown) {
            let mut exit = self.fork();
            exit.status = Truth::Unknown;
            self.frames[index].exits.push(exit);
        }
    }

    /// The frame of the shell that `exit` ends.
    fn shell(&self) -> usize {
        let is_shell = |frame: &Frame| frame.boundary == Boundary::Shell;
        self.frames.iter().rposition(is_shell).unwrap_or_default()
    }

    /// Ends what `index` stands for, because of a failure or not.
    fn leave(&mut self, index: usize, has_failed: bool) {
        let gives_up = index == 0 && has_failed;
        if !gives_up && self.certainty() == Certainty::Possible {
            self.frames[index].may_be_left = true;
        }
        if !self.spend(self.state.size()) {
            return;
        }
        self.frames[index].exits.push(self.state.clone());
        self.state.live = false;
    }

    /// Ends the innermost frame; the state is then what all ways out of it have in common.
    fn pop(&mut self) -> Frame<'a> {
        let Some(mut frame) = self.frames.pop() else {
            return Frame::new(Boundary::Shell);
        };
        for exit in std::mem::take(&mut frame.exits) {
            self.join(exit);
        }
        frame
    }

    /// Runs what it is given with its status looked at.
    fn tested(&mut self, run: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.is_tested, true);
        run(self);
        self.is_tested = outer;
    }

    /// Runs what it is given as a way that may not be taken.
    fn branch(&mut self, run: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.is_branch, true);
        run(self);
        self.is_branch = outer;
    }

    /// Runs what follows several ways and hands back the states in which all but the last end.
    fn choose(&mut self, run: impl FnOnce(&mut Self, &mut Vec<State<'a>>)) {
        let outer = self.is_branch;
        let mut ended = Vec::new();
        run(self, &mut ended);
        self.is_branch = outer;
        for state in ended {
            self.join(state);
        }
    }

    /// A copy of the state, for another way.
    fn fork(&mut self) -> State<'a> {
        self.spend(self.state.size());
        self.state.clone()
    }

    fn join(&mut self, other: State<'a>) {
        self.spend(other.size());
        join(&mut self.state, other, self.environment);
    }

    fn certainty(&self) -> Certainty {
        if self.is_branch || self.frames.iter().any(|frame| frame.may_be_left) {
            Certainty::Possible
        } else {
            Certainty::Certain
        }
    }

    /// Takes note of a command.
    fn step(&mut self, span: Span, fields: &[Field]) {
        self.add_step(false, span, fields, self.certainty());
    }

    /// Adds a step, unless it is there already.
    fn add_step(&mut self, is_exec: bool, span: Span, fields: &[Field], certainty: Certainty) {
        let words = fields.iter().map(Field::value).collect();
        let certain = Step {
            span,
            words,
            certainty: Certainty::Certain,
        };
        let key = (is_exec, certain);
        if self.seen.contains(&key) {
            return;
        }
        let step = Step { certainty, ..key.1 };
        if self.seen.insert((is_exec, step.clone())) {
            let steps = if is_exec {
                &mut self.execs
            } else {
                &mut self.steps
            };
            steps.push(step);
        }
    }

    /// Uses up fuel; gives up when there is none left. Whether there was.
    fn spend(&mut self, amount: usize) -> bool {
        if self.fuel == 0 {
            return false;
        }
        self.fuel = self.fuel.saturating_sub(amount);
        if self.fuel == 0 {
            self.give_up();
        }
        self.fuel > 0
    }

    /// From here on, every command of the script may run, and nothing is followed any more.
    fn give_up(&mut self) {
        self.fuel = 0;
        for command in self.script.commands() {
            let words = command.words.iter();
            let fields: Vec<Field> = words
                .map(|word| word.literal().map_or(Field::Many, Field::Known))
                .collect();
            match builtins::without_prefix(&fields) {
                [Field::Known(name), program @ ..] if name == "exec" => {
                    self.add_step(true, command.span, program, Certainty::Possible);
                }
                fields => self.add_step(false, command.span, fields, Certainty::Possible),
            }
        }
        self.may_exit = true;
        self.state.live = false;
        for frame in &mut self.frames {
            frame.exits.clear();
        }
    }
}
