//! What failed, by what it left in a log, and why, by what the app's files say.
//!
//! A [`Signature`] knows failures by their lines. What causes one is found by rules, so a diagnosis that a
//! rule agrees with is confirmed, and has its place and its fix.

mod listener;
mod signature;

use std::collections::BTreeMap;

pub use listener::{Heard, Listener, Said};
pub use signature::{Line, Phase, Rank, SIGNATURES, Signature};

use crate::finding::{Finding, Report};

/// A failure.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// What is known of it.
    pub signature: &'static Signature,
    /// How sure it is.
    pub rank: Rank,
    /// What is wrong, with what the log says of it.
    pub message: String,
    /// The lines that prove it, in their order.
    pub lines: Vec<Heard>,
    /// What rules find in the app that causes it.
    pub findings: Vec<Finding>,
    /// Whether there is an app, in which they looked.
    pub has_app: bool,
}

/// What a log tells.
#[derive(Clone, Debug, Default)]
pub struct Diagnoses {
    /// The failures, the surest first.
    pub all: Vec<Diagnosis>,
    /// What looks like one and is none.
    pub noise: Vec<Diagnosis>,
    /// Whether the log says itself that all went well.
    ended_well: bool,
}

/// What a log says on the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Something failed, and is known.
    Failed,
    /// It says so, and nothing that is known failed.
    Healthy,
    /// Nothing is known.
    Unknown,
}

impl Diagnoses {
    /// What it says on the whole.
    pub fn status(&self) -> Status {
        match (self.all.is_empty(), self.ended_well) {
            (false, _) => Status::Failed,
            (true, true) => Status::Healthy,
            (true, false) => Status::Unknown,
        }
    }
}

/// What failed, by a log and by what rules found in the app, if there is one.
pub fn diagnose(said: &Said, report: Option<&Report>) -> Diagnoses {
    let found: Vec<Diagnosis> = SIGNATURES
        .iter()
        .filter_map(|signature| of_signature(signature, said, report))
        .collect();
    let is_echo = |own: &Diagnosis| {
        let mut others = found.iter();
        others.any(|other| other.signature.explains(own.signature))
    };
    let (noise, mut all): (Vec<_>, Vec<_>) = found
        .iter()
        .filter(|own| !is_echo(own))
        .cloned()
        .partition(|own| own.signature.is_noise());
    all.sort_by_key(|own| (own.rank, own.lines.first().map(|line| line.line)));
    Diagnoses {
        all,
        noise,
        ended_well: said.ended_well(),
    }
}

fn of_signature(
    signature: &'static Signature,
    said: &Said,
    report: Option<&Report>,
) -> Option<Diagnosis> {
    let own: Vec<&Heard> = signature
        .lines()
        .iter()
        .filter_map(|line| said.line(line))
        .collect();
    let beside: Option<Vec<&Heard>> = signature
        .beside()
        .iter()
        .map(|line| said.line(line))
        .collect();
    let beside = beside?;
    let is_other = signature
        .never()
        .iter()
        .any(|line| said.line(line).is_some());
    if own.is_empty() || is_other {
        return None;
    }
    let mut lines: Vec<Heard> = own.into_iter().chain(beside).cloned().collect();
    let captured: BTreeMap<String, String> = lines
        .iter()
        .flat_map(|line| line.captured.clone())
        .collect();
    let is_different = |[one, other]: &[String; 2]| {
        let pair = captured.get(one).zip(captured.get(other));
        pair.is_some_and(|(one, other)| one != other)
    };
    if !signature.differ().iter().all(is_different) {
        return None;
    }
    lines.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    lines.dedup_by(|one, other| (&one.path, one.line) == (&other.path, other.line));
    let findings: Vec<Finding> = report
        .iter()
        .flat_map(|report| &report.findings)
        .filter(|finding| {
            signature
                .causes()
                .any(|rule| rule.id() == finding.rule.id())
        })
        .cloned()
        .collect();
    Some(Diagnosis {
        signature,
        rank: if findings.is_empty() {
            signature.alone()
        } else {
            Rank::Confirmed
        },
        message: filled(signature.message(), &captured),
        lines,
        findings,
        has_app: report.is_some(),
    })
}

/// A message with what was captured.
fn filled(message: &str, captured: &BTreeMap<String, String>) -> String {
    captured
        .iter()
        .fold(message.to_owned(), |message, (name, value)| {
            message.replace(&format!("{{{name}}}"), value)
        })
}
