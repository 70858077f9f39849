//! Answers that carry their origin.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use syntax::Span;

use crate::change::Changes;
use crate::tree::{Path, Tree};

/// Where something stands, or would stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A piece of a file.
    Text {
        /// The file.
        path: Path,
        /// The bytes.
        span: Span,
    },
    /// A key or setting that a file does not have.
    Slot {
        /// The file that would have it.
        path: Path,
        /// What it would stand in or beside; empty if there is nothing near.
        span: Span,
        /// Its name, as the file would write it: `builder.arch`, `config.assume_ssl`.
        key: String,
    },
    /// A file as a whole, there or not.
    File(Path),
    /// A row of a table in this program: a default, a release, a package.
    Table {
        /// What the table knows, in words: `Kamal's defaults`.
        table: &'static str,
        /// The row.
        row: String,
    },
    /// An option of the command line, as it was written.
    Option(String),
}

impl Place {
    /// A piece of a file.
    pub fn text(path: &Path, span: Span) -> Self {
        Self::Text {
            path: path.clone(),
            span,
        }
    }

    /// The file, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Text { path, .. } | Self::Slot { path, .. } | Self::File(path) => Some(path),
            Self::Table { .. } | Self::Option(_) => None,
        }
    }

    /// The bytes in that file; empty at its start where it is meant as a whole.
    pub fn span(&self) -> Span {
        match self {
            Self::Text { span, .. } | Self::Slot { span, .. } => *span,
            _ => Span::default(),
        }
    }

    /// The place in words: `.ruby-version:1`, `Gemfile`, `Kamal's defaults (proxy.app_port)`.
    pub fn describe(&self, tree: &Tree) -> String {
        match self {
            Self::Text { path, span } => match tree.source(path) {
                Some(source) => format!("{path}:{}", source.position(span.start).line),
                None => path.to_string(),
            },
            Self::Slot { path, key, .. } => format!("{path} ({key})"),
            Self::File(path) => path.to_string(),
            Self::Table { table, row } => format!("{table} ({row})"),
            Self::Option(option) => option.clone(),
        }
    }
}

/// Where an answer comes from: a place, and the answers that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Where it stands.
    pub place: Place,
    /// What stands there, as a label says it: `the container listens here`.
    pub why: Cow<'static, str>,
    /// What it was worked out from, nearest first.
    pub from: Vec<Origin>,
}

impl Origin {
    /// An answer that was read at `place`.
    pub fn at(place: Place, why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            place,
            why: why.into(),
            from: Vec::new(),
        }
    }

    /// The same origin, worked out from another.
    #[must_use]
    pub fn because(mut self, from: Origin) -> Self {
        self.from.push(from);
        self
    }

    /// This origin and all that it was worked out from, nearest first.
    pub fn chain(&self) -> Vec<&Origin> {
        let mut chain = vec![self];
        for origin in &self.from {
            chain.extend(origin.chain());
        }
        chain
    }
}

/// A value, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact<T> {
    /// What was found.
    pub value: T,
    /// Where.
    pub origin: Origin,
}

impl<T> Fact<T> {
    /// A value that was read at `place`.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// A value that stands in `path` at `span`.
    pub fn read(value: T, path: &Path, span: Span, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(value, Origin::at(Place::text(path, span), why))
    }

    /// A value that nothing in the app says, so that it is the default of `table`.
    pub fn default(value: T, table: &'static str, row: impl Into<String>) -> Self {
        Self::new(
            value,
            Origin::at(
                Place::Table {
                    table,
                    row: row.into(),
                },
                "the default",
            ),
        )
    }

    /// The same origin for what was worked out from the value alone.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Fact<U> {
        Fact {
            value: map(self.value),
            origin: self.origin,
        }
    }

    /// The same fact, with what it was worked out from.
    #[must_use]
    pub fn because(self, origin: Origin) -> Self {
        Self {
            value: self.value,
            origin: self.origin.because(origin),
        }
    }

    /// The same fact, with other words for what stands there.
    #[must_use]
    pub fn labelled(mut self, why: impl Into<Cow<'static, str>>) -> Self {
        self.origin.why = why.into();
        self
    }

    /// The text that stands where the fact was read; empty if it was not read from a file.
    pub fn source_text<'t>(&self, tree: &'t Tree) -> &'t str {
        match &self.origin.place {
            Place::Text { path, span } => tree.text(path, *span),
            _ => "",
        }
    }

    /// Writes `text` where the fact was read; `None` if it was not read from a file.
    pub fn replace(&self, text: impl Into<String>) -> Option<Changes> {
        match &self.origin.place {
            Place::Text { path, span } => Some(Changes::edit(
                path,
                vec![syntax::Edit::replace(*span, text)],
            )),
            _ => None,
        }
    }
}

impl<T> Deref for Fact<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Display> fmt::Display for Fact<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// Why something cannot be told without running the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Ruby or ERB works it out.
    Dynamic,
    /// It stands between `if` and `end`, or between `<% if %>` and `<% end %>`.
    Conditional,
    /// The file could not be read.
    Unreadable,
    /// The file is not what its language allows, so what is missing may be behind the error.
    Broken,
    /// It is written in a way that this program does not read; what it is.
    NotRead(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dynamic => "Ruby code works it out",
            Self::Conditional => "it stands in a condition",
            Self::Unreadable => "the file could not be read",
            Self::Broken => "the file has a syntax error",
            Self::NotRead(what) => what,
        })
    }
}

/// What a file answers. *Absent* and *unknown* are different news: a rule about something missing
/// fires on the first only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// It is so.
    Is(Fact<T>),
    /// It is not there; where it would stand.
    Absent(Place),
    /// It may be there, but cannot be told; where, and why.
    Unknown(Place, Why),
}

impl<T> Answer<T> {
    /// The fact, if there is one.
    pub fn known(self) -> Option<Fact<T>> {
        match self {
            Self::Is(fact) => Some(fact),
            Self::Absent(_) | Self::Unknown(..) => None,
        }
    }

    /// Where it would stand, if it surely is not there.
    pub fn absent(self) -> Option<Place> {
        match self {
            Self::Absent(place) => Some(place),
            Self::Is(_) | Self::Unknown(..) => None,
        }
    }

    /// Whether there is a fact.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Is(_))
    }

    /// Whether it surely is not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent(_))
    }

    /// Whether it cannot be told.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(..))
    }

    /// The answer for what is worked out from the value alone.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Answer<U> {
        self.and_then(|fact| Answer::Is(fact.map(map)))
    }

    /// The answer to a question about the fact.
    pub fn and_then<U>(self, then: impl FnOnce(Fact<T>) -> Answer<U>) -> Answer<U> {
        match self {
            Self::Is(fact) => then(fact),
            Self::Absent(place) => Answer::Absent(place),
            Self::Unknown(place, why) => Answer::Unknown(place, why),
        }
    }

    /// This answer, or the next one to ask if it is absent.
    #[must_use]
    pub fn or_else(self, next: impl FnOnce() -> Answer<T>) -> Answer<T> {
        match self {
            Self::Absent(_) => next(),
            answer => answer,
        }
    }

    /// The fact, the default where it is absent, nothing where it is unknown.
    pub fn or_default(self, default: impl FnOnce() -> Fact<T>) -> Option<Fact<T>> {
        match self {
            Self::Is(fact) => Some(fact),
            Self::Absent(_) => Some(default()),
            Self::Unknown(..) => None,
        }
    }

    /// The place that the answer is about.
    pub fn place(&self) -> &Place {
        match self {
            Self::Is(fact) => &fact.origin.place,
            Self::Absent(place) | Self::Unknown(place, _) => place,
        }
    }
}
