//! The templates, and how a view becomes files. A template is its output with thin logic; all
//! thinking is in the view.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};

use super::view::View;
use crate::tree::Path;

/// Every template: where its output goes, its text, and whether the output is executable.
const TEMPLATES: [(&str, &str, bool); 5] = [
    (
        "Dockerfile",
        include_str!("../../knowledge/templates/Dockerfile.jinja"),
        false,
    ),
    (
        ".dockerignore",
        include_str!("../../knowledge/templates/.dockerignore.jinja"),
        false,
    ),
    (
        "bin/docker-entrypoint",
        include_str!("../../knowledge/templates/bin/docker-entrypoint.jinja"),
        true,
    ),
    (
        "config/deploy.yml",
        include_str!("../../knowledge/templates/config/deploy.yml.jinja"),
        false,
    ),
    (
        ".kamal/secrets",
        include_str!("../../knowledge/templates/.kamal/secrets.jinja"),
        false,
    ),
];

/// A file as its template writes it.
pub(super) struct Rendered {
    /// Where it goes.
    pub(super) path: Path,
    /// All of it.
    pub(super) text: String,
    /// Whether its owner may execute it.
    pub(super) executable: bool,
}

/// All files of a view.
///
/// # Panics
///
/// If a template is wrong: a mistake in the program that its tests find, never one of its input.
pub(super) fn render(view: &View) -> Vec<Rendered> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let whitespace = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(whitespace.expect("only white space is configured"));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let view = minijinja::Value::from(Serde(view));
    TEMPLATES
        .into_iter()
        .map(|(path, template, executable)| {
            let text = environment
                .render_named_str(path, template, &view)
                .unwrap_or_else(|error| panic!("the template of {path} is wrong: {error:#}"));
            Rendered {
                path: path.into(),
                text: squeezed(&text),
                executable,
            }
        })
        .collect()
}

/// At most one empty line in a row, none at the end: what a paragraph that is left out leaves.
fn squeezed(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    let mut was_empty = false;
    for line in text.lines() {
        let is_empty = line.trim().is_empty();
        if !(is_empty && was_empty) {
            squeezed.push_str(line.trim_end());
            squeezed.push('\n');
        }
        was_empty = is_empty;
    }
    format!("{}\n", squeezed.trim_end())
}
