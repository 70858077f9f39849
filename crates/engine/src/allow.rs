//! What the user allows: findings that are known, with the reason.
//!
//! `# seaworthy: allow RULE -- reason` stands above a line or at its end, in any file whose comments
//! begin with `#`. In a Dockerfile it is about the whole instruction, and there the comments of other
//! tools are honoured for what they call by their own names:
//!
//! - `# hadolint ignore=DL3008` and `# hadolint global ignore=…` (hadolint 2.15, README, *Inline
//!   ignores*)
//! - `# check=skip=JSONArgsRecommended` (BuildKit, *Build checks*), since BuildKit 0.27 above an instruction
//!   as well
//! - `# tally ignore=hadolint/DL3008;reason=…` and `# tally global ignore=…` (tally, *Suppression*)
//!
//! What is about no line is allowed in `config/seaworthy.yml`, below `allow`.

use std::cell::Cell;

use syntax::Span;

use crate::fact::{Fact, Place};
use crate::facts::App;
use crate::facts::dockerfile::{Image, is_dockerfile};
use crate::facts::setting::Setting;
use crate::finding::{Finding, Suppressed};
use crate::plan::{ALLOW, FILE};
use crate::rules::{RULES, Selection};
use crate::tree::{Path, Source};

/// Something that allows findings.
#[derive(Debug)]
pub struct Allow {
    /// The rules that it names.
    pub names: Vec<Fact<String>>,
    /// The reason that it gives.
    pub reason: Option<String>,
    /// Whether it is this program's own, which means something only with a reason.
    pub is_own: bool,
    /// Where it stands.
    pub place: Place,
    /// The file that it is about; all files if there is none.
    path: Option<Path>,
    /// The part of the file that it is about; all of it if there is none.
    part: Option<Span>,
    /// Whether it allowed something.
    used: Cell<bool>,
    /// Whether all rules looked that it names, at everything.
    judged: bool,
}

impl Allow {
    /// Whether it has no reason although it needs one, so that nothing is allowed.
    pub fn lacks_reason(&self) -> bool {
        self.is_own && self.reason.is_none()
    }

    /// Whether all rules that it names have looked, and found nothing that it could allow.
    pub fn is_unused(&self) -> bool {
        self.judged && !self.used.get()
    }

    fn covers(&self, finding: &Finding) -> bool {
        let place = &finding.primary.place;
        let is_named =
            |name: &Fact<String>| name.as_str() == EVERYTHING || finding.rule.is_called(name);
        let is_there = |path: &Path| place.path() == Some(path);
        self.names.iter().any(is_named)
            && self.path.as_ref().is_none_or(is_there)
            && self
                .part
                .is_none_or(|part| part.encloses(Span::at(place.span().start as usize)))
    }
}

/// What `# check=skip=all` names.
const EVERYTHING: &str = "all";

/// All that the app allows, in the order of its files.
pub(crate) fn allows(app: &App<'_>, selection: &Selection) -> Vec<Allow> {
    let mut allows: Vec<Allow> = app.tree().sources().flat_map(of_source).collect();
    allows.extend(of_configuration(app));
    for allow in &mut allows {
        // A name of another tool's may be that of several rules.
        let has_looked = |name: &Fact<String>| {
            let mut rules = RULES.iter().filter(|rule| rule.is_called(name));
            rules.clone().next().is_some() && rules.all(|rule| selection.includes(rule))
        };
        allow.judged = selection.destination.is_none() && allow.names.iter().all(has_looked);
    }
    allows
}

/// Marks what is allowed. A finding of a rule about allowing itself is never.
pub(crate) fn suppress(findings: &mut [Finding], allows: &[Allow]) {
    for finding in findings {
        let allow = allows
            .iter()
            .find(|allow| !allow.lacks_reason() && allow.covers(finding));
        if let Some(allow) = allow {
            allow.used.set(true);
            finding.suppressed = Some(Suppressed::Allowed {
                reason: allow.reason.clone(),
                place: allow.place.clone(),
            });
        }
    }
}

/// What comments of other tools begin with.
const OTHERS: [&str; 3] = ["hadolint", "tally", "check"];

fn of_source(source: &Source) -> Vec<Allow> {
    let text = source.text();
    let is_image = is_dockerfile(source.path().name());
    let may_allow = text.contains("seaworthy: allow")
        || (is_image && OTHERS.iter().any(|tool| text.contains(tool)));
    if !may_allow {
        return Vec::new();
    }
    let mut allows = Vec::new();
    for line in 1..=last_line(source) {
        let span = source.lines().span(text, line);
        let written = span.of(text);
        let Some(hash) = comment(written) else {
            continue;
        };
        let start = span.start as usize + hash;
        let Some(said) = said(source, start, &written[hash..], is_image) else {
            continue;
        };
        let stands_alone = written[..hash].trim().is_empty();
        let part = if said.is_about_file {
            None
        } else if stands_alone {
            Some(next(source, line, is_image))
        } else {
            Some(span)
        };
        allows.push(Allow {
            names: said.names,
            reason: said.reason,
            is_own: said.is_own,
            place: Place::text(
                source.path(),
                Span::new(start, start + written[hash..].trim_end().len()),
            ),
            path: Some(source.path().clone()),
            part,
            used: Cell::new(false),
            judged: false,
        });
    }
    allows
}

/// Where a comment may begin on a line: at its first `#` that has nothing or a blank before it.
fn comment(line: &str) -> Option<usize> {
    let mut hashes = line.match_indices('#').map(|(at, _)| at);
    hashes.find(|&at| {
        let before = line[..at].chars().next_back();
        before.is_none_or(char::is_whitespace) && is_meant(&line[at..])
    })
}

/// Whether a comment speaks to a linter at all.
fn is_meant(comment: &str) -> bool {
    let said = comment.trim_start_matches('#').trim_start();
    said.starts_with("seaworthy:") || OTHERS.iter().any(|tool| said.starts_with(tool))
}

/// What a comment allows.
struct Said {
    names: Vec<Fact<String>>,
    reason: Option<String>,
    is_own: bool,
    is_about_file: bool,
}

fn said(source: &Source, start: usize, comment: &str, is_image: bool) -> Option<Said> {
    let inside = comment.trim_start_matches('#').trim_start();
    let at = |part: &str| start + (part.as_ptr() as usize - comment.as_ptr() as usize);
    let names = |list: &'_ str| -> Vec<Fact<String>> {
        let names = list.split([',', ' ']).filter(|name| !name.is_empty());
        names
            .map(|name| {
                let span = Span::new(at(name), at(name) + name.len());
                Fact::read(
                    own_name(name).to_owned(),
                    source.path(),
                    span,
                    "allowed here",
                )
            })
            .collect()
    };
    let allowed = inside.strip_prefix("seaworthy: allow");
    if let Some(allowed) =
        allowed.filter(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()))
    {
        let (list, reason) = allowed.split_once("--").unwrap_or((allowed, ""));
        let reason = reason.trim();
        return Some(Said {
            names: names(list.trim()),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            is_own: true,
            is_about_file: false,
        });
    }
    if !is_image {
        return None;
    }
    if let Some(directive) = inside.strip_prefix("check") {
        let mut directives = source.dockerfile().directives.iter();
        let is_about_file = directives.any(|known| known.span.contains(start));
        let mut comments = source.dockerfile().comments.iter();
        let is_comment = comments.any(|comment| comment.start as usize == start);
        let options = directive.trim_start().strip_prefix('=')?.trim_start();
        // Above an instruction, words may follow.
        let options = if is_about_file {
            options
        } else {
            options.split(' ').next().filter(|_| is_comment)?
        };
        let skip = options.split(';').find_map(|field| {
            field
                .trim()
                .strip_prefix("skip")?
                .trim_start()
                .strip_prefix('=')
        })?;
        return Some(Said {
            names: names(skip.trim()),
            reason: None,
            is_own: false,
            is_about_file,
        });
    }
    let rest = ["hadolint", "tally"]
        .iter()
        .find_map(|tool| inside.strip_prefix(tool))?
        .trim_start();
    let (rest, is_about_file) = match rest.strip_prefix("global") {
        Some(rest) => (rest.trim_start(), true),
        None => (rest, false),
    };
    let rest = rest
        .strip_prefix("ignore")?
        .trim_start()
        .strip_prefix('=')?;
    let (list, reason) = rest.split_once(";reason=").unwrap_or((rest, ""));
    // hadolint lets a comment follow the list.
    let list = list.split('#').next().unwrap_or_default();
    let reason = reason.trim();
    Some(Said {
        names: names(list.trim()),
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
        is_own: false,
        is_about_file,
    })
}

/// A rule's name without the tool that has it first: `DL3008` of `hadolint/DL3008`.
fn own_name(name: &str) -> &str {
    ["hadolint/", "buildkit/", "shellcheck/"]
        .iter()
        .find_map(|tool| name.strip_prefix(tool))
        .unwrap_or(name)
}

/// What a comment on a line of its own is about: the next line that says something, and of a
/// Dockerfile the whole instruction that begins there.
fn next(source: &Source, line: u32, is_image: bool) -> Span {
    let text = source.text();
    let says_nothing = |line: &u32| {
        let written = source.lines().span(text, *line).of(text).trim();
        written.is_empty() || written.starts_with('#')
    };
    let next = (line + 1..=last_line(source)).find(|line| !says_nothing(line));
    let Some(next) = next else {
        return Span::at(text.len());
    };
    let span = source.lines().span(text, next);
    if !is_image {
        return span;
    }
    let instructions = Image::of(source).instructions().iter();
    let mut spans = instructions.map(|instruction| instruction.span);
    // A comment between the lines of an instruction is about that line alone.
    spans
        .find(|instruction| span.encloses(Span::at(instruction.start as usize)))
        .unwrap_or(span)
}

fn last_line(source: &Source) -> u32 {
    u32::try_from(source.lines().count()).unwrap_or(u32::MAX)
}

/// `allow` in `config/seaworthy.yml`: a list of `rule`, `reason` and, where it is about one file
/// only, `path`.
fn of_configuration(app: &App<'_>) -> Vec<Allow> {
    let root = app
        .tree()
        .source(FILE)
        .and_then(|source| Setting::root([source]));
    let list = root.and_then(|root| root.get(ALLOW).known());
    let items = list.map(|list| list.items()).unwrap_or_default();
    items
        .into_iter()
        .map(|item| {
            let text = |key: &str| item.get(key).and_then(|value| value.text()).known();
            Allow {
                names: text("rule").into_iter().collect(),
                reason: text("reason").map(|reason| reason.value),
                is_own: true,
                place: item.place(),
                path: text("path").and_then(|path| Path::new(&path)),
                part: None,
                used: Cell::new(false),
                judged: false,
            }
        })
        .collect()
}
