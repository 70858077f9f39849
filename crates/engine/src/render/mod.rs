//! Reports and plans as people and programs read them.

pub mod diagnosis;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod redact;
pub mod reply;
pub mod sarif;
pub mod text;

use crate::digest::sha256;
use crate::fact::Place;
use crate::finding::{Finding, Report};
use crate::posture::Side;
use crate::tree::{Path, Tree};

pub use redact::Redactor;

/// What is told of one app, or of one Dockerfile: what was found, and the files that it was found in.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What it is called, where several are told of.
    pub prefix: &'a str,
    /// What goes before the paths of its files for the services that show reports: they know files by their
    /// place in the repository.
    pub folder: &'a str,
    /// What was found.
    pub report: &'a Report,
    /// Its files.
    pub tree: &'a Tree,
    /// How far it is closed.
    pub posture: &'a [Side],
}

impl<'a> Told<'a> {
    /// What is told of one app alone.
    pub fn of(report: &'a Report, tree: &'a Tree) -> Self {
        Self {
            prefix: "",
            folder: "",
            report,
            tree,
            posture: &[],
        }
    }

    /// A file's path as services know it.
    fn path(&self, path: &Path) -> String {
        match self.folder {
            "" => path.to_string(),
            folder => format!("{folder}/{path}"),
        }
    }
}

/// How many files were read for all that is told.
fn files(told: &[Told<'_>]) -> usize {
    told.iter().map(|told| told.tree.sources().count()).sum()
}

/// What identifies a finding when the lines around it move: the rule, the file, the line's text
/// and the message; the same again for each of several equal ones, in their order.
pub fn fingerprints(findings: &[Finding], tree: &Tree) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    findings
        .iter()
        .map(|finding| {
            let place = &finding.primary.place;
            let path = place.path().map(Path::as_str).unwrap_or_default();
            let line = tree.source(path).map_or("", |source| {
                let line = source.position(place.span().start).line;
                source
                    .lines()
                    .span(source.text(), line)
                    .of(source.text())
                    .trim()
            });
            let identity = [&finding.rule.id(), path, line, &finding.message].join("\0");
            let earlier = seen.iter().filter(|known| **known == identity).count();
            let digest = sha256(&format!("{identity}\0{earlier}"));
            seen.push(identity);
            digest[..16].to_owned()
        })
        .collect()
}

/// Line and column of both ends of a place, from 1; the start of the file where it is meant as a
/// whole.
fn extent(place: &Place, tree: &Tree) -> [u32; 4] {
    let source = place.path().and_then(|path| tree.source(path));
    let Some(source) = source else {
        return [1, 1, 1, 1];
    };
    let (start, end) = (
        source.position(place.span().start),
        source.position(place.span().end),
    );
    [start.line, start.column, end.line, end.column]
}
