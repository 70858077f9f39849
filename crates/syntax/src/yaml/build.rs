//! From the parser's events to a document.

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag, options};

use crate::yaml::scalar::{Part, Scalar, Style};
use crate::yaml::{Content, Document, NodeData};
use crate::{Span, SyntaxError, erb};

/// Reads the first document of `text`, and all its comments.
pub(super) fn document(text: &str) -> Document {
    let template = erb::scan(text);
    let mask = erb::mask(text, &template);
    let mut builder = Builder {
        text,
        masked: &mask.text,
        template: &template,
        nodes: Vec::new(),
        open: Vec::new(),
        anchors: BTreeMap::new(),
        comments: Vec::new(),
        errors: template.errors.clone(),
        documents: 0,
        read: 0,
    };
    builder.read();
    builder.place_fragments(&mask.fragments);
    builder.comments.sort();
    builder.errors.sort_by_key(|error| error.span);
    Document {
        errors: builder.errors,
        comments: builder.comments,
        has_further_documents: builder.documents > 1,
        nodes: builder.nodes,
        text: text.to_owned(),
        template,
    }
}

/// A collection whose end was not yet read.
struct Open {
    id: usize,
    /// The key of a mapping that waits for its value.
    key: Option<usize>,
}

struct Builder<'t> {
    text: &'t str,
    masked: &'t str,
    template: &'t erb::Template,
    nodes: Vec<NodeData>,
    open: Vec<Open>,
    /// The nodes with an anchor, by the parser's number for it.
    anchors: BTreeMap<usize, usize>,
    comments: Vec<Span>,
    errors: Vec<SyntaxError>,
    documents: usize,
    /// Where the last piece of content that was read ends.
    read: usize,
}

impl<'t> Builder<'t> {
    fn read(&mut self) {
        let options = options! {
            block_scalar_eof_without_line_feed: true,
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            // The text bounds them; a long commented-out section is no attack.
            max_buffered_comment_events: usize::MAX,
        };
        for event in Parser::new_from_str_with_options(self.masked, options) {
            match event {
                Ok((event, span)) => self.event(event, &span),
                Err(error) => {
                    if self.documents <= 1 {
                        let offset = error.marker().byte_offset().unwrap_or(self.text.len());
                        self.errors.push(SyntaxError::new(
                            character_at(self.text, offset),
                            error.kind().to_string(),
                        ));
                    }
                    break;
                }
            }
        }
        while !self.open.is_empty() {
            self.close(None);
        }
    }

    fn event(&mut self, event: Event<'t>, span: &granit_parser::Span) {
        let range = Span::from(span.byte_range().unwrap_or_default());
        match event {
            Event::Comment(..) => self.comment(range),
            Event::DocumentStart(..) => {
                self.documents += 1;
                self.read = range.range().end;
            }
            _ if self.documents > 1 => {}
            Event::Scalar(text, style, anchor, tag) => {
                let is_bare = anchor == 0 && tag.is_none();
                let (scalar, mut place) = self.scalar(text, style, tag.as_deref(), span);
                if is_bare && place.is_empty() {
                    place = Span::at(self.null_place(place.range().start));
                }
                self.add(scalar, place, anchor, span);
            }
            Event::SequenceStart(style, anchor, _) => {
                self.open(Content::Sequence(Vec::new()), style, anchor, span);
            }
            Event::MappingStart(style, anchor, _) => {
                self.open(Content::Mapping(Vec::new()), style, anchor, span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(Some(range)),
            Event::Alias(anchor) => self.alias(range, self.anchors.get(&anchor).copied(), span),
            Event::UnresolvedAlias(_) => {
                self.alias(range, None, span);
                let message = format!(
                    "the alias `{}` has no anchor before it",
                    range.of(self.text)
                );
                self.errors.push(SyntaxError::new(range, message));
            }
            Event::Anchor(_, _) => {
                if let Some(node) = self.nodes.last_mut() {
                    node.start = node.start.min(range.start);
                }
                self.read = self.read.max(range.range().end);
            }
            _ => {}
        }
    }

    /// What begins with `#` in the mask only is an ERB tag.
    fn comment(&mut self, span: Span) {
        if self.text.as_bytes().get(span.range().start) == Some(&b'#') {
            self.comments.push(self.over_tags(span));
        }
    }

    fn alias(&mut self, range: Span, target: Option<usize>, span: &granit_parser::Span) {
        let range = self.over_tags(range);
        let written = range.of(self.text);
        let name = written.strip_prefix('*').unwrap_or(written).to_owned();
        self.add(Content::Alias { name, target }, range, 0, span);
    }

    /// A scalar and its place.
    fn scalar(
        &self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: &granit_parser::Span,
    ) -> (Content, Span) {
        let content = Span::from(span.byte_range().unwrap_or_default());
        let (style, place) = match style {
            ScalarStyle::Plain => (Style::Plain, content),
            ScalarStyle::SingleQuoted => (Style::SingleQuoted, content),
            ScalarStyle::DoubleQuoted => (Style::DoubleQuoted, content),
            ScalarStyle::Literal => (Style::Literal, self.block(content)),
            ScalarStyle::Folded => (Style::Folded, self.block(content)),
        };
        let place = self.over_tags(place);
        let tags = self.template.tags_in(place);
        let parts = if content.is_empty() {
            // The parser reports `~` for what is not written.
            Vec::new()
        } else if tags.is_empty() {
            parts([Piece::Text(text)])
        } else {
            self.parts(
                content.to(self.over_tags(content)),
                style,
                tags,
                span.indent,
            )
        };
        let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
        (Content::Scalar(Scalar::new(style, parts, tag)), place)
    }

    /// The place of a block scalar from its `|` or `>`, where the parser knows that of its content.
    fn block(&self, content: Span) -> Span {
        let start = content.range().start;
        let start = self.indicator(&['|', '>'], start).unwrap_or(start);
        let header = self.masked[start..content.range().start]
            .split(|c: char| c.is_ascii_whitespace())
            .next()
            .unwrap_or_default();
        let lines = content.of(self.masked);
        let end = if header.contains('+') {
            let last = lines.strip_suffix('\n').unwrap_or(lines);
            last.strip_suffix('\r').unwrap_or(last)
        } else {
            lines.trim_end()
        };
        let end = content.range().start + end.len();
        Span::new(start, end.max(start + header.len()))
    }

    /// The first of `indicators` between what was read and `end`, where comments, an anchor and a
    /// tag may stand as well.
    fn indicator(&self, indicators: &[char], end: usize) -> Option<usize> {
        let between = self.masked.get(self.read..end)?;
        let mut rest = between.char_indices();
        while let Some((offset, character)) = rest.next() {
            match character {
                '#' => while rest.next().is_some_and(|(_, c)| c != '\n') {},
                '&' | '!' => while rest.next().is_some_and(|(_, c)| !c.is_whitespace()) {},
                _ if indicators.contains(&character) => return Some(self.read + offset),
                _ => {}
            }
        }
        None
    }

    /// Texts and tags of the scalar with ERB `tags` in it.
    fn parts(
        &self,
        content: Span,
        style: Style,
        tags: &[erb::Tag],
        indent: Option<usize>,
    ) -> Vec<Part> {
        let inner = match style {
            Style::SingleQuoted | Style::DoubleQuoted => {
                Span::new(content.range().start + 1, content.range().end - 1)
            }
            _ => content,
        };
        let mut pieces = Vec::new();
        let mut start = inner.range().start;
        for tag in tags {
            let text = Span::new(start, tag.span.range().start).of(self.text);
            pieces.push(Piece::Text(decoded(text, style, indent)));
            // What does nothing leaves no trace in the text.
            if tag.kind != erb::Kind::Comment {
                pieces.push(Piece::Erb(*tag));
            }
            start = start.max(tag.span.range().end);
        }
        let text = Span::new(start, inner.range().end).of(self.text);
        pieces.push(Piece::Text(decoded(text, style, indent)));
        parts(pieces)
    }

    fn open(
        &mut self,
        content: Content,
        style: StructureStyle,
        anchor: usize,
        span: &granit_parser::Span,
    ) {
        let range = Span::from(span.byte_range().unwrap_or_default());
        let is_flow = style == StructureStyle::Flow;
        let dash = match content {
            Content::Sequence(_) if !is_flow => self.unindented_dash(range.range().start),
            _ => None,
        };
        let start = dash.unwrap_or(range.range().start);
        let place = Span::new(start, range.range().end);
        let id = self.add(content, place, anchor, span);
        if is_flow {
            self.nodes[id].is_flow = true;
        } else {
            self.nodes[id].column = self.column(start);
        }
        self.open.push(Open { id, key: None });
    }

    /// The first dash of a sequence that is no deeper than the key that it belongs to: the parser
    /// tells only where its first item begins, at `item`.
    fn unindented_dash(&self, item: usize) -> Option<usize> {
        let parent = self.open.last().filter(|open| open.key.is_some())?;
        let parent = &self.nodes[parent.id];
        if parent.is_flow {
            return None;
        }
        let dash = self.indicator(&['-'], item)?;
        (self.column(dash) == parent.column).then_some(dash)
    }

    /// Bytes from the start of the line, without a byte order mark, to `offset`.
    fn column(&self, offset: usize) -> usize {
        let before = &self.masked[..offset];
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        line.strip_prefix('\u{feff}').unwrap_or(line).len()
    }

    fn add(
        &mut self,
        content: Content,
        place: Span,
        anchor: usize,
        span: &granit_parser::Span,
    ) -> usize {
        let id = self.nodes.len();
        let tag = span.tag_start().and_then(|tag| tag.byte_offset());
        self.nodes.push(NodeData {
            content,
            span: place,
            start: tag.map_or(place.start, |tag| Span::at(tag).start.min(place.start)),
            parent: self.open.last().map(|open| open.id),
            depth: self.open.len(),
            is_flow: false,
            column: 0,
            has_fragments: false,
        });
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        self.read = self.read.max(place.range().end);
        if let Some(parent) = self.open.last_mut() {
            match &mut self.nodes[parent.id].content {
                Content::Mapping(entries) => match parent.key.take() {
                    Some(key) => entries.push((key, id)),
                    None => parent.key = Some(id),
                },
                Content::Sequence(items) => items.push(id),
                Content::Scalar(_) | Content::Alias { .. } => {}
            }
        }
        id
    }

    /// Ends the innermost collection, at `end` if it was read to its end.
    fn close(&mut self, end: Option<Span>) {
        if let Some(key) = self.open.last().and_then(|open| open.key) {
            let place = Span::at(self.after_colon(self.nodes[key].span.range().end));
            let null = Content::Scalar(Scalar::null());
            self.add(null, place, 0, &granit_parser::Span::default());
        }
        let Some(open) = self.open.pop() else { return };
        let last_child = match &self.nodes[open.id].content {
            Content::Mapping(entries) => entries.last().map(|&(_, value)| value),
            Content::Sequence(items) => items.last().copied(),
            Content::Scalar(_) | Content::Alias { .. } => None,
        };
        let node = &self.nodes[open.id];
        let mut span = node.span;
        if let Some(last) = last_child {
            span.start = span.start.min(self.nodes[open.id + 1].start);
            span = span.to(self.nodes[last].span);
        }
        if node.is_flow
            && let Some(end) = end
        {
            span = span.to(end);
        }
        self.read = self.read.max(span.range().end);
        let node = &mut self.nodes[open.id];
        node.start = node.start.min(span.start);
        node.span = span;
    }

    /// Where a null that is not written could stand: behind its `:` or `-`. The parser tells
    /// another place, `reported`, which may be before the colon or behind a comment.
    fn null_place(&self, reported: usize) -> usize {
        let Some(open) = self.open.last() else {
            return self.read;
        };
        match (open.key, &self.nodes[open.id].content) {
            (Some(key), _) => self.after_colon(self.nodes[key].span.range().end),
            (None, Content::Sequence(_)) => self
                .indicator(&['-'], reported)
                .map_or(reported, |dash| dash + 1),
            _ => reported,
        }
    }

    /// Behind the `:` that follows a key, if it does.
    fn after_colon(&self, key: usize) -> usize {
        let rest = &self.masked[key..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if rest[blanks..].starts_with(':') {
            key + blanks + 1
        } else {
            key
        }
    }

    /// `span` and the tags that reach over its end: a tag of several lines ends in the mask with
    /// its first.
    fn over_tags(&self, mut span: Span) -> Span {
        if let Some(last) = self.template.tags_in(span).last() {
            span.end = span.end.max(last.span.end);
        }
        span
    }
}

/// Fragments: lines of ERB that put out YAML of any shape.
impl Builder<'_> {
    fn place_fragments(&mut self, fragments: &[Span]) {
        for &fragment in fragments {
            let next = self
                .nodes
                .partition_point(|node| node.span.start <= fragment.start);
            let previous = next.checked_sub(1);
            let is_content = previous.is_some_and(|previous| {
                let node = &self.nodes[previous];
                matches!(node.content, Content::Scalar(_))
                    && !node.has_fragments
                    && node.span.encloses(fragment)
            });
            if !is_content {
                self.place_fragment(fragment, previous, next);
            }
        }
    }

    /// Marks what the lines of `fragment` may belong to: the null before it, of which they may be
    /// the value, and the collections to which its column fits. Rather one too many, as a tag
    /// may put out its own indentation.
    fn place_fragment(&mut self, fragment: Span, previous: Option<usize>, next: usize) {
        let column = self.column(fragment.range().start);
        let Some(previous) = previous else {
            self.mark_following(fragment, column, next);
            return;
        };
        if self.fill_null(fragment, previous) {
            let parent = self.nodes[previous].parent;
            if parent.is_none_or(|parent| self.nodes[parent].column < column) {
                return;
            }
        }
        self.mark_following(fragment, column, next);
        let fits = |node: &NodeData| {
            if node.is_flow {
                node.span.encloses(fragment)
            } else {
                is_collection(node) && node.column <= column
            }
        };
        let owner = self.ancestors(previous).find(|&id| fits(&self.nodes[id]));
        self.nodes[owner.unwrap_or(0)].has_fragments = true;
    }

    /// Makes a null that is not written the place of `fragment`.
    fn fill_null(&mut self, fragment: Span, id: usize) -> bool {
        let node = &mut self.nodes[id];
        let Content::Scalar(scalar) = &mut node.content else {
            return false;
        };
        if !node.has_fragments && !node.span.is_empty() {
            return false;
        }
        let tags = self.template.tags_in(fragment);
        scalar.parts.extend(tags.iter().map(|&tag| Part::of(tag)));
        node.span = if node.has_fragments {
            node.span.to(fragment)
        } else {
            fragment
        };
        node.has_fragments = true;
        let ancestors: Vec<usize> = self.ancestors(id).skip(1).collect();
        for ancestor in ancestors {
            let span = &mut self.nodes[ancestor].span;
            span.end = span.end.max(fragment.end);
        }
        true
    }

    /// Marks the collection that begins behind `fragment`, in its column; the fragment is the
    /// root if there is nothing else.
    fn mark_following(&mut self, fragment: Span, column: usize, next: usize) {
        if self.nodes.is_empty() {
            let null = Content::Scalar(Scalar::null());
            self.add(null, Span::at(0), 0, &granit_parser::Span::default());
            self.fill_null(fragment, 0);
            return;
        }
        let follows = |&id: &usize| self.nodes[id].span.start > fragment.start;
        let fits = |&id: &usize| {
            let node = &self.nodes[id];
            is_collection(node) && !node.is_flow && node.column == column
        };
        let first = (next < self.nodes.len()).then(|| self.ancestors(next));
        let owner = first.and_then(|ancestors| ancestors.take_while(follows).find(fits));
        if let Some(owner) = owner {
            self.nodes[owner].has_fragments = true;
        }
    }

    /// A node, what holds it, and so on to the root.
    fn ancestors(&self, id: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(id), |&id| self.nodes[id].parent)
    }
}

fn is_collection(node: &NodeData) -> bool {
    matches!(node.content, Content::Mapping(_) | Content::Sequence(_))
}

enum Piece<'t> {
    Text(Cow<'t, str>),
    Erb(erb::Tag),
}

/// The parts that `pieces` make: texts that meet are one, and `<%%` is what ERB makes of it.
fn parts<'t>(pieces: impl IntoIterator<Item = Piece<'t>>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for piece in pieces {
        match (piece, parts.last_mut()) {
            (Piece::Text(text), _) if text.is_empty() => {}
            (Piece::Text(text), Some(Part::Text(before))) => before.push_str(&text),
            (Piece::Text(text), _) => parts.push(Part::Text(text.into_owned())),
            (Piece::Erb(tag), _) => parts.push(Part::of(tag)),
        }
    }
    for part in &mut parts {
        if let Part::Text(text) = part
            && text.contains("<%%")
        {
            *text = text.replace("<%%", "<%");
        }
    }
    parts
}

/// What `raw`, a piece of a scalar between ERB tags, says.
fn decoded(raw: &str, style: Style, indent: Option<usize>) -> Cow<'_, str> {
    let quoted = match style {
        Style::Literal | Style::Folded => {
            let indent = " ".repeat(indent.unwrap_or_default());
            return Cow::Owned(
                raw.replace("\r\n", "\n")
                    .replace(&format!("\n{indent}"), "\n"),
            );
        }
        _ if !raw.contains(['\n', '\r', '\\', '\'']) => return Cow::Borrowed(raw),
        Style::DoubleQuoted => format!("\"{raw}\""),
        Style::SingleQuoted => format!("'{raw}'"),
        Style::Plain => format!("'{}'", raw.replace('\'', "''")),
    };
    let scalar = Parser::new_from_str(&quoted).find_map(|event| match event {
        Ok((Event::Scalar(text, ..), _)) => Some(text.into_owned()),
        _ => None,
    });
    scalar.map_or(Cow::Borrowed(raw), Cow::Owned)
}

/// The character at `offset`; nothing at the end of the text or of a line.
fn character_at(text: &str, offset: usize) -> Span {
    let start = text.floor_char_boundary(offset.min(text.len()));
    let length = text[start..]
        .chars()
        .next()
        .filter(|character| !character.is_control())
        .map_or(0, char::len_utf8);
    Span::new(start, start + length)
}
