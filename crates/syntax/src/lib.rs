//! Texts to documents with byte spans.
//!
//! Every parser here is *total*: it takes any text, returns a document and the list of its
//! [`SyntaxError`]s, and never fails or panics. Spans are byte ranges of the original text, on
//! character boundaries, so an [`Edit`] made from a document changes only the bytes that it names.
//!
//! The crate knows the languages, not what they mean: Rails, Docker and Kamal are unknown here.

pub mod dockerfile;
pub mod dockerignore;
pub mod dotenv;
pub mod edit;
pub mod erb;
pub mod javascript;
pub mod json;
pub mod lockfile;
pub mod ruby;
pub mod shell;
pub mod span;
pub mod version_file;
pub mod yaml;

pub use edit::{Edit, Overlap};
pub use span::{LineIndex, Position, Span, Spanned};

/// A place where a text is not what its language allows, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where the parser noticed it; empty at the end of the text where something is missing.
    pub span: Span,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
}

impl SyntaxError {
    /// An error at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
        }
    }
}
