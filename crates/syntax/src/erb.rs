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
///   becomes a comment line as a whole, and a fragment; with it what its blocks reach over, and the
///   lines below a key of it.
/// - A value such as `<% if x %>"a"<% else %>"b"<% end %>` becomes such a word as a whole, where its parts
///   are quoted or in brackets: they cannot follow one another.
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
            painter.inline(tags)
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

/// How many tags a value may have that is painted over as a whole.
const MOST: usize = 16;

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
        let line = Span::new(behind, behind + line_length(&self.text[behind..]));
        let rest = self.without(&tags[run..], line);
        let puts_out = tags[..run].iter().any(|tag| tag.kind == Kind::Output);
        if rest.trim().is_empty() {
            self.comment(Span::new(start, behind), puts_out);
            run
        } else if !puts_out && is_structure(&rest) {
            let (count, end) = self.structure(tags, run);
            self.comment(Span::new(start, end), true);
            count
        } else {
            self.inline(tags)
        }
    }

    /// How many of `tags`, from the first, belong to the structure that begins with the first `run`, and
    /// where it ends: the line, what its blocks reach over, and what is below a key that ends it.
    fn structure(&self, tags: &[Tag], run: usize) -> (usize, usize) {
        let start = tags[0].span.range().start;
        let (on_line, _) = self.line_end(tags, run, tags[run - 1].span.range().end);
        let closed = control::closed_after(self.text, tags, on_line);
        let (mut count, mut end) = self.line_end(tags, closed, tags[closed - 1].span.range().end);
        let whole = self.without(tags, Span::new(start, end));
        if !whole.trim_end().ends_with(':') {
            return (count, end);
        }
        let column = self.indent_of(start - self.column(start));
        while let Some(next) = self.next_line(end) {
            let is_blank_line = self.text[next..][..line_length(&self.text[next..])]
                .trim()
                .is_empty();
            if !is_blank_line && self.indent_of(next) <= column {
                break;
            }
            (count, end) = self.line_end(tags, count, next);
        }
        (count, end)
    }

    /// What stands in `span` besides `tags`, of which the first is the first in it.
    fn without(&self, tags: &[Tag], span: Span) -> String {
        let mut text = String::new();
        let mut start = span.start;
        for tag in tags.iter().take_while(|tag| tag.span.start < span.end) {
            text.push_str(
                Span {
                    start,
                    end: tag.span.start,
                }
                .of(self.text),
            );
            start = tag.span.end;
        }
        text.push_str(
            Span {
                start,
                end: span.end.max(start),
            }
            .of(self.text),
        );
        text
    }

    /// Bytes from the start of the line to `offset`.
    fn column(&self, offset: usize) -> usize {
        let line = self.text[..offset].rsplit('\n').next();
        line.map_or(0, str::len)
    }

    /// How far the line that begins at `start` is indented.
    fn indent_of(&self, start: usize) -> usize {
        let line = &self.text[start..];
        line.len() - line.trim_start_matches([' ', '\t']).len()
    }

    /// Where the line behind the one that ends at `end` begins.
    fn next_line(&self, end: usize) -> Option<usize> {
        let newline = self.text[end..].find('\n')?;
        Some(end + newline + 1).filter(|&next| next < self.text.len())
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

    /// Where the line of `from` ends, behind the first `taken` of `tags`, and how many of `tags` begin
    /// before that. A newline inside of a tag ends no line.
    fn line_end(&self, tags: &[Tag], mut taken: usize, from: usize) -> (usize, usize) {
        let line_end = |from: usize| from + line_length(&self.text[from..]);
        let mut end = line_end(from);
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

    /// Paints over a tag inside of a line, and over all of a value that begins with it; tells how many
    /// tags that were.
    fn inline(&mut self, tags: &[Tag]) -> usize {
        if let Some((count, value)) = self.value(tags) {
            self.word(value);
            return count;
        }
        if tags[0].kind == Kind::Output {
            self.word(tags[0].span);
        } else {
            self.fill(tags[0].span, b' ', b' ');
        }
        1
    }

    /// A value of one line whose parts are quoted or in brackets, and which of them it is depends on the
    /// statement that begins it.
    fn value(&self, tags: &[Tag]) -> Option<(usize, Span)> {
        let start = tags[0].span.range().start;
        let before = self.text[..start].trim_end_matches([' ', '\t']);
        let begins = before.is_empty() || before.ends_with(['\n', ':', '-', '[', '{', ',']);
        if tags[0].kind != Kind::Statement || !begins {
            return None;
        }
        let count = control::closed_within(self.text, &tags[..tags.len().min(MOST)])?;
        let value = tags[0].span.to(tags[count - 1].span);
        if value.of(self.text).contains('\n') {
            return None;
        }
        let mut parts = tags[..count].windows(2);
        let is_odd = parts.any(|pair| {
            let part = Span::new(pair[0].span.range().end, pair[1].span.range().start);
            part.of(self.text)
                .contains(['"', '\'', '{', '[', '|', '>', '&', '*', '!'])
        });
        is_odd.then_some((count, value))
    }

    fn word(&mut self, span: Span) {
        self.fill(span, b'_', b' ');
        self.bytes[span.range().start] = b'E';
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
