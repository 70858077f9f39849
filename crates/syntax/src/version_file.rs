//! Files that say which version of a tool to use: `.ruby-version`, `.node-version`, `.nvmrc`,
//! `.tool-versions` and `mise.toml`.
//!
//! In all of them, a version is given without the `ruby-` and the leading `v` that it may be
//! written with; its span is that of what is written.

use std::ops::Range;

use crate::{Span, Spanned};

/// A tool and the version to use.
pub type ToolVersion = (Spanned<String>, Spanned<String>);

/// The version in a file that holds one, such as `.ruby-version`: the first word of the first line
/// that is neither empty nor a comment.
///
/// Names stay what they are: `lts/iron`, `system`, `jruby-9.4.8.0`. The gemset of an RVM file
/// (`ruby-3.4.1@app`) is no part of the version.
pub fn single(text: &str) -> Option<Spanned<String>> {
    code_lines(text).find_map(|line| words(text, line).next().map(|word| version(text, word)))
}

/// The tools in a `.tool-versions` file of asdf or mise, each with the first of its versions.
pub fn tool_versions(text: &str) -> Vec<ToolVersion> {
    let entry = |line| {
        let mut words = words(text, line);
        let tool = words.next()?;
        let first = words.next()?;
        Some((spanned(text, tool), version(text, first)))
    };
    code_lines(text).filter_map(entry).collect()
}

/// The tools in the `[tools]` table of a `mise.toml`, each with the first of its versions.
///
/// Read are `tool = "version"`, an array of versions, and an inline table with a `version`; not
/// `[tools.name]` and not strings of several lines.
pub fn mise(text: &str) -> Vec<ToolVersion> {
    let mut tools = Vec::new();
    let mut in_tools = false;
    let mut open_array = None;
    for line in code_lines(text) {
        let written = &text[line.clone()];
        if let Some(tool) = open_array.take() {
            if let Some(first) = quoted(text, line.clone()) {
                tools.push((tool, version(text, first)));
            } else if !written.contains(']') {
                open_array = Some(tool);
            }
        } else if written.starts_with('[') {
            in_tools = written.replace([' ', '\t'], "") == "[tools]";
        } else if let Some((tool, value)) = key_and_value(text, line).filter(|_| in_tools) {
            match first_version(text, value.clone()) {
                Some(first) => tools.push((tool, version(text, first))),
                None if &text[value] == "[" => open_array = Some(tool),
                None => {}
            }
        }
    }
    tools
}

fn key_and_value(text: &str, line: Range<usize>) -> Option<(Spanned<String>, Range<usize>)> {
    let equals = line.start + text[line.clone()].find('=')?;
    let key = trimmed(text, line.start..equals);
    let bare = match text[key.clone()].chars().next()? {
        '"' | '\'' => quoted(text, key)?,
        _ => key,
    };
    let value = trimmed(text, equals + 1..line.end);
    Some((spanned(text, bare), value))
}

fn first_version(text: &str, value: Range<usize>) -> Option<Range<usize>> {
    let written = &text[value.clone()];
    if !written.starts_with('{') {
        return quoted(text, value);
    }
    let key = written
        .match_indices("version")
        .map(|(index, key)| (&written[..index], index + key.len()))
        .find(|(before, _)| before.trim_end().ends_with(['{', ',']));
    let (_, end) = key?;
    let rest = trimmed(text, value.start + end..value.end);
    let is_value = text[rest.clone()].starts_with('=');
    is_value.then(|| quoted(text, rest))?
}

/// The inside of the first string.
fn quoted(text: &str, place: Range<usize>) -> Option<Range<usize>> {
    let written = &text[place.clone()];
    let opening = written.find(['"', '\''])?;
    let quote = char::from(written.as_bytes()[opening]);
    let length = written[opening + 1..].find(quote)?;
    let start = place.start + opening + 1;
    Some(start..start + length)
}

/// The lines without comments and surrounding space, but for empty ones.
fn code_lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        let code = line.split_once('#').map_or(line, |(code, _)| code);
        let code = start..start + code.len();
        start += line.len();
        trimmed(text, code)
    });
    lines.filter(|line| !line.is_empty())
}

fn words(text: &str, line: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let word = trimmed(text, rest.clone());
        let written = &text[word.clone()];
        let length = written.find(char::is_whitespace).unwrap_or(written.len());
        rest = word.start + length..word.end;
        (length > 0).then(|| word.start..word.start + length)
    })
}

fn trimmed(text: &str, place: Range<usize>) -> Range<usize> {
    let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
    let written = text[place.clone()].trim_end_matches(is_space);
    let start = place.start + written.len() - written.trim_start_matches(is_space).len();
    start..place.start + written.len()
}

fn version(text: &str, place: Range<usize>) -> Spanned<String> {
    let written = &text[place.clone()];
    let version = written.strip_prefix("ruby-").unwrap_or(written);
    let version = match version.strip_prefix('v') {
        Some(number) if number.starts_with(|c: char| c.is_ascii_digit()) => number,
        _ => version,
    };
    let version = match version.split_once('@') {
        Some((number, _gemset)) if number.starts_with(|c: char| c.is_ascii_digit()) => number,
        _ => version,
    };
    Spanned::new(version.to_owned(), Span::from(place))
}

fn spanned(text: &str, place: Range<usize>) -> Spanned<String> {
    Spanned::new(text[place.clone()].to_owned(), Span::from(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn files_with_one_version() {
        for (text, expected) in [
            ("3.4.1\n", Some(("3.4.1", "3.4.1"))),
            ("ruby-3.4.1\r\n", Some(("3.4.1", "ruby-3.4.1"))),
            (
                "\u{feff}\n# node\n\n  v22.11.0 # lts\n20\n",
                Some(("22.11.0", "v22.11.0")),
            ),
            ("lts/iron", Some(("lts/iron", "lts/iron"))),
            ("version-é", Some(("version-é", "version-é"))),
            ("jruby-9.4.8.0", Some(("jruby-9.4.8.0", "jruby-9.4.8.0"))),
            ("ruby-3.4.1@app", Some(("3.4.1", "ruby-3.4.1@app"))),
            ("3.5.0-preview1", Some(("3.5.0-preview1", "3.5.0-preview1"))),
            ("# nothing\n", None),
            ("", None),
        ] {
            let found = single(text);
            let found = found
                .as_ref()
                .map(|found| (found.value.as_str(), found.span.of(text)));
            assert_eq!(found, expected, "{text:?}");
        }
    }

    fn pairs(tools: &[ToolVersion]) -> Vec<(&str, &str)> {
        tools
            .iter()
            .map(|(tool, version)| (tool.value.as_str(), version.value.as_str()))
            .collect()
    }

    #[test]
    fn files_with_several_tools() {
        let text = "# tools\nruby 3.4.1 3.3.0 # latest\r\nnodejs\tv22.1.0\n\nyarn\npython system";
        let tools = tool_versions(text);
        assert_eq!(
            pairs(&tools),
            [
                ("ruby", "3.4.1"),
                ("nodejs", "22.1.0"),
                ("python", "system")
            ]
        );
        assert_eq!(tools[1].0.span.of(text), "nodejs");
        assert_eq!(tools[1].1.span.of(text), "v22.1.0");
    }

    #[test]
    fn files_of_mise() {
        let text = "\
ruby = \"1\"
[env]
node = \"1\"
[ tools ] # all of them
ruby = \"3.4.1\" # as in production
\"node\" = '22'
'npm:yarn' = [\"4\", \"1\"]
go = { os = \"linux\", version = \"1.23\" }
python = [
  # newest first
  \"3.13\",
  \"3.12\",
]
rust = [
]
java = { os = \"version\" }
php = 8
perl =
bun = \"1.2
[settings]
elixir = \"1\"
";
        let tools = mise(text);
        assert_eq!(
            pairs(&tools),
            [
                ("ruby", "3.4.1"),
                ("node", "22"),
                ("npm:yarn", "4"),
                ("go", "1.23"),
                ("python", "3.13"),
            ]
        );
        assert_eq!(tools[1].0.span.of(text), "node");
        assert_eq!(tools[1].1.span.of(text), "22");
    }

    proptest! {
        #[test]
        fn any_text_is_read(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..30), tail in any::<String>()) {
            let text = tokens.concat() + &tail;
            let tools = tool_versions(&text).into_iter().chain(mise(&text));
            let spans = tools.flat_map(|(tool, version)| [tool.span, version.span]);
            for span in spans.chain(single(&text).map(|version| version.span)) {
                prop_assert!(text.get(span.range()).is_some());
                prop_assert!(!span.of(&text).contains('\n'));
            }
        }
    }

    const TOKENS: &[&str] = &[
        "[tools]\n",
        "ruby",
        "é",
        "=",
        "\"",
        "'",
        "[",
        "]",
        "{",
        "}",
        "version",
        "\n",
        "\r\n",
        " ",
        "#",
        "v1",
        "@",
        ",",
        "\u{a0}",
        "\u{feff}",
    ];
}
