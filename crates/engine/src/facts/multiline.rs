//! Secrets of several lines, which containers get as one.
//!
//! Upstream: kamal 2.12 `lib/kamal/env_file.rb`: a line break becomes the two characters `\n`, as the
//! file that `docker run --env-file` reads has a variable on each line.

use syntax::ruby::{Call, Expression, ExpressionKind};

use crate::fact::Fact;
use crate::facts::kamal::{Destination, Role, container_name, source_name};
use crate::tree::Source;

/// Endings of files that have several lines.
const ENDINGS: [&str; 5] = [".crt", ".json", ".p8", ".pem", ".private-key"];

/// What reads a text and fails where line breaks are gone: the constant, and its method.
const READERS: [(&str, &str); 6] = [
    ("JSON", "parse"),
    ("OpenSSL::PKey", "read"),
    ("OpenSSL::PKey::EC", "new"),
    ("OpenSSL::PKey::RSA", "new"),
    ("OpenSSL::X509::Certificate", "new"),
    ("StringIO", "new"),
];

/// A secret of several lines, and where the app reads it as if it still had them.
#[derive(Clone, Debug)]
pub struct Multiline {
    /// The variable.
    pub variable: Fact<String>,
    /// The file that it is looked up in.
    pub file: Fact<String>,
    /// What reads it: `JSON.parse`.
    pub reader: Fact<String>,
}

impl Destination<'_> {
    /// Secrets of several lines that the app reads as they are.
    pub fn multiline_secrets(&self) -> Vec<Multiline> {
        let Some(secrets) = self.known_secrets() else {
            return Vec::new();
        };
        let roles = self.roles();
        let given = roles
            .iter()
            .filter(|role| Role::runs_rails(role))
            .flat_map(|role| role.environment().secret());
        let mut found: Vec<Multiline> = Vec::new();
        for secret in given {
            let variable = container_name(secret);
            if found.iter().any(|known| known.variable.value == variable) {
                continue;
            }
            let file = secrets.file(source_name(secret));
            let file = file.filter(|file| ENDINGS.iter().any(|ending| file.ends_with(ending)));
            if let Some(file) = file
                && let Some(reader) = self.reader_of(variable)
            {
                found.push(Multiline {
                    variable: secret.clone().map(|_| variable.to_owned()),
                    file,
                    reader,
                });
            }
        }
        found
    }

    /// The first place of the app's configuration that reads a variable as a text of several lines.
    fn reader_of(&self, variable: &str) -> Option<Fact<String>> {
        let is_ruby = |source: &&Source| source.path().ends_with(".rb");
        let sources = self.app().tree().sources().filter(is_ruby);
        sources
            .flat_map(|source| source.ruby().calls.iter().map(move |call| (source, call)))
            .find_map(|(source, call)| {
                let reader = reader(call)?;
                let is_read = is_variable(call.arguments.first()?, variable);
                is_read.then(|| Fact::read(reader, source.path(), call.span, "read here"))
            })
    }
}

/// `JSON.parse`, if a call is such a reader.
fn reader(call: &Call) -> Option<String> {
    let receiver = call.receiver.as_deref()?.trim_start_matches("::");
    READERS
        .into_iter()
        .find(|(constant, method)| receiver == *constant && call.name.value == *method)
        .map(|(constant, method)| format!("{constant}.{method}"))
}

/// Whether an expression is the variable itself, with nothing made of it.
fn is_variable(expression: &Expression, variable: &str) -> bool {
    matches!(&expression.kind, ExpressionKind::Env { name, .. } if name == variable)
}
