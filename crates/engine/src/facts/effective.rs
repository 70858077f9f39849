//! A merged configuration as lines, each with the file that it comes from: what `seaworthy config`
//! shows.

use crate::fact::{Answer, Place, Why};
use crate::facts::kamal::Destination;
use crate::facts::setting::Setting;

/// Deeper than anybody writes by hand; aliases that lead back to themselves end here.
const DEEPEST: usize = 32;

/// More than any configuration has: a few lines of aliases can stand for billions of values.
const MOST: usize = 10_000;

/// A key or an item of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How deep it stands.
    pub depth: usize,
    /// The dotted key from the root; items have their number in brackets.
    pub key: String,
    /// Its last part, as YAML has it: `proxy:`, `-`.
    pub name: String,
    /// The scalar as it is written; nothing where a list or a mapping follows, or nobody can tell.
    pub value: Option<String>,
    /// Why it cannot be told.
    pub why: Option<Why>,
    /// Where it stands.
    pub place: Place,
}

/// All that Kamal is told for a destination, as it merges it, in the order of the files.
pub fn lines(destination: &Destination<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    mapping(destination.root(), 0, "", &mut lines);
    lines
}

fn mapping(setting: &Setting<'_>, depth: usize, above: &str, lines: &mut Vec<Line>) {
    for (name, value) in setting.answers() {
        let key = if above.is_empty() {
            name.value.clone()
        } else {
            format!("{above}.{}", name.value)
        };
        let label = format!("{}:", name.value);
        match value {
            Answer::Is(value) => line(&value, depth, &key, label, lines),
            Answer::Absent(_) => lines.push(Line {
                depth,
                key,
                name: label,
                value: Some("null".to_owned()),
                why: None,
                place: name.origin.place,
            }),
            Answer::Unknown(_, why) => lines.push(Line {
                depth,
                key,
                name: label,
                value: None,
                why: Some(why),
                place: name.origin.place,
            }),
        }
    }
}

fn line(setting: &Setting<'_>, depth: usize, key: &str, name: String, lines: &mut Vec<Line>) {
    let is_collection = setting.is_mapping() || setting.is_sequence();
    let value = setting.value();
    lines.push(Line {
        depth,
        key: key.to_owned(),
        name,
        value: (!is_collection).then(|| setting.written().to_owned()),
        why: match value {
            Answer::Unknown(_, why) if !is_collection => Some(why),
            _ => None,
        },
        place: if is_collection {
            setting.name()
        } else {
            setting.place()
        },
    });
    if depth >= DEEPEST || lines.len() >= MOST {
        return;
    }
    if setting.is_mapping() {
        mapping(setting, depth + 1, key, lines);
    } else if setting.is_sequence() {
        for (number, item) in setting.items().iter().enumerate() {
            line(
                item,
                depth + 1,
                &format!("{key}[{number}]"),
                "-".to_owned(),
                lines,
            );
        }
    }
}
