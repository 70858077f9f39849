//! YAML as Ruby's Psych loads it, with ERB in it, and edits that keep all else as it is.
//!
//! ERB tags are painted over ([`erb::mask`]), the rest is parsed by `granit-parser`, and all spans
//! are those of the original text. What a tag puts out is unknown: a scalar that holds one has no
//! [`text`](Scalar::text), a collection into which one puts lines [is
//! dynamic](Node::is_dynamic), and what stands in an `if` or a loop [is
//! conditional](Node::is_conditional).
//!
//! The parser stops at the first error; what stands before it is kept. Psych's parser, libyaml,
//! speaks YAML 1.1, `granit-parser` speaks 1.2: they part ways in corners only, and scalars are
//! typed as Psych does.

mod build;
mod edit;
mod scalar;
mod verify;
mod write;

use std::collections::BTreeSet;

pub use edit::Refused;
pub use scalar::{Part, Scalar, Style, Value};
pub use write::Insert;

use crate::{Span, SyntaxError, erb};

/// Reads `text`.
pub fn parse(text: &str) -> Document {
    build::document(text)
}

/// The first YAML document of a text, as Psych's `load` reads it.
#[derive(Clone, Debug)]
pub struct Document {
    /// What is wrong with the YAML or its tags, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// The ERB tags of the text.
    pub template: erb::Template,
    text: String,
    comments: Vec<Span>,
    has_further_documents: bool,
    /// In the order of the text, a collection before its children.
    nodes: Vec<NodeData>,
}

#[derive(Clone, Debug)]
struct NodeData {
    content: Content,
    span: Span,
    /// Where the anchor or tag of the node begins, or the node itself if it has none.
    start: u32,
    parent: Option<usize>,
    /// Enclosing collections.
    depth: usize,
    /// Whether it is a flow collection (`[]`, `{}`).
    is_flow: bool,
    /// Bytes before the entries of a block collection on their lines.
    column: usize,
    /// Whether an ERB tag puts lines of YAML into it.
    has_fragments: bool,
}

#[derive(Clone, Debug)]
enum Content {
    Scalar(Scalar),
    /// Keys and their values.
    Mapping(Vec<(usize, usize)>),
    Sequence(Vec<usize>),
    Alias {
        name: String,
        /// An earlier node, or one that holds the alias.
        target: Option<usize>,
    },
}

impl Document {
    /// The outermost node; `None` in a text without content.
    pub fn root(&self) -> Option<Node<'_>> {
        (!self.nodes.is_empty()).then_some(Node {
            document: self,
            id: 0,
        })
    }

    /// The comments, from their `#` to the end of their lines, as far as the text could be read.
    /// ERB comments are not among them.
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// Whether the text goes on with a second document, which Psych's `load` ignores.
    pub fn has_further_documents(&self) -> bool {
        self.has_further_documents
    }
}

/// A value in a [`Document`].
#[derive(Clone, Copy)]
pub struct Node<'d> {
    document: &'d Document,
    id: usize,
}

/// What a [`Node`] is.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'d> {
    /// A scalar; null is one, even where nothing is written.
    Scalar(&'d Scalar),
    /// A mapping.
    Mapping,
    /// A sequence.
    Sequence,
    /// `*name`, standing for the node with the anchor `&name`.
    Alias(&'d str),
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'d> {
    /// The key.
    pub key: Node<'d>,
    /// The value.
    pub value: Node<'d>,
    /// From the first byte of the key to the last of the value.
    pub span: Span,
    /// Whether the key, a scalar that is its value, or a merge that brought the entry, depends on an ERB
    /// control structure.
    pub conditional: bool,
    /// Whether the entry comes from another mapping through `<<`.
    pub merged: bool,
}

impl<'d> Node<'d> {
    /// The value as written: with its quotes, without its anchor or tag; a collection from the
    /// first to the last byte of its content; a null that is not written is empty, where it could
    /// stand.
    pub fn span(self) -> Span {
        self.data().span
    }

    /// What the node is.
    pub fn kind(self) -> Kind<'d> {
        match &self.data().content {
            Content::Scalar(scalar) => Kind::Scalar(scalar),
            Content::Mapping(_) => Kind::Mapping,
            Content::Sequence(_) => Kind::Sequence,
            Content::Alias { name, .. } => Kind::Alias(name),
        }
    }

    /// The node for which an alias stands; any other node is itself. An alias without an anchor
    /// stays an alias.
    #[must_use]
    pub fn resolved(self) -> Self {
        match self.data().content {
            Content::Alias {
                target: Some(target),
                ..
            } => self.with(target),
            _ => self,
        }
    }

    /// The entry for `key`, as Psych sees it: the last of those that are written, where `<<`
    /// stands for the entries that it merges. (Unlike in the YAML specification, `<<` therefore
    /// overrides what is written before it.)
    ///
    /// A key is found by its text, whatever its type: `on` finds `on:` as well as `"on":`.
    pub fn get(self, key: &str) -> Option<Entry<'d>> {
        let Some((node, pairs)) = self.unmerged() else {
            return Effective::of(self).find(|entry| entry.key.text() == Some(key));
        };
        pairs
            .iter()
            .rev()
            .find(|(name, _)| node.with(*name).text() == Some(key))
            .map(|&(name, value)| Entry::own(node.with(name), node.with(value)))
    }

    /// The keys and values of a mapping that merges no other, as nearly all are: there is nothing to
    /// work out for each of its entries when one is looked for.
    fn unmerged(self) -> Option<(Self, &'d [(usize, usize)])> {
        let node = self.resolved();
        let Content::Mapping(pairs) = &node.data().content else {
            return None;
        };
        let merges = |(name, _): &(usize, usize)| node.with(*name).text() == Some("<<");
        (!pairs.iter().any(merges)).then_some((node, pairs.as_slice()))
    }

    /// The entries as Psych sees them, see [`get`](Self::get), in the order of the text, what is
    /// merged in the place of its `<<`. Empty if this is no mapping.
    pub fn entries(self) -> Vec<Entry<'d>> {
        let mut seen = BTreeSet::new();
        let mut entries: Vec<_> = Effective::of(self)
            .filter(|entry| entry.key.text().is_none_or(|key| seen.insert(key)))
            .collect();
        entries.reverse();
        entries
    }

    /// The entries as they are written: repeated keys and `<<` included, nothing merged. Empty if
    /// this is no mapping.
    pub fn own_entries(self) -> Vec<Entry<'d>> {
        let node = self.resolved();
        let Content::Mapping(entries) = &node.data().content else {
            return Vec::new();
        };
        entries
            .iter()
            .map(|&(key, value)| Entry::own(node.with(key), node.with(value)))
            .collect()
    }

    /// The items of a sequence. Empty if this is none.
    pub fn items(self) -> Vec<Node<'d>> {
        let node = self.resolved();
        match &node.data().content {
            Content::Sequence(items) => items.iter().map(|&item| node.with(item)).collect(),
            _ => Vec::new(),
        }
    }

    /// The scalar, also behind an alias.
    pub fn scalar(self) -> Option<&'d Scalar> {
        match &self.resolved().data().content {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether this is a mapping, or an alias of one.
    pub fn is_mapping(self) -> bool {
        matches!(self.resolved().kind(), Kind::Mapping)
    }

    /// Whether this is a sequence, or an alias of one.
    pub fn is_sequence(self) -> bool {
        matches!(self.resolved().kind(), Kind::Sequence)
    }

    /// Whether this is null: `null`, `~` or nothing, and no ERB tag that could put out more.
    pub fn is_null(self) -> bool {
        self.scalar().and_then(Scalar::value) == Some(Value::Null)
    }

    /// Whether the whole node stands in an ERB control structure, so that it may not be there, or
    /// may be there more than once.
    pub fn is_conditional(self) -> bool {
        self.document.template.is_conditional(self.span())
    }

    /// Whether ERB decides what this is: a scalar that holds a tag, or a collection in which a tag
    /// stands for entries: alone on its line, as a key, or merged by `<<`.
    pub fn is_dynamic(self) -> bool {
        let node = self.resolved();
        match &node.data().content {
            Content::Scalar(_) => node.holds_erb(),
            Content::Sequence(_) => node.data().has_fragments,
            Content::Mapping(_) => match node.unmerged() {
                Some((_, pairs)) => {
                    node.data().has_fragments
                        || pairs.iter().any(|(name, _)| node.with(*name).holds_erb())
                }
                None => Effective::of(node).any_dynamic(),
            },
            Content::Alias { .. } => false,
        }
    }

    fn holds_erb(self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.text().is_none())
    }

    fn text(self) -> Option<&'d str> {
        self.scalar().and_then(Scalar::text)
    }

    fn data(self) -> &'d NodeData {
        &self.document.nodes[self.id]
    }

    fn with(self, id: usize) -> Self {
        Self { id, ..self }
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.document, other.document) && self.id == other.id
    }
}

impl Eq for Node<'_> {}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}@{:?}", self.kind(), self.span())
    }
}

impl<'d> Entry<'d> {
    fn own(key: Node<'d>, value: Node<'d>) -> Self {
        let span = Span {
            start: key.data().start,
            end: key.span().end.max(value.span().end),
        };
        Self {
            key,
            value,
            span,
            conditional: key.is_conditional() || value.scalar().is_some() && value.is_conditional(),
            merged: false,
        }
    }

    /// The mappings that this entry merges, the one that wins first; `None` if it is an ordinary
    /// one. As in Psych (`Psych::Visitors::ToRuby#revive_hash`) the key may be quoted, and a list
    /// has to be written in place.
    fn merges(&self) -> Option<Vec<Node<'d>>> {
        if self.key.text() != Some("<<") {
            return None;
        }
        let sources = match self.value.kind() {
            Kind::Sequence => self.value.items(),
            _ => vec![self.value],
        };
        sources
            .iter()
            .all(|source| source.is_mapping())
            .then_some(sources)
    }
}

/// The entries of a mapping and of all that it merges, those that win first. Each mapping is
/// visited once: a second visit has nothing new, and there may be cycles and very many paths.
struct Effective<'d> {
    pending: Vec<Step<'d>>,
    visited: BTreeSet<usize>,
    /// Whether a mapping that was visited has entries from ERB.
    has_fragments: bool,
}

enum Step<'d> {
    Entry(Entry<'d>),
    Mapping {
        node: Node<'d>,
        conditional: bool,
        merged: bool,
    },
}

impl<'d> Effective<'d> {
    fn of(node: Node<'d>) -> Self {
        Self {
            pending: vec![Step::Mapping {
                node,
                conditional: false,
                merged: false,
            }],
            visited: BTreeSet::new(),
            has_fragments: false,
        }
    }

    fn any_dynamic(mut self) -> bool {
        self.any(|entry| {
            let is_merge = entry.key.text() == Some("<<");
            let mut sources = std::iter::once(entry.value).chain(entry.value.items());
            entry.key.holds_erb() || is_merge && sources.any(Node::holds_erb)
        }) || self.has_fragments
    }
}

impl<'d> Iterator for Effective<'d> {
    type Item = Entry<'d>;

    fn next(&mut self) -> Option<Entry<'d>> {
        loop {
            match self.pending.pop()? {
                Step::Entry(entry) => {
                    let Some(sources) = entry.merges() else {
                        return Some(entry);
                    };
                    let steps = sources.into_iter().rev().map(|node| Step::Mapping {
                        node,
                        conditional: entry.conditional,
                        merged: true,
                    });
                    self.pending.extend(steps);
                }
                Step::Mapping {
                    node,
                    conditional,
                    merged,
                } => {
                    let node = node.resolved();
                    if !self.visited.insert(node.id) {
                        continue;
                    }
                    self.has_fragments |= node.data().has_fragments;
                    let steps = node.own_entries().into_iter().map(|entry| {
                        Step::Entry(Entry {
                            conditional: entry.conditional || conditional,
                            merged,
                            ..entry
                        })
                    });
                    self.pending.extend(steps);
                }
            }
        }
    }
}
