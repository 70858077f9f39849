//! What `.dockerignore` files exclude. The expectations are those of moby/patternmatcher.

use proptest::prelude::*;
use syntax::dockerignore::{Dockerignore, parse};

fn lines(lines: &[&str]) -> Dockerignore {
    let ignore = parse(&lines.join("\n"));
    assert_eq!(ignore.errors, [], "{lines:?}");
    ignore
}

/// The patterns, separated by blanks, exclude the first paths and not the second.
#[track_caller]
fn check(patterns: &str, excluded: &[&str], included: &[&str]) {
    let ignore = lines(&patterns.split(' ').collect::<Vec<_>>());
    for path in excluded {
        assert!(ignore.excludes(path), "{patterns} should exclude {path}");
    }
    for path in included {
        assert!(!ignore.excludes(path), "{patterns} should keep {path}");
    }
}

#[test]
fn patterns_are_anchored_at_the_root() {
    check("*.key", &["master.key", "x.key/y"], &["config/master.key"]);
    check(
        "/config/*.key",
        &["config/master.key"],
        &["master.key", "config/a/b.key"],
    );
    check(
        ".env*",
        &[".env", ".env.local", ".envs/a"],
        &["nested/.env"],
    );
    check(
        "node_modules",
        &["node_modules", "node_modules/a/b"],
        &["a/node_modules", "node_modules2"],
    );
    check(
        "/node_modules/",
        &["node_modules", "node_modules/a"],
        &["a/node_modules"],
    );
    check("log", &["log", "log/a.log"], &["log.txt", "a/log"]);
}

#[test]
fn double_stars_match_any_depth() {
    check(
        "**/*.key",
        &["a.key", "config/master.key", "a/b/c.key"],
        &["a.key2", "key"],
    );
    check(
        "**/node_modules",
        &["node_modules", "a/b/node_modules/c"],
        &["a/node_modules2"],
    );
    check(
        "config/**/*.key",
        &["config/a.key", "config/b/c/a.key"],
        &["a.key", "configs/a.key"],
    );
    check("tmp/**", &["tmp/a", "tmp/a/b"], &["tmp", "tmp2"]);
    check("**", &["a", "a/b"], &[]);
    check("**/**", &["a", "a/b"], &[]);
    check("**/tmp/**", &["tmp/a", "a/tmp/b"], &["tmp", "a/tmp"]);
    check("a**/b", &["a/b", "ax/y/b"], &["b", "a"]);
    // `**name` is a suffix of the path, but only as long as the name is plain.
    check("**file", &["file", "afile", "a/bfile"], &["files"]);
    check("**fil?", &["file", "a/file"], &["afile", "a/bfile"]);
}

#[test]
fn single_characters_and_brackets() {
    check("a?c", &["abc", "a☺c"], &["ac", "a/c", "abbc"]);
    check("[a-c]x", &["ax", "cx"], &["dx", "x"]);
    check("[^a-c]x", &["dx"], &["ax", "x"]);
    check("[!a]", &["!", "a"], &["b"]);
    check(r"[\]\-]", &["]", "-"], &["\\"]);
    check(r"a\*b", &["a*b"], &["axb", r"a\*b"]);
    check("a.b", &["a.b"], &["axb"]);
    check("a+(b)$*", &["a+(b)$", "a+(b)$c"], &["aa(b)$"]);
    check("*", &["a", "a/b", ".x"], &[]);
    check("*/*", &["a/b", "a/b/c"], &["a"]);
    check("a*b*c", &["abc", "axbxbxc"], &["axbx", "ab/c"]);
}

#[test]
fn the_last_change_wins() {
    check("* !app", &["Gemfile", "config/a"], &["app", "app/a/b"]);
    check(
        "/log/* !/log/.keep",
        &["log/a.log", "log/a/.keep"],
        &["log/.keep", "log"],
    );
    check(
        "/app/assets/builds/* !/app/assets/builds/.keep",
        &["app/assets/builds/a.js"],
        &["app/assets/builds/.keep", "app/assets/builds"],
    );
    check(
        "docs !docs/README.md",
        &["docs", "docs/a.md"],
        &["docs/README.md"],
    );
    check("*.md !README.md README.md", &["README.md", "a.md"], &[]);
    check(
        "** !a !b/* b/secret",
        &["c", "b", "b/secret"],
        &["a/x", "b/x"],
    );
    check("!a", &[], &["a", "b"]);
    check("!a a", &["a"], &[]);
}

#[test]
fn what_is_not_tried_for_a_directory_does_not_match_below_it() {
    // At `a` nothing is excluded yet, so `!a` is not tried, and `a/b` itself is not `a`.
    check("a/b !a", &["a/b", "a/b/c"], &["a", "a/c"]);
    check(
        "a !a/b a/b/c !a/b/c/d",
        &["a", "a/x", "a/b/c", "a/b/c/x"],
        &["a/b", "a/b/x", "a/b/c/d"],
    );
}

#[test]
fn patterns_are_cleaned() {
    let ignore = lines(&[
        "/a//b/", "./c", "a/../b", "  d  ", "/../e", "../f", ".", "./", "/", "!  /g/",
    ]);
    let cleaned: Vec<&str> = ignore
        .patterns
        .iter()
        .map(|pattern| pattern.text.as_str())
        .collect();
    assert_eq!(
        cleaned,
        ["a/b", "c", "b", "d", "e", "../f", ".", ".", "/", "g"]
    );
    check("a/../b", &["b"], &["a/b", "a"]);
    check(".", &[], &["a", "."]);
    check("./", &[], &["a"]);
    check("/", &[], &["a"]);
    check("dir/", &["dir", "dir/a"], &["dirs"]);
    assert!(lines(&["/config/./master.key"]).excludes("./config//master.key"));
}

#[test]
fn comments_blanks_and_the_byte_order_mark() {
    let text = "\u{feff}# first\r\n\r\n  \t\n #a\n  !\u{a0}b é \r\n\u{2003}c";
    let ignore = parse(text);
    assert_eq!(ignore.errors, []);
    let patterns: Vec<_> = ignore
        .patterns
        .iter()
        .map(|pattern| {
            (
                pattern.span.of(text),
                pattern.negated,
                pattern.text.as_str(),
            )
        })
        .collect();
    // Only a `#` in the first column begins a comment.
    let expected = [
        ("#a", false, "#a"),
        ("!\u{a0}b é", true, "b é"),
        ("c", false, "c"),
    ];
    assert_eq!(patterns, expected);
    assert_eq!(parse("\u{feff}tmp").patterns[0].text, "tmp");
}

#[test]
fn malformed_patterns_are_errors() {
    for pattern in [
        "[", "a[", "[]", "[]a]", "[^", "[^bc", "[-x]", "[x-]", "[a-b-c]", "[z-a]", r"a\", "!",
        "! ", "!/",
    ] {
        let text = format!("a\n {pattern}\nb\n");
        let ignore = parse(&text);
        assert_eq!(ignore.patterns.len(), 2, "{pattern}");
        let spans: Vec<_> = ignore
            .errors
            .iter()
            .map(|error| error.span.of(&text))
            .collect();
        assert_eq!(spans, [pattern.trim()], "{pattern}");
    }
    let messages: Vec<_> = parse("[\n!\n")
        .errors
        .into_iter()
        .map(|error| error.message)
        .collect();
    let expected = [
        "the pattern `[` has a bracket that is not closed",
        "the pattern `!` brings nothing back",
    ];
    assert_eq!(messages, expected);
}

#[test]
fn the_deciding_pattern_is_named() {
    let ignore = lines(&["*.key", "config", "!config/deploy.yml", "*.key"]);
    let decide = |path| ignore.decide(path).map(|pattern| pattern.span.start);
    assert_eq!(decide("a.key"), Some(0));
    assert_eq!(decide("config/a.key"), Some(6));
    assert_eq!(decide("config/deploy.yml"), Some(13));
    assert_eq!(decide("Gemfile"), None);
    assert_eq!(decide(""), None);
}

#[test]
fn the_file_of_a_new_rails_app() {
    let ignore = parse(
        "# See https://docs.docker.com/engine/reference/builder/#dockerignore-file for more.\n\n\
         # Ignore git directory.\n/.git/\n/.gitignore\n\n/.bundle\n\n/.env*\n\n\
         /config/master.key\n/config/credentials/*.key\n\n/log/*\n/tmp/*\n!/log/.keep\n!/tmp/.keep\n\n\
         /tmp/pids/*\n!/tmp/pids/.keep\n\n/storage/*\n!/storage/.keep\n/tmp/storage/*\n!/tmp/storage/.keep\n\n\
         /node_modules/\n/app/assets/builds/*\n!/app/assets/builds/.keep\n/public/assets\n\n\
         /.github\n/config/deploy*.yml\n/.kamal\n/.devcontainer\n/.dockerignore\n/Dockerfile*\n",
    );
    assert_eq!(ignore.errors, []);
    for path in [
        ".git/config",
        ".env",
        ".env.production",
        "config/master.key",
        "config/credentials/production.key",
        "log/production.log",
        "tmp/pids/server.pid",
        "storage/x/y",
        "node_modules/a",
        "public/assets/a.js",
        "config/deploy.staging.yml",
        ".kamal/secrets",
        "Dockerfile.dev",
    ] {
        assert!(ignore.excludes(path), "{path}");
    }
    for path in [
        "log/.keep",
        "tmp/.keep",
        "tmp/pids/.keep",
        "tmp/storage/.keep",
        "app/assets/builds/.keep",
        "config/credentials.yml.enc",
        "config/environments/.env",
        "engines/a/config/master.key",
        "public/robots.txt",
    ] {
        assert!(!ignore.excludes(path), "{path}");
    }
}

#[test]
fn hostile_patterns_take_polynomial_time() {
    let path = "a/".repeat(500) + &"a".repeat(500);
    assert!(!lines(&[&"*a".repeat(300)]).excludes(&"a".repeat(200)));
    assert!(!lines(&[&("**/".repeat(200) + "*b")]).excludes(&path));
    assert!(lines(&[&("*/".repeat(300) + "**")]).excludes(&path));
}

/// What a pattern of `a`, `/`, `*`, `?` and `**` matches, by trying everything.
fn naive_match(pattern: &str, path: &str) -> bool {
    fn after(path: &str) -> impl Iterator<Item = (&str, &str)> {
        (0..=path.len()).map(|end| path.split_at(end))
    }
    if let Some(rest) = pattern.strip_prefix("**") {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        return rest.is_empty()
            || after(path).any(|(eaten, path)| {
                (eaten.is_empty() || eaten.ends_with('/')) && naive_match(rest, path)
            });
    }
    match (pattern.chars().next(), path.chars().next()) {
        (None, c) => c.is_none(),
        (Some('*'), _) => after(path)
            .take_while(|(eaten, _)| !eaten.contains('/'))
            .any(|(_, path)| naive_match(&pattern[1..], path)),
        (Some('?'), Some(c)) => c != '/' && naive_match(&pattern[1..], &path[1..]),
        (Some(expected), Some(c)) => expected == c && naive_match(&pattern[1..], &path[1..]),
        (Some(_), None) => false,
    }
}

proptest! {
    #[test]
    fn any_text_parses(text in any::<String>(), path in any::<String>()) {
        let ignore = parse(&text);
        for span in ignore.patterns.iter().map(|pattern| pattern.span) {
            prop_assert!(text.get(span.range()).is_some_and(|text| !text.is_empty()));
        }
        for error in &ignore.errors {
            prop_assert!(text.get(error.span.range()).is_some());
        }
        ignore.excludes(&path);
    }

    #[test]
    fn made_up_patterns_decide(
        text in r"([!#a*?/.\[\]^\\ -]{0,8}\n){0,6}", path in "[a/.b]{0,12}",
    ) {
        let ignore = parse(&text);
        let by = ignore.decide(&path);
        prop_assert_eq!(ignore.excludes(&path), by.is_some_and(|by| !by.negated));
        if let Some(by) = by {
            prop_assert!(ignore.patterns.contains(by));
        }
    }

    #[test]
    fn globs_match_what_trying_everything_matches(
        pattern in "[ab](/?([ab?]|[*]{1,2})){0,6}", path in "[ab](/?[ab]){0,7}",
    ) {
        let parents = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        let mut candidates = parents.chain([path.as_str()]);
        // `text**` at the end is a prefix, and what is below a match matches, too.
        let expected = candidates.any(|path| naive_match(&pattern, path));
        prop_assert_eq!(parse(&pattern).excludes(&path), expected, "{} {}", pattern, path);
    }
}
