use crate::facts::kamal::Destination;
use crate::facts::kamal_keys::Mismatch;
use crate::facts::setting::Shape;
use crate::finding::{Consequence, Finding, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let kamal = destination.kamal()?;
    for given in destination.given() {
        let Some(mismatch) = given.mismatch() else {
            continue;
        };
        let Mismatch {
            value,
            path,
            wanted,
        } = &mismatch;
        let there = describe(value.shape());
        let subject = if *path == given.path() && value.place() != given.value.place() {
            format!("an item of `{path}`")
        } else {
            format!("`{path}`")
        };
        let place = if value.shape() == Shape::Nothing {
            value.name()
        } else {
            value.place()
        };
        let finding = report.place(
            place,
            format!("{there} stands here"),
            format!("{subject} is {there}, and Kamal {kamal} takes {wanted}"),
        );
        mend(finding, &mismatch);
    }
    None
}

fn mend(finding: &mut Finding, mismatch: &Mismatch<'_>) {
    let Mismatch { value, wanted, .. } = mismatch;
    let text = value.text();
    let written = text
        .clone()
        .known()
        .map(|text| text.value)
        .unwrap_or_default();
    let is_bare = match (value.shape(), wanted.as_str()) {
        (Shape::Text, "a whole number") => written
            .parse::<u32>()
            .is_ok_and(|number| number.to_string() == written),
        (Shape::Text, "true or false") => ["true", "false"].contains(&written.as_str()),
        _ => false,
    };
    match value.shape() {
        Shape::Text if is_bare => {
            let changes = text.known().and_then(|text| text.replace(written.clone()));
            finding.fix("write it without quotes", changes);
        }
        Shape::Date | Shape::Integer | Shape::Float if wanted.starts_with("a text") => {
            let changes = text
                .known()
                .and_then(|text| text.replace(format!("\"{written}\"")));
            finding.fix("write it in quotes", changes);
        }
        Shape::Nothing => {
            finding.help(format!("give it {wanted}, or leave the key out"));
        }
        Shape::Mapping if wanted == "a text" => {
            finding.help("write a text; a space after a colon makes a mapping of it");
        }
        _ => {
            finding.help(format!("write {wanted}"));
        }
    }
}

fn describe(shape: Shape) -> &'static str {
    match shape {
        Shape::Nothing | Shape::Dynamic => "nothing",
        Shape::Text => "a text",
        Shape::Integer | Shape::Float => "a number",
        Shape::Boolean(true) => "true",
        Shape::Boolean(false) => "false",
        Shape::Date => "a date",
        Shape::List => "a list",
        Shape::Mapping => "a mapping",
    }
}
