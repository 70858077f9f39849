//! Keeps secrets out of everything that is shown.

mod pem;
mod token;

use std::collections::BTreeSet;
use std::ops::Range;

use syntax::dotenv::{Entry, Value};

use crate::facts::App;
use crate::facts::bundler::{server_of_setting, server_of_variable};
use crate::facts::kamal::Destination;
use crate::tree::{Source, Tree};

/// Words in the name of a key whose value is nobody's business.
const SECRET_WORDS: [&str; 18] = [
    "ACCESS_KEY",
    "ACCESSKEY",
    "API_KEY",
    "APIKEY",
    "AUTH_KEY",
    "CREDENTIAL",
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
    "SIGNING_KEY",
    "TOKEN",
];

/// Values shorter than this are too common to be looked for everywhere.
const SHORTEST: usize = 6;

/// Masks the secrets of one app, byte for byte, so that lines and columns stay.
#[derive(Debug, Default)]
pub struct Redactor {
    /// Values that stand in a secrets file, or where only the lines around them tell that they are
    /// secrets; longest first.
    known: Vec<String>,
}

impl Redactor {
    /// Learns the values that the app's files hold.
    pub fn new(tree: &Tree) -> Self {
        let elsewhere = secrets_elsewhere(tree);
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for source in tree.sources() {
            let text = source.text();
            if is_secrets_file(source.path())
                || elsewhere.iter().any(|path| *path == **source.path())
            {
                known.extend(literals(source));
            }
            // An excerpt or a diff may not have the lines that tell what these are.
            let told_by_others = pem::bodies(text).into_iter().chain(values_below_keys(text));
            known.extend(
                told_by_others
                    .flat_map(|range| text[range].lines())
                    .map(bare),
            );
        }
        let mut known: Vec<String> = known
            .into_iter()
            .filter(|value| value.len() >= SHORTEST)
            .map(str::to_owned)
            .collect();
        known.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self { known }
    }

    /// `text` with every secret in it masked by `*`, and its length in bytes unchanged.
    pub fn mask(&self, text: &str) -> String {
        let mut masked = text.as_bytes().to_vec();
        let known = self.known.iter().flat_map(|value| {
            text.match_indices(value.as_str())
                .map(|(at, value)| at..at + value.len())
        });
        let mut start = 0;
        let in_lines = text.split_inclusive('\n').flat_map(|line| {
            let at = start;
            start += line.len();
            secrets_in_line(line)
                .into_iter()
                .map(move |range| at + range.start..at + range.end)
        });
        let over_lines = pem::bodies(text)
            .into_iter()
            .chain(values_below_keys(text))
            .chain(token::tokens(text));
        for range in known.chain(in_lines).chain(over_lines) {
            let bytes = masked[range].iter_mut();
            bytes
                .filter(|byte| !matches!(byte, b'\n' | b'\r'))
                .for_each(|byte| *byte = b'*');
        }
        String::from_utf8(masked).unwrap_or_default()
    }
}

/// The secrets files that `secrets_path` names.
fn secrets_elsewhere(tree: &Tree) -> Vec<String> {
    let app = App::new(tree);
    let destinations = app.destinations();
    let secrets = destinations.iter().map(Destination::secrets);
    secrets
        .flat_map(|secrets| secrets.sources().to_vec())
        .map(|source| source.path().to_string())
        .collect()
}

/// The lines of all literal values of a secrets file. A plain word is none unless its name says so:
/// `RAILS_ENV=production` would take that word out of all that is shown.
fn literals(source: &Source) -> impl Iterator<Item = &str> {
    let text = |entry: &Entry| entry.value_span.of(source.text());
    let entries = source.dotenv().entries.iter();
    entries
        .filter(|entry| matches!(entry.value, Value::Literal { .. }))
        .filter(move |entry| is_secret_name(&entry.key.value) || !is_word(bare(text(entry))))
        .flat_map(move |entry| text(entry).lines())
        .map(bare)
}

fn is_word(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// A value without white space and quotes around it.
fn bare(value: &str) -> &str {
    value.trim().trim_matches(['"', '\''])
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
/// passwords of URLs.
fn secrets_in_line(line: &str) -> Vec<Range<usize>> {
    let mut ranges = url_passwords(line);
    ranges.extend(told_to_bundler(line));
    for (separator, sign) in line.match_indices([':', '=']) {
        let key = key_before(line, separator);
        if !is_secret_name(key) {
            continue;
        }
        let value = line[separator + 1..].trim_start_matches([' ', '\t', '=', '>']);
        let start = line.len() - value.len();
        if let Some(list) = value.strip_prefix('[') {
            let items = secret_items(list, is_plural(key));
            ranges.extend(
                items
                    .into_iter()
                    .map(|item| start + 1 + item.start..start + 1 + item.end),
            );
            continue;
        }
        let value = &value[..value_length(value, sign)];
        // An item of a list without a space is no mapping: Kamal's `NAME:SOURCE` names two secrets.
        let before = line[..separator].trim_end_matches(key).trim_end();
        let is_alias = sign == ":"
            && before.ends_with(['-', '[', ','])
            && line[separator + 1..].starts_with(value)
            && is_name_of_secret(value.trim_end_matches([']', ',']), false);
        // Rails' messages tell people to run `bin/rails credentials:edit`.
        let is_command = key == "credentials"
            && ["edit", "show", "diff"]
                .iter()
                .any(|verb| value.starts_with(verb));
        if !(is_alias || is_command || is_lookup(value, sign) || is_block_sign(value)) {
            ranges.push(start..start + value.len());
        }
    }
    ranges
}

/// The key that ends before a `:` or `=`.
fn key_before(line: &str, separator: usize) -> &str {
    let before = line[..separator].trim_end().trim_end_matches(['"', '\'']);
    let is_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    before.rsplit(|c| !is_name(c)).next().unwrap_or_default()
}

/// The items of a list on one line, behind its `[`, that are no names of secrets.
fn secret_items(list: &str, are_names: bool) -> Vec<Range<usize>> {
    let list = &list[..list.rfind(']').unwrap_or(list.len())];
    let mut start = 0;
    let mut ranges = Vec::new();
    for item in list.split(',') {
        let value = item.trim().trim_end_matches(']');
        let at = start + item.len() - item.trim_start().len();
        start += item.len() + 1;
        if !is_lookup(value, ":") && !is_name_of_secret(bare(value), are_names) {
            ranges.push(at..at + value.len());
        }
    }
    ranges
}

/// What stands below a telling key rather than beside it: the items of a list, a block, a value on
/// the next line.
fn values_below_keys(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut open: Option<Below> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(below) = &open
            && !line.trim_matches(['+', '-', ' ', '\n', '\r']).is_empty()
        {
            if below.has(line) {
                let value = below.value(line);
                ranges.extend(value.map(|value| start + value.start..start + value.end));
            } else {
                open = None;
            }
        }
        if open.is_none() {
            open = Below::opened_by(line);
        }
        start += line.len();
    }
    ranges
}

/// A telling key whose value is on the lines below it.
struct Below {
    indent: usize,
    /// `|` or `>`: every line is the value.
    is_block: bool,
    /// What stands there are names by custom: `secret:` of Kamal's, `secrets:` of Compose's.
    are_names: bool,
}

impl Below {
    fn opened_by(line: &str) -> Option<Self> {
        let separator = line.find(':')?;
        // Most lines are told apart by what follows their colon.
        if !line[separator + 1..]
            .trim_start()
            .starts_with(['[', '|', '>', '#'])
            && !line.trim_end().ends_with(':')
        {
            return None;
        }
        let key = key_before(line, separator);
        let value = line[separator + 1..].split(" #").next()?.trim();
        let is_block = is_block_sign(value);
        let opens = value.is_empty() || value == "[" || is_block;
        (opens && is_secret_name(key)).then(|| Self {
            indent: indent(line),
            is_block,
            are_names: is_plural(key),
        })
    }

    /// Whether a line is still below the key, and no key of its own.
    fn has(&self, line: &str) -> bool {
        let is_item = line.trim_start().starts_with("- ");
        let content = content(line);
        let is_mapping =
            (content.ends_with(':') || content.contains(": ")) && !content.starts_with(['"', '\'']);
        indent(line) >= self.indent + usize::from(!is_item) && (self.is_block || !is_mapping)
    }

    /// What of such a line is the secret.
    fn value(&self, line: &str) -> Option<Range<usize>> {
        let content = content(line);
        let start = line.trim_end().len() - content.len();
        if self.is_block {
            return Some(start..start + content.len());
        }
        if content.starts_with('#') {
            return None;
        }
        let value = content[..value_length(content, ":")].trim_end_matches(',');
        let is_name = value == "]" || is_name_of_secret(bare(value), self.are_names);
        (!is_name && !is_lookup(value, ":")).then(|| start..start + value.len())
    }
}

/// What stands in a line behind the signs of a list and of a diff.
fn content(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '-', '+']).trim_end()
}

/// How far a line is indented; the sign of a diff counts as a space.
fn indent(line: &str) -> usize {
    let rest = line.strip_prefix(['+', '-']).unwrap_or(line);
    line.len() - rest.trim_start_matches([' ', '\t']).len()
}

/// `|`, `>-` and so on, behind which YAML has a block.
fn is_block_sign(value: &str) -> bool {
    value.starts_with(['|', '>'])
        && value[1..]
            .chars()
            .all(|c| "+-".contains(c) || c.is_ascii_digit())
}

/// Whether what a key lists are names of secrets by custom.
fn is_plural(key: &str) -> bool {
    ["secret", "secrets"].contains(&key.to_lowercase().as_str())
}

/// Whether an item is the name of a secret, or two names as Kamal's `NAME:SOURCE`.
fn is_name_of_secret(item: &str, by_custom: bool) -> bool {
    let is_upper = |c: char| c == '_' || c.is_ascii_uppercase() || c.is_ascii_digit();
    let is_word = |c: char| "_-".contains(c) || c.is_ascii_lowercase();
    item.split(':').all(|name| {
        let starts = name.starts_with(|first: char| first == '_' || first.is_ascii_uppercase());
        (starts && name.chars().all(is_upper)) || (by_custom && name.chars().all(is_word))
    })
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
    !key.ends_with("_DUMMY")
        && (SECRET_WORDS.iter().any(|word| key.contains(word))
            || ["_PASS", "_PWD"].iter().any(|word| key.ends_with(word))
            || server_of_variable(&key).is_some())
}

/// Whether a value only says where the secret is: a variable, a command, code; or is a digest.
fn is_lookup(value: &str, sign: &str) -> bool {
    let bare = value.trim_matches(['"', '\'']);
    bare.is_empty()
        || ["<%", "ENV[", "ENV.", "Rails.application.", "sha256:"]
            .iter()
            .any(|prefix| bare.starts_with(prefix))
        || bare
            .strip_prefix('$')
            .is_some_and(|rest| is_expansion(rest, sign))
        || ["true", "false", "null", "~"].contains(&bare)
}

/// Whether `$` and this is a variable or a command, rather than a secret that begins with a dollar.
/// A shell has variables in small letters as well.
fn is_expansion(rest: &str, sign: &str) -> bool {
    let is_first = |c: char| {
        "{(_".contains(c) || c.is_ascii_uppercase() || (sign == "=" && c.is_ascii_lowercase())
    };
    rest.starts_with(is_first)
        || (rest.len() == 1 && rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The credentials in `bundle config set gems.example.com CREDENTIALS`.
fn told_to_bundler(line: &str) -> Option<Range<usize>> {
    let told = &line[line.find("bundle config ")?..];
    let mut words = told.split_ascii_whitespace();
    words.find(|word| server_of_setting(word).is_some())?;
    let credentials = words.next().filter(|word| !is_lookup(word, "="))?;
    let start = credentials.as_ptr() as usize - line.as_ptr() as usize;
    Some(start..start + credentials.len())
}

/// The passwords of `scheme://user:password@host`.
fn url_passwords(line: &str) -> Vec<Range<usize>> {
    let schemes = line.match_indices("://");
    schemes
        .filter_map(|(scheme, sign)| url_password(line, scheme + sign.len()))
        .collect()
}

/// The password of the URL whose authority begins here.
fn url_password(line: &str, authority: usize) -> Option<Range<usize>> {
    let end = line[authority..]
        .find(['/', ' ', '"', '\'', '\n'])
        .map_or(line.len(), |end| authority + end);
    let at = authority + line[authority..end].rfind('@')?;
    let colon = authority + line[authority..at].find(':')? + 1;
    let is_lookup = ["$", "<", "#{"]
        .iter()
        .any(|sign| line[colon..at].starts_with(sign));
    (!is_lookup).then_some(colon..at)
}

/// Whether a text has a password in a URL, or a token whose shape its maker has published.
pub fn has_telling_shape(text: &str) -> bool {
    text.lines().any(|line| !url_passwords(line).is_empty()) || has_token(text)
}

/// Whether a text has a token of a known service in it, or a private key.
pub fn has_token(text: &str) -> bool {
    !token::tokens(text).is_empty() || !pem::bodies(text).is_empty()
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
            mask("ARG BUNDLE_GEMS__EXAMPLE__COM=me:1234"),
            "ARG BUNDLE_GEMS__EXAMPLE__COM=*******"
        );
        assert_eq!(
            mask(
                "RUN bundle config set gems.example.com me:1234 && bundle config path.system true"
            ),
            "RUN bundle config set gems.example.com ******* && bundle config path.system true"
        );
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
            "  - POSTGRES_PASSWORD:DB_PASSWORD",
            "  secret: [POSTGRES_PASSWORD:DB_PASSWORD]",
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

    #[test]
    fn what_stands_below_a_telling_key_is_masked() {
        for (text, masked) in [
            (
                "api_tokens:\n  - abc123x\n  - 'd e'\nhost: example.org\n",
                "api_tokens:\n  - *******\n  - *****\nhost: example.org\n",
            ),
            (
                "password:\n- hunter22\nuser: a\n",
                "password:\n- ********\nuser: a\n",
            ),
            ("password:\n  hunter22\n", "password:\n  ********\n"),
            (
                "+  private_key: |\n+    one\n+\n+    two\n+  name: x\n",
                "+  private_key: |\n+    ***\n+\n+    ***\n+  name: x\n",
            ),
            (
                "\"secrets\": [\n  \"abc1\",\n  \"KEY\"\n],\n",
                "\"secrets\": [\n  ******,\n  \"KEY\"\n],\n",
            ),
            (
                "password: [hunter22, \"NAME\"]\n",
                "password: [********, \"NAME\"]\n",
            ),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn names_below_a_telling_key_stay() {
        for text in [
            "registry:\n  password:\n    - KAMAL_REGISTRY_PASSWORD\n",
            "env:\n  secret:\n    - RAILS_MASTER_KEY\n    - A:B # and this\n  clear:\n    A: b\n",
            "secrets:\n  - db_password\n",
            "secrets:\n  db:\n    file: secret.txt\n",
            "password: [\"KAMAL_REGISTRY_PASSWORD\"]\n",
            "  secret: [A, B:C]\n",
            "token: ${{ secrets.X }}\n",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn all_passwords_of_a_line_are_masked() {
        assert_eq!(
            mask("a: redis://:one@a/0 postgres://b:two@c/d"),
            "a: redis://:***@a/0 postgres://b:***@c/d"
        );
    }

    #[test]
    fn a_dollar_does_not_make_a_lookup() {
        assert_eq!(mask("password: $2a$12$abc"), "password: **********");
        assert_eq!(mask("password: ENVoy99"), "password: *******");
        assert_eq!(mask("export TOKEN=$token"), "export TOKEN=$token");
    }

    #[test]
    fn secrets_files_elsewhere_are_known() {
        let tree = Tree::of([
            Source::new(
                "config/deploy.yml".into(),
                "service: a\nsecrets_path: deploy/keys\nservers: [b]\n",
            ),
            Source::new("deploy/keys".into(), "NAME=\"correct\nhorse-battery\"\n"),
        ]);
        let redactor = Redactor::new(&tree);
        assert_eq!(redactor.mask("horse-battery"), "*************");
        assert_eq!(redactor.mask("correct"), "*******");
    }

    #[test]
    fn plain_words_are_secrets_where_their_names_say_so() {
        let tree = Tree::of([Source::new(
            ".kamal/secrets".into(),
            "RAILS_ENV=production\nDB_PASSWORD=swordfish\nSALT=x9f3k2p\n",
        )]);
        let redactor = Redactor::new(&tree);
        assert_eq!(
            redactor.mask("in production: swordfish, x9f3k2p"),
            "in production: *********, *******"
        );
    }

    #[test]
    fn what_only_other_lines_tell_is_known_without_them() {
        let tree = Tree::of([Source::new(
            "config/app.yml".into(),
            "api_tokens:\n  - first-one\n  - second-one\n",
        )]);
        assert_eq!(
            Redactor::new(&tree).mask("+  - second-one"),
            "+  - **********"
        );
    }
}
