//! Findings that were there when somebody drew a line: new ones count, those wait.

use serde::{Deserialize, Serialize};

use crate::finding::{Report, Suppressed};
use crate::render::{Redactor, fingerprints};
use crate::rules::{Rule, Selection};
use crate::tree::{Path, Tree};

/// Where an app keeps it.
pub const BASELINE: &str = "config/seaworthy-baseline.json";

/// The version of its form.
const VERSION: u32 = 1;

/// Findings that are known, by what identifies them when the lines around them move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    version: u32,
    findings: Vec<Entry>,
}

/// One of them. Only the fingerprint decides; the rest is for those who read the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// The file that it is in.
    pub path: String,
    /// The rule that found it.
    pub rule: String,
    /// What it says.
    pub message: String,
    /// What identifies it.
    pub fingerprint: String,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    ///
    /// What is wrong with the text: it is no JSON of this form, or of a later version.
    pub fn parse(text: &str) -> Result<Self, String> {
        let baseline: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if baseline.version == VERSION {
            Ok(baseline)
        } else {
            Err(format!(
                "it is of version {}, and this program reads {VERSION}",
                baseline.version
            ))
        }
    }

    /// A baseline of all that was found, but for what the app allows.
    pub fn of(report: &Report, tree: &Tree) -> Self {
        let redactor = Redactor::new(tree);
        let findings = &report.findings;
        let mut entries: Vec<Entry> = findings
            .iter()
            .zip(fingerprints(findings, tree))
            .map(|(finding, fingerprint)| Entry {
                path: finding
                    .primary
                    .place
                    .path()
                    .map_or_else(String::new, Path::to_string),
                rule: finding.rule.id(),
                message: redactor.mask(&finding.message),
                fingerprint,
            })
            .collect();
        entries.sort();
        Self {
            version: VERSION,
            findings: entries,
        }
    }

    /// The text of its file.
    ///
    /// # Panics
    ///
    /// Never: texts and numbers are JSON.
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a baseline is JSON");
        text + "\n"
    }

    /// The findings that it knows, by file and rule.
    pub fn entries(&self) -> &[Entry] {
        &self.findings
    }

    /// Puts the findings that it knows aside; what of it is found no more, though its rules looked.
    pub fn suppress(&self, report: &mut Report, tree: &Tree, selection: &Selection) -> Vec<Entry> {
        let findings = std::mem::take(&mut report.findings);
        let prints = fingerprints(&findings, tree);
        for (mut finding, print) in findings.into_iter().zip(&prints) {
            if self
                .findings
                .iter()
                .any(|entry| entry.fingerprint == *print)
            {
                finding.suppressed = Some(Suppressed::Baseline);
                report.suppressed.push(finding);
            } else {
                report.findings.push(finding);
            }
        }
        let has_looked =
            |entry: &Entry| Rule::named(&entry.rule).is_none_or(|rule| selection.includes(rule));
        let is_gone = |entry: &&Entry| !prints.contains(&entry.fingerprint) && has_looked(entry);
        self.findings.iter().filter(is_gone).cloned().collect()
    }
}
