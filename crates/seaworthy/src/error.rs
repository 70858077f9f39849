//! Why the program could not run.

use std::fmt;
use std::io;
use std::path::Path;

/// What went wrong, and what to do about it.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    hint: Option<String>,
    kind: Option<io::ErrorKind>,
}

impl Error {
    /// A sentence without a full stop.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            kind: None,
        }
    }

    /// The system refused something about `path`.
    pub(crate) fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self {
            kind: Some(error.kind()),
            ..Self::new(format!("{doing} {}: {error}", path.display()))
        }
    }

    /// The same, with an imperative that helps.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// What to do about it.
    pub(crate) fn help(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Whether nobody reads the output any more.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.kind == Some(io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
