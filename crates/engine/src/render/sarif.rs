//! SARIF 2.1.0, the format of code scanning.
//!
//! Upstream: OASIS, *Static Analysis Results Interchange Format*, 2.1.0; GitHub docs, *SARIF support
//! for code scanning*.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use serde_sarif::sarif;
use syntax::Span;

use crate::change::Change;
use crate::fact::Place;
use crate::finding::{Finding, Label, Severity, Suppressed};
use crate::render::{Redactor, Told, extent, fingerprints};
use crate::rules::{Docs, RULES, Rule};
use crate::tree::{Path, Tree};

/// The schema that the document keeps to.
pub const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What paths are relative to: the root of the repository.
const ROOT: &str = "SRCROOT";

/// What a path's part of a URI may not have as it is.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

/// The document: one run, the rules that found something, and all findings, those that are known
/// already with the reason.
///
/// # Panics
///
/// Never: all of it is JSON.
pub fn document(told: &[Told<'_>], version: &str) -> Value {
    let all = told
        .iter()
        .flat_map(|told| told.report.findings.iter().chain(&told.report.suppressed));
    let found: Vec<String> = all.map(|finding| finding.rule.id()).collect();
    let rules: Vec<&Rule> = RULES
        .iter()
        .filter(|rule| found.contains(&rule.id()))
        .collect();
    let driver = sarif::ToolComponent::builder()
        .name("seaworthy")
        .version(version)
        .semantic_version(version)
        .rules(
            rules
                .iter()
                .map(|rule| descriptor(rule))
                .collect::<Vec<_>>(),
        )
        .build();
    let results = told.iter().flat_map(|told| results(told, &rules));
    let run = sarif::Run::builder()
        .tool(sarif::Tool::builder().driver(driver).build())
        .column_kind(json!("unicodeCodePoints"))
        .results(results.collect::<Vec<_>>())
        .build();
    let document = sarif::Sarif::builder()
        .version(json!("2.1.0"))
        .schema(SCHEMA)
        .runs(vec![run])
        .build();
    serde_json::to_value(document).expect("SARIF is JSON")
}

fn descriptor(rule: &Rule) -> sarif::ReportingDescriptor {
    let docs = rule.docs();
    let text = |text: &str| {
        sarif::MultiformatMessageString::builder()
            .text(text)
            .build()
    };
    let help = sarif::MultiformatMessageString::builder()
        .text(docs.why)
        .markdown(Docs::prose(rule.markdown()))
        .build();
    let level = sarif::ReportingConfiguration::builder()
        .level(json!(rule.meta.severity.word()))
        .build();
    sarif::ReportingDescriptor::builder()
        .id(rule.id())
        .name(rule.name())
        .short_description(text(&docs.what.replace('\n', " ")))
        .full_description(text(docs.why))
        .help(help)
        .default_configuration(level)
        .build()
}

fn results(told: &Told<'_>, rules: &[&Rule]) -> Vec<sarif::Result> {
    let redactor = Redactor::new(told.tree);
    let report = told.report;
    let findings: Vec<Finding> = report
        .findings
        .iter()
        .chain(&report.suppressed)
        .cloned()
        .collect();
    findings
        .iter()
        .zip(fingerprints(&findings, told.tree))
        .map(|(finding, fingerprint)| {
            let index = rules
                .iter()
                .position(|rule| rule.id() == finding.rule.id())
                .expect("every rule that found something is listed");
            result(finding, index, fingerprint, told, &redactor)
        })
        .collect()
}

fn result(
    finding: &Finding,
    index: usize,
    fingerprint: String,
    told: &Told<'_>,
    redactor: &Redactor,
) -> sarif::Result {
    let mut message = if finding.help.is_empty() {
        finding.message.clone()
    } else {
        format!("{}. To mend it: {}.", finding.message, finding.help)
    };
    if let Some(lines) = &finding.snippet {
        message = format!("{message} By hand:\n{lines}");
    }
    let related: Vec<sarif::Location> = finding
        .related
        .iter()
        .filter_map(|label| location(&label.place, Some(label), told, redactor))
        .collect();
    let primary = location(&finding.primary.place, None, told, redactor);
    let mut result = sarif::Result::builder()
        .rule_id(finding.rule.id())
        .rule_index(i64::try_from(index).expect("there are few rules"))
        .level(match finding.severity {
            Severity::Error => sarif::ResultLevel::Error,
            Severity::Warning => sarif::ResultLevel::Warning,
            Severity::Note => sarif::ResultLevel::Note,
        })
        .message(
            sarif::Message::builder()
                .text(redactor.mask(&message))
                .build(),
        )
        .locations(primary.into_iter().collect::<Vec<_>>())
        .partial_fingerprints(BTreeMap::from([("seaworthy/v1".to_owned(), fingerprint)]))
        .build();
    if !related.is_empty() {
        result.related_locations = Some(related);
    }
    result.fixes = fix(finding, told, redactor).map(|fix| vec![fix]);
    result.suppressions = finding
        .suppressed
        .as_ref()
        .map(|suppressed| vec![suppression(suppressed, told, redactor)]);
    result
}

fn suppression(
    suppressed: &Suppressed,
    told: &Told<'_>,
    redactor: &Redactor,
) -> sarif::Suppression {
    match suppressed {
        Suppressed::Allowed { reason, place } => {
            let mut suppression = sarif::Suppression::builder()
                .kind(json!("inSource"))
                .build();
            suppression.justification = reason.as_ref().map(|reason| redactor.mask(reason));
            suppression.location = location(place, None, told, redactor);
            suppression
        }
        Suppressed::Baseline => sarif::Suppression::builder()
            .kind(json!("external"))
            .build(),
    }
}

fn location(
    place: &Place,
    label: Option<&Label>,
    told: &Told<'_>,
    redactor: &Redactor,
) -> Option<sarif::Location> {
    let mut physical = sarif::PhysicalLocation::builder()
        .artifact_location(artifact(&told.path(place.path()?)))
        .build();
    if !matches!(place, Place::File(_)) {
        physical.region = Some(region(extent(place, told.tree)));
    }
    let mut location = sarif::Location::builder()
        .physical_location(physical)
        .build();
    location.message = label.map(|label| {
        sarif::Message::builder()
            .text(redactor.mask(&label.text))
            .build()
    });
    Some(location)
}

fn artifact(path: &str) -> sarif::ArtifactLocation {
    sarif::ArtifactLocation::builder()
        .uri(utf8_percent_encode(path, ESCAPED).to_string())
        .uri_base_id(ROOT)
        .build()
}

fn region([line, column, end_line, end_column]: [u32; 4]) -> sarif::Region {
    sarif::Region::builder()
        .start_line(i64::from(line))
        .start_column(i64::from(column))
        .end_line(i64::from(end_line))
        .end_column(i64::from(end_column))
        .build()
}

/// A fix that consists of edits; what creates or moves files has no form in SARIF, and what would
/// show a secret is left out.
fn fix(finding: &Finding, told: &Told<'_>, redactor: &Redactor) -> Option<sarif::Fix> {
    let fix = finding.fix.as_ref()?;
    let changes: Option<Vec<sarif::ArtifactChange>> = fix
        .changes
        .0
        .iter()
        .map(|change| match change {
            Change::Edit { path, edits } => {
                let replacements: Option<Vec<sarif::Replacement>> = edits
                    .iter()
                    .map(|edit| {
                        (redactor.mask(&edit.text) == edit.text)
                            .then(|| replacement(path, edit.span, &edit.text, told.tree))
                    })
                    .collect();
                Some(
                    sarif::ArtifactChange::builder()
                        .artifact_location(artifact(&told.path(path)))
                        .replacements(replacements?)
                        .build(),
                )
            }
            _ => None,
        })
        .collect();
    Some(
        sarif::Fix::builder()
            .description(
                sarif::Message::builder()
                    .text(redactor.mask(&fix.title))
                    .build(),
            )
            .artifact_changes(changes?)
            .build(),
    )
}

fn replacement(path: &Path, span: Span, text: &str, tree: &Tree) -> sarif::Replacement {
    let mut replacement = sarif::Replacement::builder()
        .deleted_region(region(extent(&Place::text(path, span), tree)))
        .build();
    if !text.is_empty() {
        replacement.inserted_content = Some(sarif::ArtifactContent::builder().text(text).build());
    }
    replacement
}
