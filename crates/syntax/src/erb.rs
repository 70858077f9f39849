//! ERB: where the tags of a template stand, and what of the text depends on their control flow.
//!
//! The tags are read as Ruby's `erb` does with trim mode `-` (`lib/erb/compiler.rb`,
//! `ExplicitScanner`), which is how Kamal renders `deploy.yml`; without a trim mode, as Rails
//! renders `database.yml`, only the newlines around `<%-` and `-%>` differ. Ruby code is never run.

mod control;

use crate::{Span, SyntaxError};

/// What an ERB tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `<%= code %>` puts out the value of its code.
    Output,
    /// `<% code %>` runs its code.
    Statement,
    /// `<%# text %>` does nothing.
    Comment,
}

/// One tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The tag with its delimiters.
    pub span: Span,
    /// What it does.
    pub kind: Kind,
    /// What stands between the delimiters, blanks included. A `%%>` in it means `%>`.
    pub code: Span,
}

/// The tags of a text, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// All tags.
    pub tags: Vec<Tag>,
    /// What stands between a tag that opens a Ruby block (`if`, `each do` …) and the tag that
    /// closes it, both included: whether and how often it appears is up to the code. Outermost
    /// blocks only, so these neither touch nor overlap.
    ///
    /// Openers are found by keyword, so an odd piece of Ruby may be misjudged; a block that is
    /// never closed reaches to the end of the text, and an `end` without an opener back to the
    /// first statement.
    pub regions: Vec<Span>,
    /// Tags that are not closed. Such a tag is taken to end with its line.
    pub errors: Vec<SyntaxError>,
}

impl Template {
    /// The tags that share a byte with `span`.
    pub fn tags_in(&self, span: Span) -> &[Tag] {
        let first = self.tags.partition_point(|tag| tag.span.end <= span.start);
        let behind = self.tags.partition_point(|tag| tag.span.start < span.end);
        self.tags.get(first..behind).unwrap_or_default()
    }

    /// Whether `span` lies within one of the [`regions`](Self::regions).
    pub fn is_conditional(&self, span: Span) -> bool {
        let after = self
            .regions
            .partition_point(|region| region.start <= span.start);
        after > 0 && self.regions[after - 1].encloses(span)
    }
}

/// Finds the tags of `text`.
pub fn scan(text: &str) -> Template {
    let mut template = Template::default();
    let mut offset = 0;
    let mut may_close = true;
    while let Some(found) = text[offset..].find("<%") {
        let start = offset + found;
        let after = start + "<%".len();
        if text[after..].starts_with('%') {
            offset = after + 1;
            continue;
        }
        let (kind, code) = opening(text, after);
        let close = if may_close { closing(text, code) } else { None };
        let tag = if let Some((code_end, end)) = close {
            Tag {
                span: Span::new(start, end),
                kind,
                code: Span::new(code, code_end),
            }
        } else {
            may_close = false;
            let end = code + line_length(&text[code..]);
            template.errors.push(SyntaxError::new(
                Span::new(start, code),
                "this ERB tag is not closed by `%>`",
            ));
            Tag {
                span: Span::new(start, end),
                kind,
                code: Span::new(code, end),
            }
        };
        offset = tag.span.range().end;
        template.tags.push(tag);
    }
    template.regions = control::regions(text, &template.tags);
    template
}

/// The kind of a tag whose `<%` ends at `after`, and where its code begins.
fn opening(text: &str, after: usize) -> (Kind, usize) {
    match text.as_bytes().get(after) {
        Some(b'=') => (Kind::Output, after + 1),
        Some(b'#') => (Kind::Comment, after + 1),
        Some(b'-') => (Kind::Statement, after + 1),
        _ => (Kind::Statement, after),
    }
}

/// Where code that begins at `start` ends, and where its tag ends: at the first `%>` that is no
/// `%%>`.
fn closing(text: &str, start: usize) -> Option<(usize, usize)> {
    let mut from = start;
    loop {
        let percent = from + text[from..].find("%>")?;
        let end = percent + "%>".len();
        let code = &text[start..percent];
        if code.ends_with('%') {
            from = end;
            continue;
        }
        return Some((start + code.strip_suffix('-').unwrap_or(code).len(), end));
    }
}

fn line_length(text: &str) -> usize {
    let line = text.split('\n').next().unwrap_or_default();
    line.strip_suffix('\r').unwrap_or(line).len()
}

/// A template with its tags painted over, for a YAML parser. See [`mask`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    /// As many bytes as the template, lines at the same places.
    pub text: String,
    /// Output tags that stand alone on their lines, and lines that begin with a statement and go
    /// on with YAML: they are comments in the mask, but put out YAML of any shape.
    pub fragments: Vec<Span>,
}

/// Paints over the tags of `text`, so that a YAML parser finds everything else at its place.
///
/// - An output tag becomes the word `E____`, so `key: <%= a %>:<%= b %>` is a plain scalar and
///   `"<%= a %>"` keeps its quotes.
/// - Tags alone on their line become a comment line. If they put out something it is a
///   [fragment](Mask::fragments).
/// - A line such as `<% if x %>key: 1<% end %>` is not where the indentation says that it is: it
///   becomes a comment line as a whole, and a fragment.
/// - Other statements and comments become spaces.
///
/// A tag of several lines is painted on its first; the others become blank.
pub fn mask(text: &str, template: &Template) -> Mask {
    let mut painter = Painter {
        text,
        bytes: text.as_bytes().to_vec(),
        fragments: Vec::new(),
    };
    let mut tags = template.tags.as_slice();
    while let Some(first) = tags.first() {
        let count = if painter.is_blank_before(first.span.range().start) {
            painter.leading(tags)
        } else {
            painter.inline(first);
            1
        };
        tags = &tags[count..];
    }
    Mask {
        // Only whole tags and lines were replaced, by ASCII; otherwise nothing is masked.
        text: String::from_utf8(painter.bytes).unwrap_or_else(|_| text.to_owned()),
        fragments: painter.fragments,
    }
}

/// Whether `rest`, behind tags at the start of a line, is an entry of a block collection.
fn is_structure(rest: &str) -> bool {
    let rest = rest.trim();
    rest.starts_with("- ") || rest.ends_with(':') || rest.contains(": ")
}

struct Painter<'t> {
    text: &'t str,
    bytes: Vec<u8>,
    fragments: Vec<Span>,
}

impl Painter<'_> {
    /// Paints over tags of which the first begins its line, and tells how many.
    fn leading(&mut self, tags: &[Tag]) -> usize {
        let run = self.run(tags);
        let start = tags[0].span.range().start;
        let behind = tags[run - 1].span.range().end;
        let rest = &self.text[behind..behind + line_length(&self.text[behind..])];
        let puts_out = tags[..run].iter().any(|tag| tag.kind == Kind::Output);
        if rest.trim().is_empty() {
            self.comment(Span::new(start, behind), puts_out);
            run
        } else if !puts_out && is_structure(rest) {
            let (count, end) = self.line_end(tags, run);
            self.comment(Span::new(start, end), true);
            count
        } else {
            self.inline(&tags[0]);
            1
        }
    }

    /// How many of `tags`, from the first, have only blanks between them.
    fn run(&self, tags: &[Tag]) -> usize {
        let joined = tags.windows(2).take_while(|pair| {
            let between = Span::new(pair[0].span.range().end, pair[1].span.range().start);
            between.of(self.text).bytes().all(is_blank)
        });
        1 + joined.count()
    }

    fn is_blank_before(&self, offset: usize) -> bool {
        let before = self.text[..offset].trim_end_matches([' ', '\t']);
        before.is_empty() || before == "\u{feff}" || before.ends_with('\n')
    }

    /// How many of `tags` begin on the lines of the first `taken`, and where the last of these
    /// lines ends. A newline inside of a tag ends no line.
    fn line_end(&self, tags: &[Tag], mut taken: usize) -> (usize, usize) {
        let line_end = |from: usize| from + line_length(&self.text[from..]);
        let mut end = line_end(tags[taken - 1].span.range().end);
        while let Some(next) = tags.get(taken).filter(|next| next.span.range().start < end) {
            taken += 1;
            if next.span.range().end > end {
                end = line_end(next.span.range().end);
            }
        }
        (taken, end)
    }

    fn comment(&mut self, span: Span, is_fragment: bool) {
        self.fill(span, b' ', b' ');
        self.bytes[span.range().start] = b'#';
        if is_fragment {
            self.fragments.push(span);
        }
    }

    fn inline(&mut self, tag: &Tag) {
        if tag.kind == Kind::Output {
            self.fill(tag.span, b'_', b' ');
            self.bytes[tag.span.range().start] = b'E';
        } else {
            self.fill(tag.span, b' ', b' ');
        }
    }

    /// Writes `first` over the first line of `span` and `later` over its others.
    fn fill(&mut self, span: Span, first: u8, later: u8) {
        let mut filler = first;
        for byte in &mut self.bytes[span.range()] {
            if matches!(*byte, b'\n' | b'\r') {
                filler = later;
            } else {
                *byte = filler;
            }
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
