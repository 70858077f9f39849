//! Visits everything in a statement.

use super::{Command, Header, Part, Statement, Test, Word};
use crate::Spanned;

/// Something that is met on the way, before what is inside of it.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// A statement.
    Statement(&'a Statement),
    /// A piece of a word.
    Part(&'a Spanned<Part>),
}

/// Every simple command in `statements`.
pub(super) fn commands(statements: &[Statement]) -> Vec<&Command> {
    let mut commands = Vec::new();
    walk(statements, &mut |node| {
        if let Node::Statement(Statement::Command(command)) = node {
            commands.push(command);
        }
    });
    commands
}

/// Shows every statement and part in `statements` to `visit`. The parser limits how deep it goes.
pub(super) fn walk<'a>(statements: &'a [Statement], visit: &mut dyn FnMut(Node<'a>)) {
    for statement in statements {
        walk_statement(statement, visit);
    }
}

fn walk_statement<'a>(statement: &'a Statement, visit: &mut dyn FnMut(Node<'a>)) {
    visit(Node::Statement(statement));
    match statement {
        Statement::Command(command) => walk_command(command, visit),
        Statement::List { first, rest, .. } => {
            walk_statement(first, visit);
            for (_, statement) in rest {
                walk_statement(statement, visit);
            }
        }
        Statement::Pipeline { statements, .. }
        | Statement::Group { statements, .. }
        | Statement::Subshell { statements, .. } => walk(statements, visit),
        Statement::Not { statement, .. }
        | Statement::Background { statement, .. }
        | Statement::Function {
            body: statement, ..
        } => walk_statement(statement, visit),
        Statement::If {
            branches,
            otherwise,
            ..
        } => {
            for branch in branches {
                walk(&branch.condition, visit);
                walk(&branch.body, visit);
            }
            walk(otherwise, visit);
        }
        Statement::Case { subject, arms, .. } => {
            walk_word(subject, visit);
            for arm in arms {
                walk_words(&arm.patterns, visit);
                walk(&arm.body, visit);
            }
        }
        Statement::Loop { header, body, .. } => {
            walk_header(header, visit);
            walk(body, visit);
        }
        Statement::Redirected {
            statement,
            redirects,
            ..
        } => {
            walk_statement(statement, visit);
            for redirect in redirects {
                walk_word(&redirect.target, visit);
            }
        }
        Statement::Test { test, .. } => walk_test(test, visit),
        Statement::Arithmetic { expression, .. } => walk_word(expression, visit),
        Statement::Other(_) => {}
    }
}

fn walk_command<'a>(command: &'a Command, visit: &mut dyn FnMut(Node<'a>)) {
    for assignment in &command.assignments {
        walk_word(&assignment.value, visit);
    }
    walk_words(&command.words, visit);
    for redirect in &command.redirects {
        walk_word(&redirect.target, visit);
    }
}

fn walk_header<'a>(header: &'a Header, visit: &mut dyn FnMut(Node<'a>)) {
    match header {
        Header::For { words, .. } => walk_words(words.as_deref().unwrap_or_default(), visit),
        Header::Select { .. } => {}
        Header::Arithmetic(expression) => walk_word(expression, visit),
        Header::While(condition) | Header::Until(condition) => walk(condition, visit),
    }
}

fn walk_test<'a>(test: &'a Test, visit: &mut dyn FnMut(Node<'a>)) {
    match test {
        Test::Unary { operand, .. } => walk_word(operand, visit),
        Test::Binary { left, right, .. } => {
            walk_word(left, visit);
            walk_word(right, visit);
        }
        Test::Not(test) => walk_test(test, visit),
        Test::All(tests) | Test::Any(tests) => {
            for test in tests {
                walk_test(test, visit);
            }
        }
    }
}

fn walk_words<'a>(words: &'a [Word], visit: &mut dyn FnMut(Node<'a>)) {
    for word in words {
        walk_word(word, visit);
    }
}

fn walk_word<'a>(word: &'a Word, visit: &mut dyn FnMut(Node<'a>)) {
    for part in &word.parts {
        visit(Node::Part(part));
        match &part.value {
            Part::Parameter {
                operation: Some(operation),
                ..
            } => walk_word(&operation.operand, visit),
            Part::Substitution { statements, .. } => walk(statements, visit),
            Part::Arithmetic(expression) => walk_word(expression, visit),
            Part::Array(words) => walk_words(words, visit),
            _ => {}
        }
    }
}
