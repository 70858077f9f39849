//! Trying an edit before it is handed out.

use std::ops::Range;

use crate::yaml::write::{self, Insert, Place};
use crate::yaml::{Content, Document, NodeData, Refused, Scalar, parse};
use crate::{Edit, Span, edit};

/// An edit, and what it is to do.
pub(super) struct Change {
    pub(super) edits: Vec<Edit>,
    /// These nodes …
    pub(super) replaced: Range<usize>,
    /// … become these.
    pub(super) by: Vec<Shape>,
    /// Bytes whose comments and ERB tags go.
    pub(super) removed: Option<Span>,
}

impl Document {
    /// The edits of `change`, if they do what they are to do and nothing else.
    pub(super) fn verified(&self, change: Change) -> Result<Vec<Edit>, Refused> {
        if change
            .edits
            .iter()
            .any(|edit| self.crosses_region(edit.span))
        {
            return Err(Refused::Conditional);
        }
        let text = edit::apply(&self.text, &change.edits).map_err(|_| Refused::Unwritable)?;
        let after = parse(&text);
        let mut expected: Vec<Shape> = self.shapes();
        expected.splice(change.replaced, change.by);
        let stays = |span: &Span| {
            !change
                .removed
                .is_some_and(|removed| removed.encloses(*span))
        };
        let is_as_asked = after.errors.is_empty()
            && after.shapes() == expected
            && self.comment_texts(stays).eq(after.comment_texts(|_| true))
            && self.tag_texts(stays).eq(after.tag_texts(|_| true));
        if is_as_asked {
            Ok(change.edits)
        } else {
            Err(Refused::Unwritable)
        }
    }

    fn comment_texts(&self, stays: impl Fn(&Span) -> bool) -> impl Iterator<Item = &str> {
        let comments = self.comments.iter().filter(move |span| stays(span));
        comments.map(|span| span.of(&self.text).trim_end())
    }

    fn tag_texts(&self, stays: impl Fn(&Span) -> bool) -> impl Iterator<Item = &str> {
        let tags = self.template.tags.iter().map(|tag| tag.span);
        tags.filter(move |span| stays(span))
            .map(|span| span.of(&self.text))
    }

    /// The document without its layout.
    fn shapes(&self) -> Vec<Shape> {
        let shape = |node: &NodeData| {
            let shape = match &node.content {
                Content::Mapping(_) => Shape::new(node.depth, ShapeContent::Mapping),
                Content::Sequence(_) => Shape::new(node.depth, ShapeContent::Sequence),
                Content::Alias { name, .. } => {
                    Shape::new(node.depth, ShapeContent::Alias(name.clone()))
                }
                Content::Scalar(scalar) => Shape::scalar(scalar, node.depth),
            };
            Shape {
                is_dynamic: node.has_fragments,
                ..shape
            }
        };
        self.nodes.iter().map(shape).collect()
    }
}

/// What remains of a node without its layout. With their depths, the nodes of a document in their
/// order are the document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    depth: usize,
    is_dynamic: bool,
    content: ShapeContent,
}

#[derive(Clone, Debug, PartialEq)]
enum ShapeContent {
    Mapping,
    Sequence,
    Alias(String),
    Scalar(String),
}

pub(super) fn is_quote(written: &str) -> bool {
    written.starts_with(['"', '\''])
}

impl Shape {
    fn new(depth: usize, content: ShapeContent) -> Self {
        Self {
            depth,
            is_dynamic: false,
            content,
        }
    }

    /// Text and type of a scalar. What ERB puts into it stays as long as its tags do.
    pub(super) fn scalar(scalar: &Scalar, depth: usize) -> Self {
        let comparable = format!("{:?} {:?}", scalar.text(), scalar.value());
        Self::new(depth, ShapeContent::Scalar(comparable))
    }

    /// The scalar `text` as it is written at `place`.
    pub(super) fn written(text: &str, place: Place, depth: usize) -> Self {
        let is_quoted = is_quote(&write::scalar(text, place));
        Self::scalar(&Scalar::null().with_text(text, is_quoted), depth)
    }

    pub(super) fn all(value: &Insert, place: Place, depth: usize) -> Vec<Self> {
        match value {
            Insert::Scalar(text) => vec![Self::written(text, place, depth)],
            Insert::Sequence(items) => {
                let mut shapes = vec![Self::new(depth, ShapeContent::Sequence)];
                let items = items.iter();
                shapes.extend(items.map(|text| Self::written(text, place, depth + 1)));
                shapes
            }
            Insert::Mapping(entries) => {
                let mut shapes = vec![Self::new(depth, ShapeContent::Mapping)];
                for (key, value) in entries {
                    shapes.push(Self::written(key, Place::Narrow, depth + 1));
                    shapes.extend(Self::all(value, place, depth + 1));
                }
                shapes
            }
        }
    }
}
