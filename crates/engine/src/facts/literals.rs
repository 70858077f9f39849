//! Secrets whose value stands where git has it. The value itself is never handed on.

use syntax::dotenv;

use crate::fact::{Answer, Fact};
use crate::facts::App;
use crate::facts::compose::Service;
use crate::facts::kamal::Destination;
use crate::facts::placeholders::is_placeholder;
use crate::facts::setting::Setting;
use crate::render::redact;

/// A secret whose value stands in a file.
#[derive(Clone, Debug)]
pub struct Literal {
    /// What the file calls it.
    pub name: Fact<String>,
    /// The whole key, where that says more: `env.clear.SMTP_PASSWORD`.
    pub key: String,
    /// Whether the file is for lookups, so that the value could be looked up instead.
    pub is_in_secrets: bool,
}

/// How names of secrets end. What is behind a word is about the secret: `PASSWORD_MIN_LENGTH`,
/// `ACCESS_KEY_ID`, `TOKEN_URL`.
const ENDINGS: [&str; 19] = [
    "API_KEY",
    "APIKEY",
    "AUTH_KEY",
    "CREDENTIALS",
    "DERIVATION_SALT",
    "DETERMINISTIC_KEY",
    "ENCRYPTION_KEY",
    "ENCRYPTION_PRIMARY_KEY",
    "MASTER_KEY",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PRIVATE_KEY",
    "SECRET",
    "SECRET_ACCESS_KEY",
    "SECRET_KEY",
    "SECRET_KEY_BASE",
    "SIGNING_KEY",
    "TOKEN",
];

/// Words of names whose values browsers get.
const PUBLIC: [&str; 8] = [
    "BROWSER",
    "FRONTEND",
    "MAPS",
    "PUBLIC",
    "PUBLISHABLE",
    "SEARCH",
    "SITE",
    "VITE",
];

/// Pieces of values that nobody uses in production.
const FILLERS: [&str; 9] = [
    "change",
    "dummy",
    "example",
    "placeholder",
    "replace",
    "todo",
    "xxx",
    "your-",
    "your_",
];

impl Destination<'_> {
    /// Secrets whose value git has: in the configuration, or in a file that is for lookups.
    pub fn literals(&self) -> Vec<Literal> {
        let accessories = self.accessories();
        let scratch: Vec<String> = accessories
            .iter()
            .filter(|accessory| accessory.is_scratch())
            .map(|accessory| format!("accessories.{}.", accessory.name().value))
            .collect();
        let is_scratch = |key: &str| scratch.iter().any(|prefix| key.starts_with(prefix));
        let configured = self
            .configured_values()
            .into_iter()
            .filter(|(_, setting)| !is_scratch(&setting.key()))
            .filter(|(name, setting)| {
                let text = setting.text().known();
                text.is_some_and(|text| is_credential(name, &text))
            });
        let in_configuration = configured.map(|(name, setting)| Literal {
            key: setting.key(),
            name,
            is_in_secrets: false,
        });
        in_configuration
            .chain(self.literals_of_secrets())
            .filter(|literal| is_tracked(self.app(), &literal.name))
            .collect()
    }

    /// The values that Kamal hands on as they are: variables, arguments of the build, passwords.
    fn configured_values(&self) -> Vec<(Fact<String>, Setting<'_>)> {
        let root = self.root();
        let mut values = self.clear_variables();
        if let Answer::Is(arguments) = root.dig(&["builder", "args"]) {
            let arguments = arguments.members().into_iter();
            values.extend(arguments.map(|argument| (argument.name, argument.value)));
        }
        for registry in self.registries() {
            let members = registry.members().into_iter();
            let password = members.filter(|member| member.name.value == "password");
            values.extend(password.map(|member| (member.name, member.value)));
        }
        values
    }

    fn literals_of_secrets(&self) -> Vec<Literal> {
        let secrets = self.secrets();
        let mut literals = Vec::new();
        for source in secrets.sources() {
            for entry in &source.dotenv().entries {
                let value = entry.value_span.of(source.text());
                let is_literal = matches!(entry.value, dotenv::Value::Literal { .. });
                let name = &entry.key;
                if is_literal && is_credential(&name.value, value.trim_matches(['"', '\''])) {
                    literals.push(Literal {
                        name: Fact::read(
                            name.value.clone(),
                            source.path(),
                            name.span,
                            "the value stands here",
                        ),
                        key: name.value.clone(),
                        is_in_secrets: true,
                    });
                }
            }
        }
        literals
    }
}

impl Service<'_> {
    /// Variables whose value git has and is a secret. A password of development's is none: it opens
    /// what runs on one machine.
    pub fn literals(&self) -> Vec<Fact<String>> {
        let is_production = self.project().is_production();
        let is_secret = |name: &str, value: &str| {
            is_credential(name, value) && (is_production || is_key_anywhere(name, value))
        };
        let variables = self.variables().into_iter();
        let literals = variables.filter(|(name, value)| match value {
            Answer::Is(value) => is_secret(name, value),
            Answer::Absent(_) | Answer::Unknown(..) => false,
        });
        let names = literals.map(|(name, _)| name.labelled("the value stands here"));
        names
            .filter(|name| is_tracked(self.project().app(), name))
            .collect()
    }
}

/// Whether git has the file that a fact stands in.
fn is_tracked<T>(app: &App<'_>, fact: &Fact<T>) -> bool {
    let path = fact.origin.place.path();
    path.is_some_and(|path| app.is_tracked(path))
}

/// Whether a value opens something outside of the machine too: the token of a service, a private key,
/// the key of Rails' credentials.
fn is_key_anywhere(name: &str, value: &str) -> bool {
    let is_key = value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    redact::has_token(value) || (name == "RAILS_MASTER_KEY" && is_key)
}

/// Whether a value is surely a secret, by its shape or by its name.
fn is_credential(name: &str, value: &str) -> bool {
    if is_placeholder(value) || is_filler(value) {
        return false;
    }
    let name = name.to_uppercase();
    let is_named = redact::is_secret_name(&name)
        && (ENDINGS.iter().any(|ending| name.ends_with(ending)) || name.ends_with("_PASS"))
        && !PUBLIC
            .iter()
            .any(|word| name.split('_').any(|part| part == *word));
    redact::has_telling_shape(value) || (is_named && is_opaque(value))
}

fn is_filler(value: &str) -> bool {
    let value = value.to_lowercase();
    FILLERS.iter().any(|filler| value.contains(filler))
}

/// Whether a value could be a secret at all: no switch, small number, path, address or name of
/// another variable.
fn is_opaque(value: &str) -> bool {
    let is_word = ["false", "none", "null", "true"].contains(&value.to_lowercase().as_str());
    let is_number = value.len() < 8 && value.bytes().all(|byte| byte.is_ascii_digit());
    let is_variable = value
        .bytes()
        .all(|byte| byte == b'_' || byte.is_ascii_uppercase())
        && value.contains('_');
    value.len() >= 4
        && !is_word
        && !is_number
        && !is_variable
        && !value.starts_with(['/', '.', '~', '$'])
        && !value.contains("://")
        && !value.contains(char::is_whitespace)
        // Keys that are made to be public say so.
        && !["pk_", "pk.", "phc_"].iter().any(|prefix| value.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::is_credential;

    #[test]
    fn secrets_are_known_by_name_and_value() {
        for (name, value) in [
            ("SMTP_PASSWORD", "8fKq2ZrT6wYbH3nV"),
            ("POSTGRES_PASSWORD", "postgres"),
            ("DATABASE_URL", "postgres://app:s3cret@db/app"),
            ("password", "hunter22"),
            ("RAILS_MASTER_KEY", "7d3f09a1c4be58262f90d1ab37e6c845"),
        ] {
            assert!(is_credential(name, value), "{name}");
        }
        for (name, value) in [
            ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("DB_PASSWORD", "/run/secrets/db"),
            ("PASSWORD_MIN_LENGTH", "12345678"),
            ("AWS_ACCESS_KEY_ID", "abcdefgh"),
            ("RECAPTCHA_SITE_KEY", "6Lc_aX0pAAAAA"),
            ("STRIPE_PUBLIC_API_KEY", "pk_live_abc123"),
            ("API_TOKEN", "<your token>"),
            ("SECRET_KEY_BASE", "dummy"),
            ("SECRET_KEY_BASE_DUMMY", "1"),
            ("DATABASE_URL", "postgres://app@db/app"),
            ("password", "KAMAL_REGISTRY_PASSWORD"),
            ("SMTP_USERNAME", "keeper"),
        ] {
            assert!(!is_credential(name, value), "{name}");
        }
    }
}
