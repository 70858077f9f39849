//! Reports for people, with the lines that they are about.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use crate::fact::Place;
use crate::finding::{Finding, Label, Layer, Severity};
use crate::posture::Side;
use crate::render::{Redactor, Told, files};
use crate::tree::{Path, Source, Tree};

/// How a report is written for people.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether the terminal shows colours.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            colour: false,
            width: 100,
        }
    }
}

/// The findings of a report, one after the other. Why a rule bites is told once for each rule.
pub fn findings(findings: &[Finding], tree: &Tree, style: Style) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let redactor = Redactor::new(tree);
    let masked = masked_texts(findings, tree, &redactor);
    let mut text = String::new();
    let mut told: Vec<String> = Vec::new();
    for (number, finding) in findings.iter().enumerate() {
        let is_first = !told.contains(&finding.rule.id());
        told.push(finding.rule.id());
        text.push_str(&one(finding, tree, &redactor, &masked, style, is_first));
        text.push('\n');
        let layer = finding.layer;
        let next = findings.get(number + 1);
        if next.is_none_or(|next| next.layer != layer) {
            let (command, what) = again(layer);
            let _ = writeln!(text, "Then `{command}`: {what}\n");
        }
    }
    text
}

/// What to run once a layer's findings are mended: a command, and what it tells.
pub fn again(layer: Layer) -> (&'static str, &'static str) {
    match layer {
        Layer::Build => (
            "docker build .",
            "what stops a build hides what comes after it",
        ),
        Layer::Deploy => (
            "kamal config",
            "Kamal accepts the configuration; `kamal deploy` and `kamal app logs` tell the rest",
        ),
        Layer::Runtime => (
            "kamal deploy",
            "or `kamal accessory reboot NAME` for an accessory; then /up answers, and `kamal app logs` stays quiet",
        ),
        Layer::Compose => (
            "docker compose up --wait",
            "it ends well, and `docker compose ps` says that all of it runs",
        ),
    }
}

/// The findings as a rule's page shows them: without what the page itself says.
pub fn findings_without_why(findings: &[Finding], tree: &Tree) -> String {
    let redactor = Redactor::new(tree);
    let masked = masked_texts(findings, tree, &redactor);
    let style = Style::default();
    let shown = findings
        .iter()
        .map(|finding| one(finding, tree, &redactor, &masked, style, false));
    shown.collect::<Vec<_>>().join("\n")
}

/// The app's posture, a line for each side.
pub fn posture(sides: &[Side], tree: &Tree) -> String {
    let redactor = Redactor::new(tree);
    sides
        .iter()
        .map(|side| {
            let sign = match side.is_closed {
                Some(true) => "ok",
                Some(false) => "open",
                None => "unknown",
            };
            let origin = side.origin.as_ref().map_or_else(String::new, |origin| {
                format!(" ({})", origin.place.describe(tree))
            });
            let text = format!("{:<8} {sign:<8} {}{origin}", side.subject, side.text);
            printable(&redactor.mask(&text)) + "\n"
        })
        .collect()
}

/// The last line of a report: `2 errors, 1 note in 23 files, 4 known already`.
pub fn summary(told: &[Told<'_>]) -> String {
    let count = |severity| -> usize { told.iter().map(|told| told.report.count(severity)).sum() };
    let parts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (severity, count(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| counted(count, severity.word()))
        .collect();
    let found = if parts.is_empty() {
        "no findings".to_owned()
    } else {
        parts.join(", ")
    };
    let suppressed: usize = told.iter().map(|told| told.report.suppressed.len()).sum();
    let known = match suppressed {
        0 => String::new(),
        known => format!(", {known} known already"),
    };
    format!("{found} in {}{known}", counted(files(told), "file"))
}

/// `1 error`, `2 errors`.
pub fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

fn one(
    finding: &Finding,
    tree: &Tree,
    redactor: &Redactor,
    masked: &BTreeMap<&Path, String>,
    style: Style,
    tells_why: bool,
) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut message = printable(&redactor.mask(&finding.message));
    if !finding.destinations.is_empty() {
        message = format!("{message} ({})", finding.destinations.join(", "));
    }
    let sources = masked_sources(finding, tree, masked);
    let mut group = Group::with_title(level.primary_title(&message).id(finding.rule.id()))
        .elements(excerpts(finding, &sources));
    let help = printable(&redactor.mask(&finding.help));
    if !help.is_empty() {
        group = group.element(Level::HELP.message(&help));
    }
    let docs = finding.rule.docs();
    let mut notes: Vec<String> = Vec::new();
    if tells_why {
        let why = docs.why_in_short().replace('\n', " ");
        notes.push(wrapped("why", &why, style.width));
        notes.extend(
            docs.verify
                .first()
                .map(|step| wrapped("verify", &step.replace('\n', " "), style.width)),
        );
        notes.push(wrapped(
            "more",
            &format!("seaworthy explain {}", finding.rule.id()),
            style.width,
        ));
    }
    for note in &notes {
        group = group.element(Level::NOTE.no_name().message(note));
    }
    let mut text = renderer(style).render(&[group]);
    text.push('\n');
    if let Some(lines) = &finding.snippet {
        text.push_str("    by hand:\n");
        text.push_str(&indented(&printable_lines(&redactor.mask(lines)), style));
    }
    if let Some(fix) = &finding.fix
        && let Ok(outcomes) = fix.changes.outcomes(tree)
    {
        for outcome in outcomes {
            text.push_str(&indented(
                &printable_lines(&redactor.mask(&outcome.diff())),
                style,
            ));
        }
    }
    text
}

fn renderer(style: Style) -> Renderer {
    let renderer = if style.colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer
        .decor_style(DecorStyle::Ascii)
        .term_width(style.width)
}

/// A text that excerpts are cut from, with its secrets masked.
struct Masked<'a> {
    source: &'a Source,
    text: &'a str,
}

/// The texts that findings are about, each masked once.
fn masked_texts<'a>(
    findings: &'a [Finding],
    tree: &Tree,
    redactor: &Redactor,
) -> BTreeMap<&'a Path, String> {
    let labels = findings.iter().flat_map(places);
    let paths: BTreeSet<&Path> = labels.filter_map(|label| label.place.path()).collect();
    let masked = |source: &Source| printable_lines(&redactor.mask(source.text()));
    paths
        .into_iter()
        .filter_map(|path| Some((path, masked(tree.source(path)?))))
        .collect()
}

/// The texts that a finding's places are in, the primary one first.
fn masked_sources<'a>(
    finding: &Finding,
    tree: &'a Tree,
    masked: &'a BTreeMap<&Path, String>,
) -> Vec<Masked<'a>> {
    let mut sources: Vec<Masked<'a>> = Vec::new();
    for place in places(finding).map(|label| &label.place) {
        let Some(source) = place.path().and_then(|path| tree.source(path)) else {
            continue;
        };
        if sources
            .iter()
            .all(|known| known.source.path() != source.path())
        {
            sources.push(Masked {
                source,
                text: masked.get(source.path()).map_or("", String::as_str),
            });
        }
    }
    sources
}

fn places(finding: &Finding) -> impl Iterator<Item = &Label> {
    std::iter::once(&finding.primary).chain(&finding.related)
}

/// One excerpt for each file, the primary one first; a file that is meant as a whole is named.
fn excerpts<'a>(finding: &'a Finding, sources: &'a [Masked<'a>]) -> Vec<Element<'a>> {
    let mut elements: Vec<Element<'a>> = Vec::new();
    let mut shown: Vec<&Path> = Vec::new();
    for label in places(finding) {
        let Some(path) = label.place.path() else {
            continue;
        };
        if shown.contains(&path) {
            continue;
        }
        shown.push(path);
        let masked = sources.iter().find(|masked| masked.source.path() == path);
        let labels: Vec<&Label> = places(finding)
            .filter(|label| label.place.path() == Some(path) && !label.place.span().is_empty())
            .collect();
        match masked {
            Some(masked) if !labels.is_empty() => elements.push(excerpt(finding, masked, &labels)),
            _ => elements.push(Origin::path(path.as_str()).into()),
        }
    }
    elements
}

/// The lines of one file that labels are on. Only those are handed on: rendering is linear in
/// what it is given.
fn excerpt<'a>(finding: &'a Finding, masked: &'a Masked<'a>, labels: &[&'a Label]) -> Element<'a> {
    let lines = masked.source.lines();
    let first = labels
        .iter()
        .map(|label| lines.line(label.place.span().start))
        .min()
        .unwrap_or(1);
    let last = labels
        .iter()
        .map(|label| lines.line(label.place.span().start))
        .max()
        .unwrap_or(1);
    let start = lines.span(masked.text, first).start as usize;
    let end = lines.span(masked.text, last).end as usize;
    let window = masked.text.get(start..end).unwrap_or_default();
    let annotations = labels.iter().map(|label| {
        let is_primary = std::ptr::eq(*label, &raw const finding.primary);
        let kind = if is_primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        kind.span(on_one_line(&label.place, masked, start, window))
            .label(label.text.as_ref())
    });
    Snippet::source(window)
        .line_start(first as usize)
        .path(masked.source.path().as_str())
        .annotations(annotations)
        .into()
}

/// The part of a place that is on its first line, within the window, on character boundaries: the
/// renderer takes nothing else.
fn on_one_line(
    place: &Place,
    masked: &Masked<'_>,
    window_start: usize,
    window: &str,
) -> Range<usize> {
    let lines = masked.source.lines();
    let span = place.span();
    let line = lines.span(masked.text, lines.line(span.start));
    let clip = |offset: usize| {
        window.floor_char_boundary(offset.saturating_sub(window_start).min(window.len()))
    };
    let start = clip(span.start as usize);
    let end = clip((span.end.min(line.end)) as usize);
    start..end.max(start)
}

/// `name: text`, wrapped to the terminal and indented below its name.
fn wrapped(name: &str, text: &str, width: usize) -> String {
    let indent = name.len() + 2;
    let room = width.saturating_sub(indent + 6).max(30);
    let lines = filled(text, room);
    format!(
        "{name}: {}",
        lines.join(&format!("\n{}", " ".repeat(indent)))
    )
}

/// A text in lines that are no longer than `room`, where its words allow that.
fn filled(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Paragraphs of Markdown, each in lines of the terminal's width.
pub(super) fn paragraphs(markdown: &str, width: usize) -> String {
    let each: Vec<String> = markdown
        .trim()
        .split("\n\n")
        .map(|paragraph| filled(&printable_lines(paragraph), width).join("\n"))
        .collect();
    each.join("\n\n")
}

/// A list, each item in lines of the terminal's width.
pub(super) fn list(items: impl IntoIterator<Item = String>, width: usize) -> String {
    items.into_iter().fold(String::new(), |text, item| {
        let lines = filled(
            &printable(&item.replace('\n', " ")),
            width.saturating_sub(4),
        );
        text + "  - " + &lines.join("\n    ") + "\n"
    })
}

/// A diff below a finding, in its colours.
fn indented(diff: &str, style: Style) -> String {
    diff.lines().fold(String::new(), |text, line| {
        let (before, after) = match line.as_bytes().first() {
            Some(b'+') if style.colour => ("\u{1b}[32m", "\u{1b}[0m"),
            Some(b'-') if style.colour => ("\u{1b}[31m", "\u{1b}[0m"),
            _ => ("", ""),
        };
        format!("{text}    {before}{line}{after}\n")
    })
}

/// Text on one line, without anything that a terminal would obey.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if is_obeyed(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Whether a terminal does something else with a character than to show it: moves, colours, or turns the order
/// of the others around (Unicode Standard Annex 9).
fn is_obeyed(c: char) -> bool {
    let turns_order = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns_order
}

/// The same for several lines, byte for byte: what a terminal would obey becomes `?`.
pub fn printable_lines(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let is_kept = c == '\n' || c == '\t' || c == '\r' || !is_obeyed(c);
            let (shown, times) = if is_kept { (c, 1) } else { ('?', c.len_utf8()) };
            std::iter::repeat_n(shown, times)
        })
        .collect()
}
