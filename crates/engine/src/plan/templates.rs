//! The templates, and how a view becomes files. A template is its output with thin logic; all
//! thinking is in the view.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::view::View;
use crate::tree::Path;

/// One template.
struct Template {
    /// Where its output goes.
    path: &'static str,
    text: &'static str,
    is_executable: bool,
    /// Whether the app needs it.
    is_wanted: fn(&View) -> bool,
}

/// Templates of files whose path is always the same; the tree of templates mirrors the tree that
/// they write.
macro_rules! templates {
    ($($path:literal $(from $file:literal)? $(as $executable:ident)? if $wanted:expr;)*) => {
        &[$(Template {
            path: $path,
            text: templates!(@text $path $($file)?),
            is_executable: templates!(@executable $($executable)?),
            is_wanted: $wanted,
        }),*]
    };
    (@text $path:literal) => {
        include_str!(concat!("../../knowledge/templates/", $path, ".jinja"))
    };
    (@text $path:literal $file:literal) => {
        include_str!(concat!("../../knowledge/templates/", $file, ".jinja"))
    };
    (@executable) => { false };
    (@executable executable) => { true };
}

const TEMPLATES: &[Template] = templates! {
    "Dockerfile" if |_| true;
    ".dockerignore" if |view| view.context.is_none();
    "Dockerfile.dockerignore" from ".dockerignore" if |view| view.context.is_some();
    "bin/docker-entrypoint" as executable if |_| true;
    "config/deploy.yml" if |view| !view.deploy.is_kamal_1;
    "config/deploy.yml" from "config/deploy.kamal-1.yml" if |view| view.deploy.is_kamal_1;
    ".kamal/secrets" if |view| !view.deploy.is_kamal_1;
    ".env.erb" if |view| view.deploy.is_kamal_1;
    "config/mysql/grants.sql" if |view| {
        view.deploy.database.as_ref().is_some_and(|database| database.grants.is_some())
    };
    "config/cache.yml" if |view| view.solid.cache;
    "config/queue.yml" if |view| view.solid.queue;
    "config/recurring.yml" if |view| view.solid.recurring;
    "config/cable.yml" if |view| view.solid.cable;
    "bin/thrust" as executable if |view| view.scripts.thrust;
    "bin/jobs" as executable if |view| view.scripts.jobs;
    "bin/setup" as executable if |view| view.scripts.setup;
    "bin/dev" as executable if |view| view.scripts.dev;
    "Procfile.dev" if |view| view.scripts.procfile;
    "docker-compose.yml" if |view| view.compose.is_some();
    ".env.example" if |view| view.compose.is_some();
    ".github/workflows/deploy.yml" if |view| view.workflow.is_some();
    ".kamal/hooks/docker-setup" as executable if |view| view.hooks.contains(&"docker-setup");
    ".kamal/hooks/pre-connect" as executable if |view| view.hooks.contains(&"pre-connect");
    ".kamal/hooks/pre-build" as executable if |view| view.hooks.contains(&"pre-build");
    ".kamal/hooks/pre-deploy" as executable if |view| view.hooks.contains(&"pre-deploy");
    ".kamal/hooks/pre-app-boot" as executable if |view| view.hooks.contains(&"pre-app-boot");
    ".kamal/hooks/post-deploy" as executable if |view| view.hooks.contains(&"post-deploy");
};

/// `config/deploy.NAME.yml`.
const DESTINATION: &str =
    include_str!("../../knowledge/templates/config/deploy.destination.yml.jinja");
/// `.kamal/secrets` and `.kamal/secrets.NAME`.
const SECRETS: &str = include_str!("../../knowledge/templates/.kamal/secrets.jinja");

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
    let whole = Value::from(Serde(view));
    let secrets = Value::from(Serde(&view.deploy.secrets));
    let base = context! { secrets => secrets, ..whole.clone() };
    let mut files: Vec<Rendered> = TEMPLATES
        .iter()
        .filter(|template| (template.is_wanted)(view))
        .map(|template| Rendered {
            path: template.path.into(),
            text: fill(&environment, template.path, template.text, &base),
            executable: template.is_executable,
        })
        .collect();
    for destination in &view.destinations {
        let secrets = Value::from(Serde(&destination.secrets));
        let own = Value::from(Serde(destination));
        let context = context! { destination => own, secrets => secrets, ..whole.clone() };
        let parts = [
            (
                format!("config/deploy.{}.yml", destination.name),
                DESTINATION,
            ),
            (format!(".kamal/secrets.{}", destination.name), SECRETS),
        ];
        for (path, template) in parts {
            // A destination is named on the command line, so the path may be none.
            let Some(place) = Path::new(&path) else {
                continue;
            };
            files.push(Rendered {
                text: fill(&environment, &path, template, &context),
                path: place,
                executable: false,
            });
        }
    }
    files
}

fn fill(environment: &Environment<'_>, path: &str, template: &str, context: &Value) -> String {
    let text = environment
        .render_named_str(path, template, context)
        .unwrap_or_else(|error| panic!("the template of {path} is wrong: {error:#}"));
    squeezed(&text)
}

/// At most one empty line in a row, none at the end: what a paragraph
/// that is left out leaves.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::TEMPLATES;
    use crate::facts::wants;
    use crate::tree::{Entry, Listed, Path, Tree};

    /// What is not read is taken for new, each time again.
    #[test]
    fn what_is_written_is_read_again() {
        let written: Vec<Path> = TEMPLATES
            .iter()
            .map(|template| Path::from(template.path))
            .collect();
        let mut tree = Tree::default();
        let mut read = BTreeSet::new();
        loop {
            let wants = wants(&tree);
            if wants.is_empty() {
                break;
            }
            for folder in wants.folders {
                let own = written.iter().filter(|path| path.parent() == folder);
                let names = own.map(|path| Listed {
                    name: path.name().to_owned(),
                    is_folder: false,
                });
                let names = names.collect();
                tree.answer_folder(folder, names);
            }
            for file in wants.files {
                tree.answer(file.clone(), Entry::Missing);
                read.insert(file);
            }
        }
        let unread: Vec<&Path> = written
            .iter()
            .filter(|path| !read.contains(*path))
            .collect();
        assert!(unread.is_empty(), "{unread:?}");
    }
}
