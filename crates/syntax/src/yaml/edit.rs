//! Edits of a document that keep all else as it is.
//!
//! Every edit is tried on a copy: the result has to parse, to hold the value that was asked for
//! and otherwise the same values, comments and ERB tags. So what is not foreseen here is refused
//! rather than broken.

use std::fmt;

use crate::yaml::verify::{Change, Shape, is_quote};
use crate::yaml::write::{self, Insert, Layout, Place};
use crate::yaml::{Content, Document, Entry, Kind, Node, Scalar, Style};
use crate::{Edit, Span};

/// Why an edit is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The document has syntax errors.
    Unparsed,
    /// The place depends on an ERB control structure.
    Conditional,
    /// An ERB tag puts out what would be edited.
    Dynamic,
    /// The value is an alias of another one.
    Alias,
    /// The entry comes from another mapping.
    Merged,
    /// There is a value already.
    Exists,
    /// The value is no scalar.
    NotAScalar,
    /// A value on the path is no mapping.
    NotAMapping,
    /// The value is no sequence.
    NotASequence,
    /// The node or entry is of another document.
    Foreign,
    /// No way was found that keeps all else as it is.
    Unwritable,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unparsed => "the file has syntax errors",
            Self::Conditional => "the place depends on an ERB control structure",
            Self::Dynamic => "the value comes from an ERB tag",
            Self::Alias => "the value is an alias of another one",
            Self::Merged => "the entry is merged from another mapping",
            Self::Exists => "there is a value already",
            Self::NotAScalar => "the value is not a scalar",
            Self::NotAMapping => "a value on the path is not a mapping",
            Self::NotASequence => "the value is not a sequence",
            Self::Foreign => "the value is part of another document",
            Self::Unwritable => "the layout of the file does not allow it",
        })
    }
}

impl std::error::Error for Refused {}

impl Document {
    /// Puts `new` in the place of a scalar. Quotes stay as they are; without quotes it is written
    /// as in [`Insert::Scalar`].
    ///
    /// # Errors
    ///
    /// [`Refused`] if `node` is no scalar, depends on ERB, is an alias, or `new` cannot be written
    /// there.
    pub fn replace_scalar(&self, node: Node<'_>, new: &str) -> Result<Vec<Edit>, Refused> {
        self.check(node)?;
        let scalar = match node.kind() {
            Kind::Scalar(scalar) => scalar,
            Kind::Alias(_) => return Err(Refused::Alias),
            Kind::Mapping | Kind::Sequence => return Err(Refused::NotAScalar),
        };
        if scalar.text().is_none() || !self.template.tags_in(node.span()).is_empty() {
            return Err(Refused::Dynamic);
        }
        let is_quoted = matches!(scalar.style, Style::SingleQuoted | Style::DoubleQuoted);
        let text = if is_quoted {
            write::in_style(new, scalar.style)
        } else {
            write::scalar(new, self.place(node))
        };
        let expected = scalar.with_text(new, is_quote(&text));
        self.verified(Change {
            edits: vec![self.fill(node.span(), &text)],
            replaced: node.id..node.id + 1,
            by: vec![Shape::scalar(&expected, node.data().depth)],
            removed: None,
        })
    }

    /// Adds the value at the end of the mapping at `path[..path.len() - 1]`, with its last
    /// element as the key. Mappings that are missing on the way are added as well; a null on the
    /// way or at its end is taken for missing. An entry that is merged from elsewhere is
    /// overridden.
    ///
    /// # Errors
    ///
    /// [`Refused`] if there is a value already, something on the path is no mapping, an alias or
    /// merged, or depends on ERB, or the layout of the file is too odd.
    pub fn insert(&self, path: &[&str], value: &Insert) -> Result<Vec<Edit>, Refused> {
        if !self.errors.is_empty() {
            return Err(Refused::Unparsed);
        }
        match self.destination(path)? {
            Destination::Value(_) => Err(Refused::Exists),
            Destination::Nothing => self.insert_root(&nested(path, value)),
            Destination::Null(null, rest) => self.fill_null(null, &nested(rest, value)),
            Destination::Mapping(mapping, rest) => {
                let (key, rest) = rest.split_first().ok_or(Refused::Exists)?;
                self.add_entry(mapping, key, &nested(rest, value))
            }
        }
    }

    /// Adds an item at the end of the sequence at `path`; adds a sequence if there is none.
    ///
    /// # Errors
    ///
    /// [`Refused`] as for [`insert`](Self::insert), and if the value is no sequence.
    pub fn append_item(&self, path: &[&str], value: &str) -> Result<Vec<Edit>, Refused> {
        if !self.errors.is_empty() {
            return Err(Refused::Unparsed);
        }
        let node = match self.destination(path)? {
            Destination::Value(node) => node,
            // A new sequence would replace the merged one rather than add to it.
            Destination::Mapping(mapping, [key]) if mapping.get(key).is_some() => {
                return Err(Refused::Merged);
            }
            _ => return self.insert(path, &Insert::Sequence(vec![value.to_owned()])),
        };
        match node.kind() {
            Kind::Alias(_) => return Err(Refused::Alias),
            Kind::Sequence => self.check(node)?,
            Kind::Scalar(scalar) if scalar.text().is_none() => return Err(Refused::Dynamic),
            Kind::Scalar(_) | Kind::Mapping => return Err(Refused::NotASequence),
        }
        let items = node.items().into_iter();
        let children: Vec<_> = items.map(|item| (item, item.is_conditional())).collect();
        let child = Child {
            in_flow: write::scalar(value, Place::Narrow),
            lines: vec![write::item(value, node.data().column)],
            shapes: vec![Shape::written(value, place_in(node), node.data().depth + 1)],
        };
        self.add_child(node, &children, &child)
    }

    /// Removes an entry with its lines, and the comment at the end of its last line. Comments
    /// before it stay. A block mapping that becomes empty is null.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the entry is merged, depends on ERB control structures, holds an anchor that
    /// is needed elsewhere, or cannot be told from what is around it.
    pub fn remove(&self, entry: Entry<'_>) -> Result<Vec<Edit>, Refused> {
        if entry.merged {
            return Err(Refused::Merged);
        }
        self.check(entry.key)?;
        let parent = entry.key.data().parent.ok_or(Refused::Foreign)?;
        let siblings = entry.key.with(parent).own_entries();
        let index = siblings
            .iter()
            .position(|sibling| sibling.key == entry.key)
            .ok_or(Refused::Foreign)?;
        let parent_data = &self.nodes[parent];
        let removed = if parent_data.is_flow {
            flow_extent(&siblings, index)
        } else {
            self.block_extent(&siblings, index)
        };
        if self.takes_other_comments(removed, entry.span) {
            return Err(Refused::Unwritable);
        }
        let (replaced, by) = if siblings.len() > 1 || parent_data.is_flow {
            (entry.key.id..self.behind(entry.value.id), Vec::new())
        } else if parent == 0 {
            // A text without content has no root.
            (0..self.nodes.len(), Vec::new())
        } else {
            let null = Shape::scalar(&Scalar::null(), parent_data.depth);
            (parent..self.behind(parent), vec![null])
        };
        self.verified(Change {
            edits: vec![Edit::delete(removed)],
            replaced,
            by,
            removed: Some(removed),
        })
    }

    /// Whether `node` can be edited at all.
    fn check(&self, node: Node<'_>) -> Result<(), Refused> {
        if !std::ptr::eq(node.document, self) {
            Err(Refused::Foreign)
        } else if !self.errors.is_empty() {
            Err(Refused::Unparsed)
        } else if node.is_conditional() {
            Err(Refused::Conditional)
        } else {
            Ok(())
        }
    }
}

/// Where a path leads.
enum Destination<'d, 'p> {
    /// All of it to this value.
    Value(Node<'d>),
    /// To this mapping, which has no entry for the first of the rest.
    Mapping(Node<'d>, &'p [&'p str]),
    /// To this null, before the rest.
    Null(Node<'d>, &'p [&'p str]),
    /// The text has no content.
    Nothing,
}

/// Finding the place.
impl Document {
    fn destination<'p>(&self, path: &'p [&'p str]) -> Result<Destination<'_, 'p>, Refused> {
        let Some(mut node) = self.root() else {
            return Ok(Destination::Nothing);
        };
        let mut rest = path;
        loop {
            if node.is_conditional() {
                return Err(Refused::Conditional);
            }
            if node.is_null() && node.resolved() == node {
                return Ok(Destination::Null(node, rest));
            }
            let Some((key, behind)) = rest.split_first() else {
                return Ok(Destination::Value(node));
            };
            match node.kind() {
                Kind::Mapping => {}
                Kind::Alias(_) => return Err(Refused::Alias),
                Kind::Scalar(scalar) if scalar.text().is_none() => return Err(Refused::Dynamic),
                Kind::Scalar(_) | Kind::Sequence => return Err(Refused::NotAMapping),
            }
            // What is written there is merged, not found by its key.
            if *key == "<<" {
                return Err(Refused::Merged);
            }
            match node.get(key) {
                Some(entry) if entry.merged && !behind.is_empty() => return Err(Refused::Merged),
                Some(entry) if entry.conditional => return Err(Refused::Conditional),
                Some(entry) if !entry.merged => (node, rest) = (entry.value, behind),
                _ => return Ok(Destination::Mapping(node, rest)),
            }
        }
    }

    /// How a scalar may be written where `node` stands.
    fn place(&self, node: Node<'_>) -> Place {
        let Some(parent) = node.data().parent else {
            return Place::Block;
        };
        let is_key = match &self.nodes[parent].content {
            Content::Mapping(entries) => entries.iter().any(|&(key, _)| key == node.id),
            _ => false,
        };
        if is_key || self.nodes[parent].is_flow {
            Place::Narrow
        } else {
            Place::Block
        }
    }

    /// The first node behind `id` and all that it holds.
    fn behind(&self, id: usize) -> usize {
        let depth = self.nodes[id].depth;
        let inner = self.nodes[id + 1..]
            .iter()
            .take_while(|node| node.depth > depth);
        id + 1 + inner.count()
    }

    /// The end of the line on which the byte at `offset` stands, where its `\n` is if it has one.
    /// A newline inside of an ERB tag ends no line.
    fn line_end(&self, offset: usize) -> usize {
        let mut end = offset;
        loop {
            end = self.text[end..]
                .find('\n')
                .map_or(self.text.len(), |at| end + at);
            match self.template.tags_in(Span::new(end, end + 1)).first() {
                Some(tag) => end = tag.span.range().end,
                None => return end,
            }
        }
    }

    fn line_start(&self, offset: usize) -> usize {
        self.text[..offset].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Whether `span` shares a byte with an ERB control structure, or is a place inside of one.
    pub(super) fn crosses_region(&self, span: Span) -> bool {
        let crosses = |region: &Span| {
            if span.is_empty() {
                region.start < span.start && span.start < region.end
            } else {
                region.start < span.end && span.start < region.end
            }
        };
        self.template.regions.iter().any(crosses)
    }
}

/// How a new child of a collection is written.
struct Child {
    /// In `[]` or `{}`.
    in_flow: String,
    /// In a block.
    lines: Vec<String>,
    /// What it is.
    shapes: Vec<Shape>,
}

/// Where the children of `collection` are.
fn place_in(collection: Node<'_>) -> Place {
    if collection.data().is_flow {
        Place::Narrow
    } else {
        Place::Block
    }
}

/// Writing.
impl Document {
    /// Writes `text` in the place of a scalar; behind a `:` or `-` it needs a space.
    fn fill(&self, place: Span, text: &str) -> Edit {
        let before = self.text[..place.range().start].chars().next_back();
        let touches = place.is_empty() && before.is_some_and(|before| !before.is_whitespace());
        Edit::replace(place, format!("{}{text}", if touches { " " } else { "" }))
    }

    fn insert_root(&self, value: &Insert) -> Result<Vec<Edit>, Refused> {
        let Insert::Mapping(entries) = value else {
            return Err(Refused::NotAMapping);
        };
        let lines = self.layout().entries(entries, 0);
        let change = Change {
            edits: vec![self.lines_at(self.text.len(), &lines)],
            replaced: 0..0,
            by: Shape::all(value, Place::Block, 0),
            removed: None,
        };
        self.verified(change)
    }

    /// Puts a value in the place of a null.
    fn fill_null(&self, null: Node<'_>, value: &Insert) -> Result<Vec<Edit>, Refused> {
        self.check(null)?;
        let parent = null.data().parent.map(|parent| &self.nodes[parent]);
        let (place, on_line) = if parent.is_some_and(|parent| parent.is_flow) {
            (Place::Narrow, Some(write::flow(value)))
        } else {
            (Place::Block, write::inline(value))
        };
        let edits = if let Some(text) = on_line {
            vec![self.fill(null.span(), &text)]
        } else {
            let lines = match (parent, value) {
                (None, Insert::Mapping(entries)) => self.layout().entries(entries, 0),
                (None, _) => return Err(Refused::NotAMapping),
                (Some(parent), _) => self.layout().lines_under(value, parent.column),
            };
            let written = null.span().range();
            let mut edits = vec![self.lines_at(self.line_end(written.end), &lines)];
            if !written.is_empty() {
                let before = self.text[..written.start].trim_end_matches(' ').len();
                edits.insert(0, Edit::delete(Span::new(before, written.end)));
            }
            edits
        };
        let change = Change {
            edits,
            replaced: null.id..null.id + 1,
            by: Shape::all(value, place, null.data().depth),
            removed: None,
        };
        self.verified(change)
    }

    fn add_entry(
        &self,
        mapping: Node<'_>,
        key: &str,
        value: &Insert,
    ) -> Result<Vec<Edit>, Refused> {
        self.check(mapping)?;
        if mapping.is_dynamic() {
            return Err(Refused::Dynamic);
        }
        let data = mapping.data();
        let entries = mapping.own_entries();
        let mut lines = self.layout().entry(key, value, data.column);
        if mapping.id == 0 && lines.len() > 1 && self.separates_sections(&entries) {
            lines.insert(0, String::new());
        }
        let mut shapes = vec![Shape::written(key, Place::Narrow, data.depth + 1)];
        shapes.extend(Shape::all(value, place_in(mapping), data.depth + 1));
        let child = Child {
            in_flow: write::flow_entry(key, value),
            lines,
            shapes,
        };
        let entries = entries.into_iter();
        let children: Vec<_> = entries
            .map(|entry| (entry.value, entry.conditional))
            .collect();
        self.add_child(mapping, &children, &child)
    }

    /// Whether blank lines stand between the entries of the root.
    fn separates_sections(&self, entries: &[Entry<'_>]) -> bool {
        entries.windows(2).any(|pair| {
            let between = Span::new(pair[0].span.range().end, pair[1].span.range().start);
            let mut lines = between.of(&self.text).lines().skip(1);
            lines.any(|line| line.trim().is_empty())
        })
    }

    /// Adds a child at the end of a collection, whose `children` may be conditional: behind the
    /// last, behind the control structure around it, or else behind the last that is not
    /// conditional.
    fn add_child(
        &self,
        collection: Node<'_>,
        children: &[(Node<'_>, bool)],
        child: &Child,
    ) -> Result<Vec<Edit>, Refused> {
        let change = |edits, behind: Node<'_>| {
            let next = self.behind(behind.id);
            Change {
                edits,
                replaced: next..next,
                by: child.shapes.clone(),
                removed: None,
            }
        };
        let last = children.last().map(|&(last, _)| last);
        if collection.data().is_flow {
            let edits = self.flow_addition(collection, last, &child.in_flow);
            return self.verified(change(edits, collection));
        }
        let end = |node: Node<'_>| self.line_end(node.span().range().end);
        let around = last.and_then(|last| {
            let holds_end = |region: &&Span| region.contains(end(last));
            let region = self.template.regions.iter().find(holds_end)?;
            Some((self.line_end(region.range().end), last))
        });
        let unconditional = children.iter().rfind(|(_, conditional)| !conditional);
        let places = [
            last.map(|last| (end(last), last)),
            around,
            unconditional.map(|&(node, _)| (end(node), node)),
        ];
        let mut refused = Refused::Unwritable;
        for (offset, behind) in places.into_iter().flatten() {
            let edits = vec![self.lines_at(offset, &child.lines)];
            match self.verified(change(edits, behind)) {
                Err(Refused::Conditional) => refused = Refused::Conditional,
                Err(_) => {}
                edits => return edits,
            }
        }
        Err(refused)
    }

    /// Adds to `[]` or `{}`. If the last child has a line of its own, so has the new one.
    fn flow_addition(&self, collection: Node<'_>, last: Option<Node<'_>>, text: &str) -> Vec<Edit> {
        let close = collection.span().range().end.saturating_sub(1);
        let Some(last) = last.map(|last| last.span().range().end) else {
            let open = collection.span().range().start + 1;
            return vec![Edit::replace(Span::new(open, close.max(open)), text)];
        };
        let behind = &self.text[last..close.max(last)];
        let comma = behind
            .find(',')
            .filter(|&at| behind[..at].trim().is_empty())
            .map(|at| last + at + 1);
        let end = comma.unwrap_or(last);
        let (separator, final_comma) = if comma.is_some() {
            ("", ",")
        } else {
            (",", "")
        };
        let line_end = self.line_end(end);
        if line_end >= close {
            return vec![Edit::insert(end, format!("{separator} {text}"))];
        }
        let line = &self.text[self.line_start(last)..];
        let margin = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        vec![
            Edit::insert(end, separator),
            self.lines_at(line_end, &[format!("{margin}{text}{final_comma}")]),
        ]
    }

    /// Adds `lines` behind the line that ends at `end`.
    fn lines_at(&self, end: usize, lines: &[String]) -> Edit {
        let before = &self.text[..end];
        let uses_crlf = if self.text[end..].starts_with('\n') {
            before.ends_with('\r')
        } else {
            self.text.contains("\r\n")
        };
        let newline = if uses_crlf { "\r\n" } else { "\n" };
        let block = lines.join(newline);
        if end < self.text.len() {
            Edit::insert(end + 1, block + newline)
        } else if before.is_empty() || before.ends_with('\n') || before == "\u{feff}" {
            Edit::insert(end, block + newline)
        } else {
            Edit::insert(end, format!("{newline}{block}"))
        }
    }

    fn layout(&self) -> Layout {
        let mut nested = self.nodes.iter().filter_map(|node| {
            let parent = &self.nodes[node.parent?];
            let is_block = !node.is_flow && !parent.is_flow;
            let in_mapping = matches!(parent.content, Content::Mapping(_));
            let deeper = node.column.checked_sub(parent.column)?;
            (is_block && in_mapping).then_some((&node.content, deeper))
        });
        let is_mapping = |content: &Content| matches!(content, Content::Mapping(_));
        let is_sequence = |content: &Content| matches!(content, Content::Sequence(_));
        let step = nested
            .clone()
            .find(|&(content, deeper)| is_mapping(content) && deeper > 0);
        let sequence = nested.find(|&(content, _)| is_sequence(content));
        Layout {
            step: step.map_or(2, |(_, deeper)| deeper),
            indents_sequences: sequence.is_none_or(|(_, deeper)| deeper > 0),
        }
    }

    /// The bytes of an entry of a block mapping: its lines, or what is before the next entry if
    /// something else begins its first line.
    fn block_extent(&self, siblings: &[Entry<'_>], index: usize) -> Span {
        let span = siblings[index].span.range();
        let start = self.line_start(span.start);
        let end = self.line_end(span.end);
        let before = &self.text[start..span.start];
        if !before.trim_start_matches('\u{feff}').trim().is_empty() {
            let next = siblings.get(index + 1);
            return Span::new(span.start, next.map_or(end, |next| next.span.range().start));
        }
        let start = span.start - before.trim_start_matches('\u{feff}').len();
        if end < self.text.len() {
            Span::new(start, end + 1)
        } else {
            // The line before stays without its newline, as this one was.
            let before = &self.text[..start];
            let before = before.strip_suffix('\n').unwrap_or(before);
            Span::new(before.strip_suffix('\r').unwrap_or(before).len(), end)
        }
    }

    /// Whether `removed` holds a comment that stands neither in the entry at `entry` nor at the
    /// end of its last line.
    fn takes_other_comments(&self, removed: Span, entry: Span) -> bool {
        let own = Span::new(entry.range().start, self.line_end(entry.range().end));
        self.comments
            .iter()
            .any(|&comment| removed.encloses(comment) && !own.encloses(comment))
    }
}

/// The bytes of an entry of a flow mapping, with the comma behind or before it.
fn flow_extent(siblings: &[Entry<'_>], index: usize) -> Span {
    let mut extent = siblings[index].span;
    if let Some(next) = siblings.get(index + 1) {
        extent.end = next.span.start;
    } else if let Some(before) = index.checked_sub(1) {
        extent.start = siblings[before].span.end;
    }
    extent
}

/// `value` in one mapping for each of `keys`.
fn nested(keys: &[&str], value: &Insert) -> Insert {
    keys.iter().rev().fold(value.clone(), |value, key| {
        Insert::Mapping(vec![((*key).to_owned(), value)])
    })
}
