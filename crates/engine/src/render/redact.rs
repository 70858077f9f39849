//! Keeps secrets out of everything that is shown.

use std::collections::BTreeSet;

use syntax::dotenv::Value;

use crate::tree::Tree;

/// Words in the name of a key whose value is nobody's business.
const SECRET_WORDS: [&str; 14] = [
    "ACCESS_KEY",
    "ACCESSKEY",
    "API_KEY",
    "APIKEY",
    "AUTH_KEY",
    "CREDENTIAL",
    "ENCRYPTION_KEY",
    "MASTER_KEY",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PRIVATE_KEY",
    "SECRET",
    "TOKEN",
];

/// Values shorter than this are too common to be looked for everywhere.
const SHORTEST: usize = 6;

/// Masks the secrets of one app, byte for byte, so that lines and columns stay.
#[derive(Debug, Default)]
pub struct Redactor {
    /// Values that stand in a secrets file, longest first.
    known: Vec<String>,
}

impl Redactor {
    /// Learns the values that the app's secrets files hold.
    pub fn new(tree: &Tree) -> Self {
        let mut known: BTreeSet<String> = BTreeSet::new();
        for source in tree
            .sources()
            .filter(|source| is_secrets_file(source.path()))
        {
            for entry in &source.dotenv().entries {
                if matches!(entry.value, Value::Literal { .. }) {
                    let value = entry
                        .value_span
                        .of(source.text())
                        .trim_matches(['"', '\'', '\r']);
                    known.insert(value.to_owned());
                }
            }
        }
        let mut known: Vec<String> = known
            .into_iter()
            .filter(|value| value.len() >= SHORTEST)
            .collect();
        known.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self { known }
    }

    /// `text` with every secret in it masked by `*`, and its length in bytes unchanged.
    pub fn mask(&self, text: &str) -> String {
        let mut masked = text.as_bytes().to_vec();
        for value in &self.known {
            for (at, _) in text.match_indices(value.as_str()) {
                masked[at..at + value.len()].fill(b'*');
            }
        }
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            for (from, to) in secrets_in_line(line) {
                masked[start + from..start + to].fill(b'*');
            }
            start += line.len();
        }
        String::from_utf8(masked).unwrap_or_default()
    }
}

fn is_secrets_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    // What is there to be copied and filled in holds nobody's secrets, and its words are common.
    let is_example = [".example", ".sample", ".template", ".erb"]
        .iter()
        .any(|ending| name.ends_with(ending));
    path.starts_with(".kamal/secrets") || (name.starts_with(".env") && !is_example)
}

/// The ranges of a line that look like a secret's value: what telling keys are set to, and the
/// password of a URL.
fn secrets_in_line(line: &str) -> Vec<(usize, usize)> {
    let mut ranges: Vec<(usize, usize)> = url_password(line).into_iter().collect();
    for (separator, sign) in line.match_indices([':', '=']) {
        let before = line[..separator].trim_end().trim_end_matches(['"', '\'']);
        let is_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
        let key = before.rsplit(|c| !is_name(c)).next().unwrap_or_default();
        if !is_secret_name(key) {
            continue;
        }
        let value = line[separator + 1..].trim_start_matches([' ', '\t', '=', '>']);
        let start = line.len() - value.len();
        let value = &value[..value_length(value, sign)];
        if !is_lookup(value) {
            ranges.push((start, start + value.len()));
        }
    }
    ranges
}

/// How far a value goes: to its closing quote; after `=` to white space, after `:` to a comment or
/// the end of the line.
fn value_length(value: &str, sign: &str) -> usize {
    if let Some(quote) = value
        .chars()
        .next()
        .filter(|first| ['"', '\''].contains(first))
    {
        return value[1..]
            .find(quote)
            .map_or(value.trim_end().len(), |end| end + 2);
    }
    let end = if sign == "=" {
        value.find(char::is_whitespace)
    } else {
        value.find(" #")
    };
    value[..end.unwrap_or(value.len())].trim_end().len()
}

/// Whether a key's name says that its value is a secret.
pub fn is_secret_name(key: &str) -> bool {
    let key = key.to_uppercase().replace('-', "_");
    // SECRET_KEY_BASE_DUMMY only says that there is none.
    !key.ends_with("_DUMMY") && SECRET_WORDS.iter().any(|word| key.contains(word))
}

/// Whether a value only says where the secret is: a variable, a command, ERB, a list of names; or
/// is a digest.
fn is_lookup(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'']);
    bare.is_empty()
        || ["$", "<%", "ENV", "[", "Rails.", "sha256:"]
            .iter()
            .any(|prefix| bare.starts_with(prefix))
        || ["true", "false", "null", "~"].contains(&bare)
}

/// The password of `scheme://user:password@host`.
fn url_password(line: &str) -> Option<(usize, usize)> {
    let authority = line.find("://")? + 3;
    let end = line[authority..]
        .find(['/', ' ', '"', '\'', '\n'])
        .map_or(line.len(), |end| authority + end);
    let at = authority + line[authority..end].rfind('@')?;
    let colon = authority + line[authority..at].find(':')? + 1;
    (!line[colon..at].starts_with(['$', '<'])).then_some((colon, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Source;

    fn mask(text: &str) -> String {
        Redactor::default().mask(text)
    }

    #[test]
    fn values_of_telling_keys_are_masked() {
        assert_eq!(
            mask("  POSTGRES_PASSWORD: hunter22 # dev\n"),
            "  POSTGRES_PASSWORD: ******** # dev\n"
        );
        assert_eq!(mask("+API_KEY=abc\r\n"), "+API_KEY=***\r\n");
        assert_eq!(
            mask("ENV API_TOKEN=abcdef RAILS_ENV=production"),
            "ENV API_TOKEN=****** RAILS_ENV=production"
        );
        assert_eq!(
            mask("{ \"secret\": \"abc\", \"a\": 1 }"),
            "{ \"secret\": *****, \"a\": 1 }"
        );
        assert_eq!(
            mask("url: postgres://app:s3cret@db/app"),
            "url: postgres://app:******@db/app"
        );
    }

    #[test]
    fn lookups_and_other_lines_stay() {
        for line in [
            "RAILS_MASTER_KEY=$RAILS_MASTER_KEY",
            "KEY_PASSWORD=$(cat config/master.key)",
            "password: <%= ENV[\"APP_DATABASE_PASSWORD\"] %>",
            "  - POSTGRES_PASSWORD",
            "  secret:",
            "host: harbour.example.org",
            "url: postgres://app:$PASSWORD@db/app",
            "RUN SECRET_KEY_BASE_DUMMY=1 ./bin/rails assets:precompile",
        ] {
            assert_eq!(mask(line), line);
        }
    }

    #[test]
    fn literals_of_secrets_files_are_masked_everywhere() {
        let tree = Tree::of([Source::new(
            ".kamal/secrets".into(),
            "NAME=correct-horse\nOTHER=$X\n",
        )]);
        let redactor = Redactor::new(&tree);
        assert_eq!(
            redactor.mask("says correct-horse here"),
            "says ************* here"
        );
    }
}
