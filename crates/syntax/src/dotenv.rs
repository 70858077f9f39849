//! The format of `.kamal/secrets`.
#![allow(missing_docs)]
use crate::{Span, Spanned, SyntaxError};
pub fn parse(_text: &str) -> Dotenv {
    Dotenv {
        entries: vec![],
        errors: vec![],
    }
}
#[derive(Debug)]
pub struct Dotenv {
    pub entries: Vec<Entry>,
    pub errors: Vec<SyntaxError>,
}
impl Dotenv {
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|e| e.key.value == name)
    }
}
#[derive(Debug)]
pub struct Entry {
    pub span: Span,
    pub key: Spanned<String>,
    pub value_span: Span,
    pub value: Value,
}
#[derive(Debug)]
pub enum Value {
    Empty,
    Literal { characters: usize },
    Parts(Vec<Part>),
}
#[derive(Debug)]
pub enum Part {
    Literal { characters: usize },
    Variable { name: String },
    Command(Command),
}
#[derive(Debug)]
pub struct Command {
    pub program: String,
}
