//! Which language a file of a Rails app is in.

use syntax::{SyntaxError, dotenv};

use crate::tree::Source;

/// The first syntax error of a file, and the language's name; `None` for a file without one or in
/// a language that is not read here.
pub fn first_error(source: &Source) -> Option<(&'static str, &SyntaxError)> {
    let (language, errors) = errors(source)?;
    errors
        .iter()
        .filter(|error| error.message != dotenv::PASSED_OVER)
        .min_by_key(|error| error.span)
        .map(|error| (language, error))
}

fn errors(source: &Source) -> Option<(&'static str, &[SyntaxError])> {
    let path = source.path().as_str();
    let name = source.path().name();
    let is = |ending: &str| name.ends_with(ending);
    Some(if is(".yml") || is(".yaml") {
        ("YAML", &source.yaml().errors)
    } else if is(".rb") || name == "Gemfile" || is(".ru") {
        ("Ruby", &source.ruby().errors)
    } else if name == "Gemfile.lock" {
        ("Gemfile.lock", &source.lockfile().errors)
    } else if is(".json") {
        ("JSON", &source.json().errors)
    } else if is(".dockerignore") {
        (".dockerignore", &source.dockerignore().errors)
    } else if name == "Dockerfile" || name.starts_with("Dockerfile.") || is(".Dockerfile") {
        ("Dockerfile", &source.dockerfile().errors)
    } else if path.starts_with(".kamal/secrets") {
        ("dotenv", &source.dotenv().errors)
    } else if path.starts_with("bin/") && is_shell(source) {
        ("shell", &source.shell().errors)
    } else {
        return None;
    })
}

/// Whether the first line says that a shell runs the file.
fn is_shell(source: &Source) -> bool {
    let first = source.text().lines().next().unwrap_or_default();
    first.starts_with("#!")
        && ["sh", "bash", "dash"]
            .iter()
            .any(|shell| first.split(['/', ' ', '\r']).any(|word| word == *shell))
}
