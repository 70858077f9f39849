//! A plan for people.

use std::fmt::Write as _;

use engine::finding::Severity;
use engine::plan::{Decision, Estimate, Plan, State};
use engine::render::text::{counted, printable_lines};
use engine::render::{Redactor, text};
use engine::tree::Tree;

use crate::arguments::Init;
use crate::output::Output;

/// The plan for people: what it is for, decisions, files, and what only the user can say.
pub(super) fn describe(plan: &Plan, tree: &Tree, init: &Init, output: &Output) -> String {
    let mut text = output.bold(&format!("{}\n", plan.summary));
    let _ = writeln!(text, "\n{}", output.bold("Decisions"));
    for decision in &plan.decisions {
        text.push_str(&describe_decision(decision, tree, init.explain));
    }
    if init.explain {
        let _ = writeln!(text, "\n{}", output.bold("Left out on purpose"));
        for left_out in &plan.left_out {
            let _ = writeln!(text, "  {}\n    {}", left_out.what, left_out.why);
        }
    }
    let _ = writeln!(text, "\n{}", output.bold("Files"));
    for file in &plan.files {
        let (mark, word) = match file.state {
            State::New => ('+', "new"),
            State::Updated => ('~', "updated: still as init wrote it"),
            State::Unchanged => ('=', "as it should be"),
            State::Replaced => ('!', "yours, replaced as you said"),
            State::Extended => ('*', "yours, with lines that it lacks"),
            State::Edited => ('!', "yours, as you edited it"),
            State::Kept => ('.', "yours, stays; --replace overwrites it"),
        };
        let _ = writeln!(text, "  {mark} {:<24} {word}", file.path.as_str());
    }
    if init.diff {
        text.push('\n');
        text.push_str(&diffs(plan, tree));
    }
    let _ = writeln!(text, "\n{}", output.bold("Expected image"));
    text.push_str(&describe_estimate(&plan.estimate, init.explain));
    if !plan.notes.is_empty() {
        let _ = writeln!(text, "\n{}", output.bold("Good to know"));
        for note in &plan.notes {
            let _ = writeln!(text, "  - {note}");
        }
    }
    text
}

fn describe_decision(decision: &Decision, tree: &Tree, explains: bool) -> String {
    let origin = decision.origin.place.describe(tree);
    let mut text = format!(
        "  {:<18} {:<34} {origin}\n",
        decision.subject, decision.value
    );
    if explains {
        let _ = writeln!(text, "  {:<18} {}", "", decision.why);
        for from in decision.origin.chain().into_iter().skip(1) {
            let _ = writeln!(text, "  {:<18} from {}", "", from.place.describe(tree));
        }
    }
    text
}

/// The image's size by its parts, and what to leave out where it is over the budget.
fn describe_estimate(estimate: &Estimate, explains: bool) -> String {
    let megabytes = |bytes: u64| format!("{} MB", (bytes + 500_000) / 1_000_000);
    let (total, budget) = (estimate.bytes(), estimate.budget());
    let is_over = total > budget;
    let mut text = String::new();
    for component in &estimate.components {
        let advice = component.advice.as_deref().filter(|_| explains || is_over);
        let line = format!(
            "  {:>7}  {:<28} {}",
            megabytes(component.bytes),
            component.name,
            advice.unwrap_or_default()
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let verdict = if is_over { "over" } else { "within" };
    let _ = writeln!(
        text,
        "  {:>7}  in all before compression, {verdict} the budget of {}",
        megabytes(total),
        megabytes(budget)
    );
    if !estimate.not_counted.is_empty() {
        let _ = writeln!(text, "  not counted: {}", estimate.not_counted.join(", "));
    }
    text
}

pub(super) fn diffs(plan: &Plan, tree: &Tree) -> String {
    let redactor = Redactor::new(tree);
    let outcomes = plan.changes.outcomes(tree).unwrap_or_default();
    outcomes.iter().fold(String::new(), |text, outcome| {
        text + &printable_lines(&redactor.mask(&outcome.diff())) + "\n"
    })
}

/// The audit of the result, what needs the user, and what comes next.
pub(super) fn closing(plan: &Plan, written: bool, shows_only: bool, output: &Output) -> String {
    let mut text = String::new();
    let (needs, other): (Vec<_>, Vec<_>) = plan
        .audit
        .findings
        .iter()
        .partition(|finding| finding.rule.name() == "placeholder-value");
    if !needs.is_empty() {
        let _ = writeln!(text, "\n{}", output.bold("Needs you"));
        for finding in &needs {
            let place = finding.primary.place.describe(&plan.after);
            let _ = writeln!(text, "  - {place}: {}", finding.help);
        }
    }
    if !other.is_empty() {
        text.push('\n');
        let other: Vec<_> = other.into_iter().cloned().collect();
        text.push_str(&text::findings(&other, &plan.after, output.style()));
    }
    let errors = plan.audit.count(Severity::Error);
    let found = plan.audit.findings.len();
    let audited = if found == 0 {
        "no findings".to_owned()
    } else {
        format!(
            "{} ({})",
            counted(found, "finding"),
            counted(errors, "error")
        )
    };
    let _ = writeln!(text, "\n{} {audited}", output.bold("Audit of the result:"));
    let verdict = if written {
        "Written."
    } else if plan.changes.is_empty() {
        "Nothing to write: everything is as it should be."
    } else if shows_only {
        "Nothing was written. Next: seaworthy init --yes"
    } else {
        "Nothing was written. Next: seaworthy init --yes, or --diff to see the files"
    };
    let _ = writeln!(text, "{verdict}");
    if !needs.is_empty() && (written || plan.changes.is_empty()) {
        text.push_str(
            "Next: give those values, as options of init or in the files, then seaworthy check\n",
        );
    } else if written {
        let _ = writeln!(text, "\n{}", output.bold("Next"));
        let width = plan
            .next
            .iter()
            .map(|step| step.command.len())
            .max()
            .unwrap_or_default();
        for step in &plan.next {
            let (command, width) = (&step.command, width.min(44));
            let _ = writeln!(text, "  {command:<width$}  {}", step.what);
        }
    }
    text
}
