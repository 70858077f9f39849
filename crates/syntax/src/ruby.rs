//! A little Ruby: the calls of a file with their literal arguments, never evaluated.
//!
//! A configuration file of Rails, a Gemfile or a schema is a list of calls, some of them inside
//! blocks and conditions. [`parse`] turns [Prism](https://github.com/ruby/prism)'s tree into that
//! list: every [`Call`] in the order of the text, with its arguments as [`Expression`]s and the
//! [`Context`]s that it stands in.

mod edit;
mod expression;
mod reader;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::iter;
use std::sync::Arc;

use crate::{Span, Spanned, SyntaxError};

pub use expression::{Expression, ExpressionKind, InterpolatedPart};

/// Longer texts are not parsed; a schema of a thousand tables is below 1 MiB.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// How many variables [`Document::resolve`] follows.
const MAX_HOPS: usize = 16;

/// Parses a Ruby file.
///
/// Prism recovers from errors, so calls are found beside them. A text above 2 MiB is not parsed,
/// and what is nested deeper than 200 levels is not read; both are told as errors.
pub fn parse(text: &str) -> Document {
    if text.len() > MAX_BYTES {
        return Document {
            errors: vec![SyntaxError::new(
                Span::at(0),
                format!(
                    "the file has {} bytes, and more than {MAX_BYTES} are not parsed",
                    text.len()
                ),
            )],
            ..Document::default()
        };
    }
    reader::document(text)
}

/// Parses a Ruby expression that stands alone, such as the inside of `<%= %>`.
///
/// Spans are those of `code` moved by `offset`. `None` if it is not one whole expression.
pub fn expression(code: &str, offset: usize) -> Option<Expression> {
    if code.len() > MAX_BYTES {
        return None;
    }
    reader::expression(code, offset)
}

/// What `work` returns, run on a thread whose stack is deep enough for all that it parses; without
/// it each parse starts a thread. `None` if there is no memory for one.
pub fn with_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    reader::with_deep_stack(work)
}

/// What a Ruby file says, flat.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Every call, in the order of the text; a call comes before those in its arguments and block.
    ///
    /// The links of a receiver that is only names are no calls of their own: `Rails.root.join("x")`
    /// is one call, `join` on `Rails.root`.
    pub calls: Vec<Call>,
    /// Every `name = value` of a local variable or a constant, in the order of the text.
    pub assignments: Vec<Assignment>,
    /// Every comment with its `#`, without its line ending, in the order of the text.
    pub comments: Vec<Span>,
    /// The first hundred places that Prism could not make sense of, and a limit that was met.
    pub errors: Vec<SyntaxError>,
    /// Where the bodies of heredocs end: from the start of the opening to the end of the closing.
    heredocs: Vec<Span>,
    /// The only assignment of each name that is assigned once.
    assigned_once: BTreeMap<String, usize>,
}

/// A method call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The call with receiver, arguments and block.
    pub span: Span,
    /// The statement that the call is in, or is: what a line is inserted after, and what is
    /// removed. It holds a trailing `if`, and no body of a heredoc.
    pub statement: Span,
    /// What the call is sent to, joined by dots, when it is only names: `config`,
    /// `config.active_job`, `Rails.application`, `ENV`, `t`, `self`, `@app`.
    pub receiver: Option<String>,
    /// Where the receiver stands, also when it is not only names; `None` for a bare call.
    pub receiver_span: Option<Span>,
    /// The method. A write has its `=`: `queue_adapter=`, `[]=`; the span has not.
    pub name: Spanned<String>,
    /// How it is written if it is a write: `=`, `||=`, `&&=`, `+=`, …
    pub operator: Option<Spanned<String>>,
    /// Positional arguments, the keywords last as one hash; of a write the value is the last.
    ///
    /// `config.a, config.b = list` are writes without a value.
    pub arguments: Arc<[Expression]>,
    /// Its `do … end` or `{ … }`.
    pub block: Option<Block>,
    scope: Scope,
}

/// The block of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// From `do` or `{` to `end` or `}`.
    pub span: Span,
    /// From the first to the last statement.
    pub body: Option<Span>,
    /// `end` or `}`; empty if it is missing.
    pub closing: Span,
}

/// A local variable or constant that is given a value.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The whole of `name = value`.
    pub span: Span,
    /// What is assigned to.
    pub name: Spanned<String>,
    /// What is assigned.
    pub value: Expression,
    scope: Scope,
}

/// Something that a call stands in, and that decides when or whether it runs.
///
/// A `return` or `raise` further up decides that as well, and is no context.
///
/// Each `span` covers what stands inside, not the keyword or the condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Context {
    /// The block of a call, or a lambda (`->`).
    Block {
        /// The call with its receiver when that is only names, `Rails.application.configure`;
        /// behind any other receiver `.each`, for a lambda `->`.
        call: String,
        /// Its arguments.
        arguments: Arc<[Expression]>,
        /// From `do` or `{` to `end` or `}`.
        span: Span,
    },
    /// A branch of `if`, `unless`, `? :`, a modifier, or the right side of `&&` and `||`.
    ///
    /// An `elsif` or its `else` stands in every negated condition before it.
    If {
        /// The condition as written.
        condition: Arc<Expression>,
        /// Whether the branch is taken when the condition does not hold.
        negated: bool,
        /// The branch.
        span: Span,
    },
    /// A branch of `case`.
    Case {
        /// What is compared, if anything is.
        subject: Option<Arc<Expression>>,
        /// What the branch compares it with; empty for the `else`.
        values: Vec<Expression>,
        /// The branch.
        span: Span,
    },
    /// The body of a method.
    Definition {
        /// The method.
        name: String,
        /// The whole definition.
        span: Span,
    },
    /// The body of a class or module.
    Namespace {
        /// The constant as written; `<< self` for a singleton class.
        name: String,
        /// The whole definition.
        span: Span,
    },
    /// A `rescue` clause, or the right side of a `rescue` modifier.
    Rescue {
        /// The clause.
        span: Span,
    },
    /// The body of `while`, `until` or `for`. (`each` is a block.)
    Loop {
        /// The body.
        span: Span,
    },
}

impl Document {
    /// The writes of an attribute, `path` being receiver and name: `config.cache_store` finds
    /// `config.cache_store = x`, and `||=` and the like as well.
    pub fn settings<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Call> {
        self.calls
            .iter()
            .filter(move |call| call.operator.is_some() && call.is_at(path))
    }

    /// The calls of a method that are no writes: `gem` finds bare calls,
    /// `Rails.application.configure` those with that receiver.
    pub fn calls_named<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Call> {
        self.calls
            .iter()
            .filter(move |call| call.operator.is_none() && call.is_at(path))
    }

    /// The value of a variable or constant that is assigned once, above `expression` and not in a
    /// branch, block or method that `expression` is outside of; otherwise `expression` itself.
    ///
    /// Not resolved are parameters and what is changed in place (`list << x`).
    pub fn resolve<'a>(&'a self, expression: &'a Expression) -> &'a Expression {
        let values = iter::successors(Some(expression), |expression| self.value(expression));
        values.take(MAX_HOPS).last().unwrap_or(expression)
    }

    /// The first `#` comment whose text satisfies `matches`, which is given it without `#` and the
    /// space around it.
    pub fn comment_matching(&self, text: &str, matches: impl Fn(&str) -> bool) -> Option<Span> {
        self.comments.iter().copied().find(|comment| {
            let comment = comment.of(text);
            comment.starts_with('#') && matches(comment.trim_start_matches('#').trim())
        })
    }

    fn value(&self, expression: &Expression) -> Option<&Expression> {
        let (ExpressionKind::Variable(name) | ExpressionKind::Constant(name)) = &expression.kind
        else {
            return None;
        };
        let assignment = &self.assignments[*self.assigned_once.get(name)?];
        let reaches = assignment.span.end <= expression.span.start
            && assignment
                .scope
                .innermost_first()
                .all(|context| context.span().encloses(expression.span));
        reaches.then_some(&assignment.value)
    }

    /// Notes which names have one assignment, `rebound` being those that also get a value in
    /// another way.
    fn index_assignments(&mut self, rebound: &BTreeSet<String>) {
        let mut assigned: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, assignment) in self.assignments.iter().enumerate() {
            assigned
                .entry(&assignment.name.value)
                .or_default()
                .push(index);
        }
        self.assigned_once = assigned
            .into_iter()
            .filter(|(name, _)| !rebound.contains(*name))
            .filter_map(|(name, indices)| match indices[..] {
                [only] => Some((name.to_owned(), only)),
                _ => None,
            })
            .collect();
    }
}

impl Call {
    /// The contexts that the call stands in, outermost first.
    pub fn within(&self) -> Vec<&Context> {
        self.scope.outermost_first()
    }

    /// The value of a keyword argument: `keyword("require")` of `gem "x", require: false`.
    pub fn keyword(&self, name: &str) -> Option<&Expression> {
        self.arguments.last()?.get(name)
    }

    /// What a plain `receiver.name = value` assigns; `None` for `||=`, `+=` and other calls.
    pub fn value(&self) -> Option<&Expression> {
        self.operator
            .as_ref()
            .filter(|operator| operator.value == "=")
            .and_then(|_| self.arguments.last())
    }

    /// Receiver and method joined by a dot, a write without its `=`; `None` if the receiver is not
    /// only names.
    pub fn path(&self) -> Option<String> {
        match (&self.receiver, self.receiver_span) {
            (Some(receiver), _) => Some(format!("{receiver}.{}", self.method())),
            (None, None) => Some(self.method().to_owned()),
            (None, Some(_)) => None,
        }
    }

    fn is_at(&self, path: &str) -> bool {
        let Some(rest) = path.strip_suffix(self.method()) else {
            return false;
        };
        match (&self.receiver, self.receiver_span) {
            (Some(receiver), _) => rest.strip_suffix('.') == Some(receiver),
            (None, None) => rest.is_empty(),
            (None, Some(_)) => false,
        }
    }

    fn method(&self) -> &str {
        let name = &self.name.value;
        match self.operator {
            Some(_) => name.strip_suffix('=').unwrap_or(name),
            None => name,
        }
    }
}

impl Assignment {
    /// The contexts that the assignment stands in, outermost first.
    pub fn within(&self) -> Vec<&Context> {
        self.scope.outermost_first()
    }
}

impl Context {
    /// What stands inside.
    pub fn span(&self) -> Span {
        match self {
            Self::Block { span, .. }
            | Self::If { span, .. }
            | Self::Case { span, .. }
            | Self::Definition { span, .. }
            | Self::Namespace { span, .. }
            | Self::Rescue { span }
            | Self::Loop { span } => *span,
        }
    }
}

/// The contexts of a place, innermost first: a list whose tails are shared, so that a million
/// calls in one block do not copy what is around them.
#[derive(Clone, Default)]
struct Scope(Option<Arc<(Context, Scope)>>);

impl Scope {
    fn entering(&self, context: Context) -> Self {
        Self(Some(Arc::new((context, self.clone()))))
    }

    fn innermost_first(&self) -> impl Iterator<Item = &Context> {
        iter::successors(self.0.as_deref(), |(_, outer)| outer.0.as_deref())
            .map(|(context, _)| context)
    }

    fn outermost_first(&self) -> Vec<&Context> {
        let mut contexts: Vec<_> = self.innermost_first().collect();
        contexts.reverse();
        contexts
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.outermost_first()).finish()
    }
}
