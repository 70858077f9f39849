//! Ruby values as they are written.

use std::sync::Arc;

use crate::Span;

/// A Ruby expression and where it stands.
///
/// What is nested is shared, so a clone is cheap.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The whole expression. A heredoc's span is that of its opening (`<<~SQL`), not of its body.
    pub span: Span,
    /// What it is.
    pub kind: ExpressionKind,
}

/// What a Ruby expression is, as far as it can be read without running it.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// A string without interpolation, of any spelling: quotes, `%q()`, heredoc, adjacent literals.
    String(String),
    /// `:name`, `:"name"`, the key of `name: value`, or an element of `%i[]`.
    Symbol(String),
    /// An integer that fits 64 bits.
    Integer(i64),
    /// A float.
    Float(f64),
    /// `true`
    True,
    /// `false`
    False,
    /// `nil`
    Nil,
    /// `[a, b]`, `%w[a b]`; a `*rest` in it is [`ExpressionKind::Other`].
    Array(Vec<Expression>),
    /// `{ a: 1 }`, or the keywords at the end of a call; of a `**rest` the key is
    /// [`ExpressionKind::Other`] and the value is `rest`.
    Hash(Vec<(Expression, Expression)>),
    /// `first..last`, `first...last`; either end may be missing.
    Range {
        /// Where it begins.
        first: Option<Arc<Expression>>,
        /// Where it ends.
        last: Option<Arc<Expression>>,
        /// Whether `last` is not part of it (`...`).
        exclusive: bool,
    },
    /// A string with `#{}`.
    Interpolated(Vec<InterpolatedPart>),
    /// `ENV["NAME"]`, `ENV.fetch("NAME")`, `ENV.fetch("NAME", default)` or
    /// `ENV.fetch("NAME") { default }`.
    Env {
        /// The variable.
        name: String,
        /// What `fetch` gives when the variable is not set.
        default: Option<Arc<Expression>>,
        /// Whether it raises when the variable is not set: `fetch` without a default.
        required: bool,
    },
    /// `a || b`, `a or b`
    Or(Arc<Expression>, Arc<Expression>),
    /// `a && b`, `a and b`
    And(Arc<Expression>, Arc<Expression>),
    /// `!a`, `not a`
    Not(Arc<Expression>),
    /// A constant as written without spaces: `Rails`, `Foo::Bar`, `::ENV`.
    Constant(String),
    /// A local variable; see [`Document::resolve`](super::Document::resolve).
    Variable(String),
    /// Any other method call: `1.year`, `Rails.root.join("x")`, `a == b`, `list[0]`.
    Call {
        /// What it is sent to.
        receiver: Option<Arc<Expression>>,
        /// The method.
        name: String,
        /// Positional arguments, the keywords last as one hash.
        arguments: Arc<[Expression]>,
    },
    /// A regular expression without interpolation, as it is written between its delimiters.
    Regex(String),
    /// Anything else: a lambda, an assignment, `if` as a value, …
    Other,
}

/// A piece of a string with interpolation.
#[derive(Clone, Debug, PartialEq)]
pub enum InterpolatedPart {
    /// What stands there literally, escapes resolved.
    Text(String),
    /// What stands between `#{` and `}`.
    Code(Expression),
}

impl Expression {
    /// The value of a string without interpolation.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::String(value) => Some(value),
            _ => None,
        }
    }

    /// The name of a symbol.
    pub fn as_symbol(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::Symbol(name) => Some(name),
            _ => None,
        }
    }

    /// The text of a string or a symbol, which most Rails settings take for one another.
    pub fn as_name(&self) -> Option<&str> {
        self.as_str().or_else(|| self.as_symbol())
    }

    /// The value of an integer.
    pub fn as_integer(&self) -> Option<i64> {
        match self.kind {
            ExpressionKind::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// The value of `true` or `false`.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            ExpressionKind::True => Some(true),
            ExpressionKind::False => Some(false),
            _ => None,
        }
    }

    /// All strings without interpolation that stand in it: elements, arguments, receivers.
    pub fn strings(&self) -> Vec<&str> {
        match &self.kind {
            ExpressionKind::String(value) => vec![value],
            ExpressionKind::Array(elements) => elements.iter().flat_map(Self::strings).collect(),
            ExpressionKind::Call {
                receiver,
                arguments,
                ..
            } => receiver
                .as_deref()
                .into_iter()
                .chain(arguments.iter())
                .flat_map(Self::strings)
                .collect(),
            ExpressionKind::Or(one, other) | ExpressionKind::And(one, other) => {
                [one.strings(), other.strings()].concat()
            }
            _ => Vec::new(),
        }
    }

    /// The elements of an array.
    pub fn elements(&self) -> Option<&[Expression]> {
        match &self.kind {
            ExpressionKind::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The value of `key` in a hash, whether the key is written as a symbol or as a string; the
    /// last one where a key is repeated, as in Ruby.
    pub fn get(&self, key: &str) -> Option<&Expression> {
        let ExpressionKind::Hash(pairs) = &self.kind else {
            return None;
        };
        pairs
            .iter()
            .rev()
            .find(|(written, _)| written.as_name() == Some(key))
            .map(|(_, value)| value)
    }
}
