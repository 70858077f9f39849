//! Dockerfiles, as the builder reads them: tricky ones, those of Rails applications, and arbitrary text.

mod dockerfile_samples;

use proptest::prelude::*;
use syntax::dockerfile::{Arguments, Dockerfile, Flag, Instruction, Keyword, Word, parse};
use syntax::{Span, Spanned};

use dockerfile_samples::SAMPLES;

/// Parses a text without errors and checks what holds for any text.
#[track_caller]
fn parse_clean(text: &str) -> Dockerfile {
    let dockerfile = parse(text);
    assert_eq!(dockerfile.errors, [], "{text}");
    check_invariants(text, &dockerfile);
    dockerfile
}

/// The only instruction of a text without errors.
#[track_caller]
fn only(text: &str) -> Instruction {
    let mut instructions = parse_clean(text).instructions;
    assert_eq!(instructions.len(), 1, "{text}");
    instructions.remove(0)
}

/// What is wrong with a text, and where.
#[track_caller]
fn errors(text: &str) -> Vec<(&str, String)> {
    let dockerfile = parse(text);
    check_invariants(text, &dockerfile);
    let errors = dockerfile.errors.into_iter();
    errors
        .map(|error| (error.span.of(text), error.message))
        .collect()
}

#[track_caller]
fn words(instruction: &Instruction) -> &[Word] {
    match &instruction.arguments {
        Arguments::Words(words) => words,
        other => panic!("no words: {other:?}"),
    }
}

/// The raw words of an instruction.
#[track_caller]
fn raw(text: &str) -> Vec<String> {
    words(&only(text))
        .iter()
        .map(|word| word.raw.clone())
        .collect()
}

/// Key, raw value and whether the form is the legacy one.
#[track_caller]
fn pairs(text: &str) -> (Vec<(String, Option<String>)>, bool) {
    match only(text).arguments {
        Arguments::Pairs { pairs, legacy } => {
            let pairs = pairs.into_iter();
            let raw = pairs.map(|pair| (pair.key.value, pair.value.map(|word| word.raw)));
            (raw.collect(), legacy)
        }
        other => panic!("no pairs: {other:?}"),
    }
}

#[track_caller]
fn masked(text: &str) -> String {
    match only(text).arguments {
        Arguments::Shell(shell) => shell.masked,
        other => panic!("no shell form: {other:?}"),
    }
}

#[track_caller]
fn exec(text: &str) -> Vec<Spanned<String>> {
    match only(text).arguments {
        Arguments::Exec(strings) => strings,
        other => panic!("no exec form: {other:?}"),
    }
}

fn keywords(dockerfile: &Dockerfile) -> Vec<&str> {
    let instructions = dockerfile.instructions.iter();
    instructions
        .map(|instruction| instruction.keyword.name())
        .collect()
}

fn pair(key: &str, value: &str) -> (String, Option<String>) {
    (key.to_owned(), Some(value.to_owned()))
}

/// What holds for the document of any text.
#[track_caller]
fn check_invariants(text: &str, dockerfile: &Dockerfile) {
    let mut spans = Vec::new();
    for directive in &dockerfile.directives {
        spans.extend([directive.span, directive.name.span, directive.value.span]);
    }
    spans.extend(&dockerfile.comments);
    spans.extend(&dockerfile.empty_continuations);
    spans.extend(dockerfile.errors.iter().map(|error| error.span));
    for instruction in &dockerfile.instructions {
        collect_spans(instruction, &mut spans);
        check_masks(text, &instruction.arguments);
    }
    for span in spans {
        assert!(
            text.get(span.range()).is_some(),
            "{span:?} is no part of {text:?}"
        );
    }
    check_losslessness(text, dockerfile);
}

fn collect_spans(instruction: &Instruction, spans: &mut Vec<Span>) {
    assert!(instruction.span.encloses(instruction.keyword.span));
    assert!(instruction.span.encloses(instruction.arguments_span));
    spans.extend([
        instruction.span,
        instruction.keyword.span,
        instruction.arguments_span,
    ]);
    for flag in &instruction.flags {
        spans.extend([flag.span, flag.name.span]);
        spans.extend(flag.value.iter().map(|value| value.span));
        for (key, value) in flag.fields() {
            assert!(flag.span.encloses(key.span));
            spans.push(key.span);
            spans.extend(value.map(|value| value.span));
        }
    }
    for heredoc in &instruction.heredocs {
        assert!(instruction.span.encloses(heredoc.word));
        spans.extend([heredoc.word, heredoc.name.span, heredoc.body]);
    }
    collect_argument_spans(&instruction.arguments, spans);
}

fn collect_argument_spans(arguments: &Arguments, spans: &mut Vec<Span>) {
    let mut add = |word: &Word| {
        spans.push(word.span);
        spans.extend(word.variables().map(|name| name.span));
    };
    match arguments {
        Arguments::From {
            image,
            separator,
            stage,
        } => {
            add(image);
            spans.extend(separator);
            spans.extend(stage.iter().map(|stage| stage.span));
        }
        Arguments::Exec(strings) => spans.extend(strings.iter().map(|string| string.span)),
        Arguments::Shell(shell) => spans.push(shell.span),
        Arguments::Pairs { pairs, .. } => {
            for pair in pairs {
                pair.value.iter().for_each(&mut add);
            }
            spans.extend(pairs.iter().flat_map(|pair| [pair.span, pair.key.span]));
        }
        Arguments::Words(words) => words.iter().for_each(add),
        Arguments::Onbuild(trigger) => collect_spans(trigger, spans),
        Arguments::Healthcheck { command, .. } => {
            if let Some(command) = command {
                collect_argument_spans(command, spans);
            }
        }
        Arguments::None => {}
    }
}

/// A mask differs from the source only by blanks and by the continuations that it keeps.
fn check_masks(text: &str, arguments: &Arguments) {
    match arguments {
        Arguments::Shell(shell) => {
            assert_eq!(shell.masked.len(), shell.span.len(), "{text:?}");
            let original = shell.span.of(text).bytes();
            for (masked, original) in shell.masked.bytes().zip(original) {
                assert!(masked == original || b" \\\n".contains(&masked), "{text:?}");
            }
            assert!(!shell.masked.replace("\\\n", "").contains('\n'), "{text:?}");
        }
        Arguments::Onbuild(trigger) => check_masks(text, &trigger.arguments),
        Arguments::Healthcheck {
            command: Some(command),
            ..
        } => check_masks(text, command),
        _ => {}
    }
}

/// Directives, comments and instructions, and white space between them, are the whole text.
fn check_losslessness(text: &str, dockerfile: &Dockerfile) {
    let directives = dockerfile.directives.iter().map(|directive| directive.span);
    let instructions = dockerfile
        .instructions
        .iter()
        .map(|instruction| instruction.span);
    let mut spans: Vec<Span> = directives
        .chain(instructions)
        .chain(dockerfile.comments.iter().copied())
        .collect();
    spans.sort();
    let mut covered = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for span in spans {
        let start = span.start as usize;
        if start > covered {
            assert_eq!(text[covered..start].trim(), "", "{text:?}");
        }
        covered = covered.max(span.end as usize);
    }
    assert_eq!(text[covered..].trim(), "", "{text:?}");
}

#[test]
fn samples_have_no_errors() {
    for sample in SAMPLES {
        parse_clean(sample);
        let crlf = sample.replace('\n', "\r\n");
        assert_eq!(
            keywords(&parse_clean(&crlf)),
            keywords(&parse_clean(sample))
        );
        parse_clean(&format!("\u{feff}{sample}"));
    }
}

mod directives {
    use super::*;

    fn read(text: &str) -> (Vec<(String, &str)>, char) {
        let dockerfile = parse(text);
        check_invariants(text, &dockerfile);
        let directives = dockerfile.directives.into_iter();
        let values =
            directives.map(|directive| (directive.name.value, directive.value.span.of(text)));
        (values.collect(), dockerfile.escape)
    }

    #[test]
    fn stand_at_the_top() {
        let text =
            "# syntax=docker/dockerfile:1\n#EsCaPe = `\n  #\tcheck=skip=all;error=true  \nFROM a\n";
        let expected = [
            ("syntax".to_owned(), "docker/dockerfile:1"),
            ("escape".to_owned(), "`"),
            ("check".to_owned(), "skip=all;error=true"),
        ];
        assert_eq!(read(text), (expected.to_vec(), '`'));
        assert_eq!(read(&format!("\u{feff}{text}")).1, '`');
        assert_eq!(read("# escape=`\r\nFROM a").1, '`');
    }

    #[test]
    fn end_at_anything_else() {
        for before in [
            "\n",
            "# a comment\n",
            "#\n",
            "# other=1\n",
            "FROM a\n",
            "#!/bin/sh\n",
        ] {
            let text = format!("{before}# escape=`\nFROM a\n");
            assert_eq!(read(&text), (Vec::new(), '\\'), "{before:?}");
        }
        assert_eq!(read("# escape=\n# escape=`\nFROM a").1, '\\');
    }

    #[test]
    fn can_be_wrong() {
        assert_eq!(
            errors("# escape=/\nFROM a"),
            [(
                "/",
                "the escape character is `/`, not a backslash or backtick".to_owned()
            )]
        );
        assert_eq!(
            errors("# escape=`\n# Escape=\\\nFROM a"),
            [(
                "# Escape=\\",
                "the directive `escape` is repeated".to_owned()
            )]
        );
    }
}

mod lines {
    use super::*;

    #[test]
    fn comments_and_blank_lines_within_a_continuation_are_dropped() {
        let text = "RUN a && \\\n  # one\n\n    # two \\\n\\\n b\n# three\nCMD c\n";
        let dockerfile = parse_clean(text);
        assert_eq!(keywords(&dockerfile), ["RUN", "CMD"]);
        let comments: Vec<&str> = dockerfile
            .comments
            .iter()
            .map(|span| span.of(text))
            .collect();
        assert_eq!(comments, ["# one", "# two \\", "# three"]);
        assert_eq!(dockerfile.empty_continuations, [Span::at(19)]);
        assert_eq!(
            dockerfile.instructions[0].span.of(text),
            &text[..text.find("\n# three").unwrap()]
        );
    }

    #[test]
    fn a_continuation_may_have_blanks_behind_it() {
        assert_eq!(raw("COPY a \\ \t\r\n b \\\r\n  c\r\n"), ["a", "b", "c"]);
        assert_eq!(raw("COPY a\\\nb c\\\n\\\n d"), ["ab", "c", "d"]);
    }

    #[test]
    fn an_escaped_escape_character_continues_nothing() {
        assert_eq!(
            keywords(&parse_clean("ENV a b\\\\\nENV c d")),
            ["ENV", "ENV"]
        );
        assert_eq!(
            keywords(&parse_clean("# escape=`\nRUN a `\n b\\\nRUN c")),
            ["RUN", "RUN"]
        );
    }

    #[test]
    fn the_keyword_may_be_continued_too() {
        let text = "\\\n RU\\\nN x";
        let instruction = only(text);
        assert_eq!(instruction.keyword.value, Keyword::Run);
        assert_eq!(instruction.keyword.span.of(text), "RU\\\nN");
        assert_eq!(instruction.span, Span::new(0, text.len()));
    }

    #[test]
    fn the_text_may_end_in_a_continuation() {
        let text = "FROM a\nRUN b \\\n\n  # c\n\n";
        let dockerfile = parse_clean(text);
        assert_eq!(dockerfile.instructions[1].span.of(text), "RUN b \\");
        assert_eq!(dockerfile.instructions[1].arguments_span.of(text), "b");
    }

    #[test]
    fn spans_stop_before_the_line_ending() {
        let text = "\u{feff}\r\n  FROM a  \r\nRUN é\r\n";
        let dockerfile = parse_clean(text);
        let spans: Vec<&str> = dockerfile
            .instructions
            .iter()
            .map(|it| it.span.of(text))
            .collect();
        assert_eq!(spans, ["FROM a  ", "RUN é"]);
        assert_eq!(dockerfile.instructions[0].arguments_span.of(text), "a");
    }
}

mod shell_form {
    use super::*;

    #[test]
    fn what_is_between_the_lines_is_blanked() {
        assert_eq!(
            masked("RUN a &&\\\n  b \\\n# é\n\n\tc"),
            "a &&    b         \tc"
        );
        assert_eq!(masked("RUN a \\  \r\n b"), "a       b");
    }

    #[test]
    fn a_word_over_two_lines_stays_a_word() {
        assert_eq!(masked("RUN a/\\\nb"), "a/\\\nb");
        assert_eq!(masked("# escape=`\nRUN a/`\nb"), "a/\\\nb");
        assert_eq!(masked("RUN a/\\\n# x\nb"), "a/    \\\nb");
    }

    #[test]
    fn a_comment_of_the_shell_reaches_to_the_end() {
        // BuildKit joins the lines, so all of this is a comment.
        assert_eq!(masked("RUN a # b \\\n  && c"), "a # b     && c");
    }

    #[test]
    fn a_backtick_is_a_command_substitution_unless_it_continues() {
        assert_eq!(masked("# escape=`\nRUN `a` `\n b"), "`a`    b");
    }

    #[test]
    fn arguments_may_be_missing() {
        assert_eq!(only("RUN").arguments, Arguments::None);
        assert_eq!(only("CMD  \\\n").arguments, Arguments::None);
        assert_eq!(only("RUN").arguments_span, Span::at(3));
    }
}

mod exec_form {
    use super::*;

    #[test]
    fn strings_are_decoded() {
        let text = r#"CMD [ "a b" ,"\u0041\"\\\/\n", "\ud83d\ude00 \ud83d", "é" ] "#;
        let strings = exec(text);
        let values: Vec<&str> = strings.iter().map(|string| string.as_str()).collect();
        assert_eq!(values, ["a b", "A\"\\/\n", "\u{1f600} \u{fffd}", "é"]);
        assert_eq!(strings[0].span.of(text), r#""a b""#);
        assert_eq!(strings[3].span.of(text), r#""é""#);
        assert_eq!(exec("ENTRYPOINT []"), []);
    }

    #[test]
    fn spans_survive_continuations() {
        let text = "CMD [\"a\", \\\n  # why\n  \"b\\\nc\"]";
        let strings = exec(text);
        assert_eq!(
            (strings[1].as_str(), strings[1].span.of(text)),
            ("bc", "\"b\\\nc\"")
        );
    }

    #[test]
    fn what_is_no_json_is_for_the_shell() {
        for command in [
            "['a']",
            "[\"a\"",
            "[\"a\",]",
            "[\"a\"] b",
            "[\"\\x\"]",
            "[\"\\ud8\"]",
            "[\"a\tb\"]",
            "[ -f a ] && b",
            "[[ -f a ]]",
            "[\"a\" \"b\"]",
        ] {
            assert_eq!(masked(&format!("RUN {command}")), command);
        }
    }

    #[test]
    fn an_array_of_something_else_is_an_error() {
        for command in [
            "[1]",
            "[\"a\", null]",
            "[\"a\", [\"b\"]]",
            "[{\"a\": [true]}]",
        ] {
            let text = format!("CMD {command}");
            let message = "a JSON array of arguments holds something other than strings";
            assert_eq!(errors(&text), [(command, message.to_owned())]);
            assert!(matches!(
                parse(&text).instructions[0].arguments,
                Arguments::Shell(_)
            ));
        }
    }

    #[test]
    fn it_is_for_paths_and_shells_too() {
        assert_eq!(exec("COPY --link [\"a b\", \"c\"]")[0].value, "a b");
        assert_eq!(exec("VOLUME [\"/data\"]")[0].value, "/data");
        assert_eq!(exec("SHELL [\"/bin/bash\", \"-c\"]").len(), 2);
        assert_eq!(
            errors("SHELL bash -c"),
            [(
                "bash -c",
                "the arguments of SHELL are not a JSON array".to_owned()
            )]
        );
        assert_eq!(
            errors("SHELL []"),
            [("[]", "SHELL needs an argument".to_owned())]
        );
    }
}

mod flags {
    use super::*;

    fn shape<'t>(text: &'t str, flag: &Flag) -> (String, Option<String>, &'t str) {
        let value = flag.value.as_ref().map(|value| value.value.clone());
        (flag.name.value.clone(), value, flag.span.of(text))
    }

    #[test]
    fn stand_before_the_arguments() {
        let text = "COPY --link --chown=1000:1000 \\\n  --from=build a --b\n";
        let instruction = only(text);
        let shapes: Vec<_> = instruction
            .flags
            .iter()
            .map(|flag| shape(text, flag))
            .collect();
        let expected = [
            ("link".to_owned(), None, "--link"),
            (
                "chown".to_owned(),
                Some("1000:1000".to_owned()),
                "--chown=1000:1000",
            ),
            ("from".to_owned(), Some("build".to_owned()), "--from=build"),
        ];
        assert_eq!(shapes, expected);
        assert_eq!(instruction.arguments_span.of(text), "a --b");
        assert_eq!(instruction.flags[2].name.span.of(text), "from");
        assert_eq!(
            instruction.flags[2].value.as_ref().unwrap().span.of(text),
            "build"
        );
    }

    #[test]
    fn end_at_two_hyphens() {
        let instruction = only("COPY --link -- --a b");
        assert_eq!((instruction.flags.len(), words(&instruction).len()), (1, 2));
        assert_eq!(only("RUN --").arguments, Arguments::None);
    }

    #[test]
    fn lose_their_quotes() {
        let text = "RUN --mount=\"type=secret,id=a b\" --mount=type=\\\ncache,target='/x y',ro x";
        let instruction = only(text);
        let fields: Vec<_> = instruction.flags.iter().map(Flag::fields).collect();
        let shape = |index: usize| -> Vec<(&str, &str, Option<&str>)> {
            let fields = fields[index].iter();
            fields
                .map(|(key, value)| {
                    let value = value.as_ref().map(|value| value.as_str());
                    (key.as_str(), key.span.of(text), value)
                })
                .collect()
        };
        assert_eq!(
            shape(0),
            [("type", "type", Some("secret")), ("id", "id", Some("a b"))]
        );
        assert_eq!(
            shape(1),
            [
                ("type", "type", Some("cache")),
                ("target", "target", Some("/x y")),
                ("ro", "ro", None)
            ]
        );
        assert_eq!(fields[1][0].1.as_ref().unwrap().span.of(text), "cache");
        assert_eq!(fields[1][1].1.as_ref().unwrap().span.of(text), "/x y");
        assert_eq!(
            instruction.flags[0].value.as_ref().unwrap().span.of(text),
            "\"type=secret,id=a b\""
        );
    }

    #[test]
    fn may_have_no_value() {
        let instruction = only("COPY --link= a b");
        assert_eq!(instruction.flags[0].value.as_ref().unwrap().value, "");
        assert_eq!(instruction.flags[0].fields(), []);
    }
}

mod from {
    use super::*;

    fn stage(text: &str) -> (String, Option<String>) {
        match only(text).arguments {
            Arguments::From { image, stage, .. } => (image.raw, stage.map(|stage| stage.value)),
            other => panic!("no FROM: {other:?}"),
        }
    }

    #[test]
    fn has_an_image_and_a_name() {
        assert_eq!(stage("FROM ruby:3.4"), ("ruby:3.4".to_owned(), None));
        assert_eq!(
            stage("from --platform=$BUILDPLATFORM docker.io/library/ruby:$V-slim as Base"),
            (
                "docker.io/library/ruby:$V-slim".to_owned(),
                Some("Base".to_owned())
            )
        );
    }

    #[test]
    fn takes_nothing_else() {
        let message = "FROM takes an image, or an image, AS and a name".to_owned();
        assert_eq!(errors("FROM a AS"), [("AS", message.clone())]);
        assert_eq!(errors("FROM a b c"), [("b c", message)]);
        assert_eq!(errors("FROM"), [("FROM", "FROM needs an image".to_owned())]);
        assert_eq!(errors("FROM a AS 1b")[0].0, "1b");
        assert_eq!(errors("FROM a AS b/c")[0].0, "b/c");
    }
}

mod pairs {
    use super::*;

    #[test]
    fn have_two_forms() {
        assert_eq!(
            pairs(r#"ENV A=1 B="v 2" C='x y'z D=a\ b "E"="#),
            (
                vec![
                    pair("A", "1"),
                    pair("B", r#""v 2""#),
                    pair("C", "'x y'z"),
                    pair("D", r"a\ b"),
                    pair("E", "")
                ],
                false
            )
        );
        assert_eq!(pairs("ENV A  b = c  "), (vec![pair("A", "b = c")], true));
        assert_eq!(pairs("LABEL a\\\n  b"), (vec![pair("a", "b")], true));
        assert_eq!(
            pairs("LABEL \"a.b\"=\"c\""),
            (vec![pair("a.b", "\"c\"")], false)
        );
    }

    #[test]
    fn of_arg_may_be_names() {
        let expected = vec![("A".to_owned(), None), pair("B", "1"), pair("C", "")];
        assert_eq!(pairs("ARG A B=1 C="), (expected, false));
    }

    #[test]
    fn go_over_lines() {
        let text = "ENV A=\"1\" \\\n    # why\n    B=\"x\\\ny\" \\\n    C=$A\n";
        let instruction = only(text);
        let Arguments::Pairs { pairs, .. } = &instruction.arguments else {
            panic!()
        };
        let values: Vec<_> = pairs
            .iter()
            .map(|pair| (pair.span.of(text), pair.value.as_ref().unwrap().literal()))
            .collect();
        let expected = [
            ("A=\"1\"", Some("1".to_owned())),
            ("B=\"x\\\ny\"", Some("xy".to_owned())),
            ("C=$A", None),
        ];
        assert_eq!(values, expected);
        let variables: Vec<&str> = pairs[2]
            .value
            .as_ref()
            .unwrap()
            .variables()
            .map(|name| name.span.of(text))
            .collect();
        assert_eq!(variables, ["A"]);
    }

    #[test]
    fn can_be_wrong() {
        assert_eq!(
            errors("ENV A=1 b C=2"),
            [("b", "an assignment has no `=`".to_owned())]
        );
        assert_eq!(
            errors("ENV A"),
            [("A", "ENV needs a name and a value".to_owned())]
        );
        assert_eq!(
            errors("ARG =1"),
            [("=1", "an assignment of ARG has no name".to_owned())]
        );
        assert_eq!(errors("ENV"), [("ENV", "ENV needs an argument".to_owned())]);
        assert_eq!(
            errors("ENV A='b"),
            [("'b", "a single quote is not closed".to_owned())]
        );
    }
}

mod words {
    use super::*;

    fn word(raw: &str) -> Word {
        let text = format!("WORKDIR {raw}");
        words(&parse(&text).instructions[0])[0].clone()
    }

    fn lookup(name: &str) -> Option<String> {
        let value = match name {
            "PWD" => "/home",
            "EMPTY" => "",
            "V" => "3.4.1-slim",
            "SHARE" => r"\\host",
            "é" => "ü",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[track_caller]
    fn expands(raw: &str, expected: &str) {
        assert_eq!(word(raw).expand(&lookup).as_deref(), Ok(expected), "{raw}");
    }

    #[track_caller]
    fn is_unknown(raw: &str, because: &str) {
        assert_eq!(word(raw).expand(&lookup), Err(because.to_owned()), "{raw}");
    }

    #[test]
    fn quotes_and_escapes_go_away() {
        expands("a b", "a b");
        expands(r"he\'llo", "he'llo");
        expands(r#""a\tb\"c\\""#, r#"a\tb"c\"#);
        expands(r"'a\tb$PWD'", r"a\tb$PWD");
        expands(r#"a"b c"'d'e"#, "ab cde");
        expands(r"hello\", "hello");
        expands(r"\$PWD", "$PWD");
        expands(r#""''""#, "''");
        assert_eq!(word("'a'\"b\"").literal().as_deref(), Some("ab"));
        assert_eq!(word("a$b").literal(), None);
        assert_eq!(word("a\"b").literal(), None);
    }

    #[test]
    fn variables_expand() {
        expands("$PWD/x", "/home/x");
        expands("${PWD}x", "/homex");
        expands("\"$PWD\"", "/home");
        expands("$é", "ü");
        expands("$. $ $(a) a$", "$. $ $(a) a$");
        is_unknown("$PWDx", "PWDx");
        is_unknown("${NOPE}", "NOPE");
        is_unknown("$1", "1");
    }

    #[test]
    fn defaults_make_known() {
        expands(
            "${NOPE:-d}${NOPE-e}${EMPTY:-f}${EMPTY-g}${PWD:-$NOPE}",
            "def/home",
        );
        expands("${NOPE:-${NOPE:-a b}}", "a b");
        expands("${NOPE:-'}'}", "}");
        is_unknown("${NOPE:-$OTHER}", "OTHER");
        expands("${PWD:+x}${EMPTY:+x}${EMPTY+y}", "xy");
        is_unknown("${NOPE:+x}", "NOPE");
        expands("${PWD:?}${EMPTY?}", "/home");
        is_unknown("${EMPTY:?no}", "EMPTY");
        is_unknown("${NOPE?no}", "NOPE");
    }

    #[test]
    fn prefixes_and_suffixes_are_trimmed() {
        expands(
            "${V%-*} ${V%%.*} ${V#*.} ${V##*.}",
            "3.4.1 3 4.1-slim 1-slim",
        );
        expands(
            "${V#?.} ${V%x} ${V#} ${V%%*}",
            "4.1-slim 3.4.1-slim 3.4.1-slim ",
        );
        expands(r"${V#\*} ${V%${NOPE:--slim}}", "3.4.1-slim 3.4.1");
        expands(r#"${SHARE#"\\"} ${SHARE#\\\\}"#, r"\host host");
        is_unknown(r"${V#\x}", "V");
        // Replacement is read, but not evaluated.
        is_unknown("${V/./_}", "V");
        assert_eq!(
            word("${V//./$X}")
                .variables()
                .map(|name| name.value)
                .collect::<Vec<_>>(),
            ["V", "X"]
        );
    }

    #[test]
    fn malformed_words_are_unknown_as_a_whole() {
        for (raw, message) in [
            ("'a", "a single quote is not closed"),
            ("\"a", "a double quote is not closed"),
            ("${a", "a `${` is not closed"),
            ("${a:-", "a `${` is not closed"),
            ("${", "a `${` is not closed"),
            ("${}", "a substitution has no variable"),
            ("${a=b}", "a substitution has an unsupported modifier"),
            ("${a:=b}", "a substitution has an unsupported modifier"),
            ("${a:#b}", "a substitution has an unsupported modifier"),
            ("${a/b}", "a `/` is missing in a substitution"),
        ] {
            let text = format!("USER {raw}");
            assert_eq!(errors(&text), [(raw, message.to_owned())]);
            is_unknown(raw, raw);
        }
    }

    #[test]
    fn variables_have_places() {
        let text = "COPY \\\n a$B${C:-\"$D\\\nE\"} /x\n";
        let instruction = only(text);
        let variables: Vec<_> = words(&instruction)[0]
            .variables()
            .map(|name| (name.value, name.span.of(text)))
            .collect();
        assert_eq!(variables, [("B", "B"), ("C", "C"), ("DE", "D\\\nE")]);
    }

    #[test]
    fn the_escape_character_is_that_of_the_file() {
        let dockerfile = parse_clean("# escape=`\nWORKDIR C:\\a`$b\n");
        assert_eq!(
            words(&dockerfile.instructions[0])[0].literal().as_deref(),
            Some("C:\\a$b")
        );
    }

    #[test]
    fn expansions_are_limited() {
        let long = |_: &str| Some("x".repeat(1 << 19));
        assert!(word("$a$b").expand(&long).is_ok());
        assert_eq!(word("$a$b$c").expand(&long), Err("c".to_owned()));
    }

    #[test]
    fn blanks_separate_whatever_the_quotes() {
        let spans: Vec<&str> = errors("COPY \"a b\" c")
            .into_iter()
            .map(|(text, _)| text)
            .collect();
        assert_eq!(spans, ["\"a", "b\""]);
        assert_eq!(raw("EXPOSE 80 \t443/tcp $PORT"), ["80", "443/tcp", "$PORT"]);
        assert_eq!(raw("USER a : b "), ["a : b"]);
        assert_eq!(raw("MAINTAINER it's me"), ["it's me"]);
    }
}

mod heredocs {
    use super::*;

    /// Name, body, and whether tabs are stripped and variables expanded.
    #[track_caller]
    fn of(text: &str) -> Vec<(String, &str, bool, bool)> {
        let heredocs = only(text).heredocs.into_iter();
        heredocs
            .inspect(|heredoc| assert!(heredoc.terminated))
            .map(|it| (it.name.value, it.body.of(text), it.strip_tabs, it.expand))
            .collect()
    }

    #[test]
    fn have_bodies() {
        assert_eq!(
            of("RUN <<EOF\n# a\n\nb \\\nEOF\n"),
            [("EOF".to_owned(), "# a\n\nb \\\n", false, true)]
        );
        assert_eq!(of("RUN <<EOF\nEOF"), [("EOF".to_owned(), "", false, true)]);
        assert_eq!(
            of("RUN <<-'SCRIPT' bash\n\ta\n\t\tSCRIPT\n"),
            [("SCRIPT".to_owned(), "\ta\n", true, false)]
        );
        assert_eq!(
            of("RUN <<E\r\na\r\nE\r\n"),
            [("E".to_owned(), "a\r\n", false, true)]
        );
        assert_eq!(
            of("RUN cat <<a.txt 3<<\"b c\"\nb c\na.txt\n1\nb c\n"),
            [
                ("a.txt".to_owned(), "b c\n", false, true),
                ("b c".to_owned(), "1\n", false, false)
            ]
        );
    }

    #[test]
    fn are_opened_anywhere_in_the_line() {
        for line in [
            "RUN cat <<E > /x",
            "RUN --mount=type=cache,target=/x python3 <<E",
            "RUN bash <<E && \\\n  # why\n  b",
            "RUN cat <<E\\\n > /x",
            "RUN cat << \t E > /x",
            "RUN echo \"${A:-b c}\" '<<X' <<E",
            "RUN echo $((1<<2)) <<<x <<E",
            "RUN cat \\<<E <<E",
            "RUN <<\"E\"",
            "RUN <<E''",
            "run <<E",
        ] {
            let text = format!("{line}\nbody\nE\n");
            let heredocs = of(&text);
            assert_eq!(heredocs.len(), 1, "{line}");
            assert_eq!(
                (heredocs[0].0.as_str(), heredocs[0].1),
                ("E", "body\n"),
                "{line}"
            );
        }
    }

    #[test]
    fn are_not_opened_by_what_only_looks_alike() {
        for line in [
            "RUN cat <<<E",
            "RUN echo $((1<<2))",
            "RUN echo a<<E",
            "RUN echo '<<E' \"<<E\"",
            "RUN echo <<",
            "RUN echo <<- E",
            "RUN echo <<''",
            "RUN [\"<<E\"]",
            "CMD cat <<E",
            "USER <<E",
            "ENV a=1 <<E=",
            // The shell's quotes are not balanced, so BuildKit finds no words at all.
            "RUN echo it's <<E",
        ] {
            assert_eq!(only(line).heredocs, [], "{line}");
        }
    }

    #[test]
    fn have_file_descriptors_and_places() {
        let text = "FROM a\nRUN 3<<-\"E\" cat /dev/fd/3\n\tx\n\tE\nCMD b\n";
        let dockerfile = parse_clean(text);
        let run = &dockerfile.instructions[1];
        let heredoc = &run.heredocs[0];
        assert_eq!(heredoc.file_descriptor, 3);
        assert_eq!(heredoc.word.of(text), "3<<-\"E\"");
        assert_eq!(heredoc.name.span.of(text), "\"E\"");
        assert_eq!(run.span.of(text), "RUN 3<<-\"E\" cat /dev/fd/3\n\tx\n\tE");
        assert_eq!(run.arguments_span.of(text), "3<<-\"E\" cat /dev/fd/3");
        assert_eq!(keywords(&dockerfile), ["FROM", "RUN", "CMD"]);
    }

    #[test]
    fn belong_to_the_instruction_within_onbuild() {
        let text = "ONBUILD RUN <<E\na\nE\nCMD b";
        let dockerfile = parse_clean(text);
        let Arguments::Onbuild(trigger) = &dockerfile.instructions[0].arguments else {
            panic!()
        };
        assert_eq!(dockerfile.instructions[0].heredocs, []);
        assert_eq!(trigger.heredocs[0].body.of(text), "a\n");
        assert_eq!(trigger.span.of(text), "RUN <<E\na\nE");
        assert_eq!(
            dockerfile.instructions[0].span.of(text),
            "ONBUILD RUN <<E\na\nE"
        );
    }

    #[test]
    fn without_end_hide_only_what_is_no_instruction() {
        let text = "RUN <<E <<F\na\nrun b\nCMD c\n";
        assert_eq!(
            errors(text),
            [("<<E", "the here-document `E` is not terminated".to_owned())]
        );
        let dockerfile = parse(text);
        assert_eq!(keywords(&dockerfile), ["RUN", "CMD"]);
        let heredocs = &dockerfile.instructions[0].heredocs;
        assert_eq!(heredocs[0].body.of(text), "a\nrun b\n");
        assert_eq!(heredocs[1].body, Span::at(text.find("CMD").unwrap()));
        assert!(heredocs.iter().all(|heredoc| !heredoc.terminated));
        assert_eq!(errors("RUN <<E").len(), 1);
    }

    #[test]
    fn are_no_destination() {
        assert_eq!(
            errors("COPY a <<E\nE\n"),
            [(
                "<<E",
                "a here-document is the destination of COPY".to_owned()
            )]
        );
    }
}

mod others {
    use super::*;

    #[test]
    fn health_checks() {
        let text = "HEALTHCHECK --interval=5s \\\n  cmd curl -f / || exit 1";
        let instruction = only(text);
        assert_eq!(instruction.flags.len(), 1);
        let Arguments::Healthcheck {
            none: false,
            command: Some(command),
        } = instruction.arguments
        else {
            panic!()
        };
        let Arguments::Shell(shell) = *command else {
            panic!()
        };
        assert_eq!(shell.span.of(text), "curl -f / || exit 1");
        let exec = only("HEALTHCHECK CMD [\"a\"]").arguments;
        assert!(
            matches!(exec, Arguments::Healthcheck { command: Some(command), .. } if matches!(*command, Arguments::Exec(_)))
        );
        let none = Arguments::Healthcheck {
            none: true,
            command: None,
        };
        assert_eq!(only("HEALTHCHECK NONE").arguments, none);
        assert_eq!(errors("HEALTHCHECK NONE a")[0].0, "a");
        assert_eq!(errors("HEALTHCHECK CMD")[0].0, "CMD");
        assert_eq!(
            errors("HEALTHCHECK TCP 1"),
            [(
                "TCP",
                "`TCP` is no kind of health check: CMD and NONE are".to_owned()
            )]
        );
    }

    #[test]
    fn triggers() {
        let text = "onbuild  copy --link a b";
        let instruction = only(text);
        let Arguments::Onbuild(trigger) = &instruction.arguments else {
            panic!()
        };
        assert_eq!(trigger.keyword.value, Keyword::Copy);
        assert_eq!(trigger.span.of(text), "copy --link a b");
        assert_eq!((trigger.flags.len(), words(trigger).len()), (1, 2));
        let message = "ONBUILD is not allowed after ONBUILD".to_owned();
        assert_eq!(
            errors("ONBUILD ONBUILD ONBUILD RUN a"),
            [("ONBUILD", message)]
        );
        assert_eq!(errors("ONBUILD FROM a").len(), 1);
        assert_eq!(errors("ONBUILD").len(), 1);
    }

    #[test]
    fn unknown_instructions_are_kept() {
        let text = "FROM a\nFOO b \\\n c\nRUNecho d\nCMD e\n";
        let dockerfile = parse(text);
        assert_eq!(keywords(&dockerfile), ["FROM", "FOO", "RUNecho", "CMD"]);
        assert_eq!(dockerfile.instructions[1].span.of(text), "FOO b \\\n c");
        assert_eq!(
            errors(text),
            [
                ("FOO", "`FOO` is no instruction".to_owned()),
                ("RUNecho", "`RUNecho` is no instruction".to_owned()),
            ]
        );
        // Of the blanks, only those of ASCII separate a keyword.
        assert_eq!(errors("RUN\u{a0}a")[0].0, "RUN\u{a0}a");
    }

    #[test]
    fn missing_arguments() {
        for keyword in [
            "ADD",
            "COPY",
            "EXPOSE",
            "LABEL",
            "ARG",
            "USER",
            "WORKDIR",
            "VOLUME",
            "STOPSIGNAL",
            "SHELL",
            "MAINTAINER",
            "HEALTHCHECK",
        ] {
            assert_eq!(errors(keyword).len(), 1, "{keyword}");
        }
        let message = "COPY needs a source and a destination".to_owned();
        assert_eq!(errors("COPY --link a"), [("a", message)]);
    }

    #[test]
    fn files_without_instructions() {
        for text in ["", "\n\n", "# a\n", "\u{feff}", "# syntax=a"] {
            assert_eq!(
                errors(text),
                [("", "the file has no instruction".to_owned())]
            );
        }
        assert_eq!(
            errors("\\"),
            [("", "a continuation has no instruction".to_owned())]
        );
    }

    #[test]
    fn keywords_have_one_name() {
        assert_eq!(only("sTOPsignal 9").keyword.to_string(), "STOPSIGNAL");
        assert_eq!(Keyword::Unknown("Foo".to_owned()).name(), "Foo");
    }
}

#[test]
fn hostile_texts_are_read_once() {
    for text in [
        "RUN <<A\n".repeat(20_000),
        format!("RUN {}", "<<A ".repeat(20_000)),
        format!("ENV A={}", "${a:-".repeat(20_000)),
        format!("RUN <<A {}", "\"${a:-".repeat(20_000)),
        "ONBUILD ".repeat(20_000),
        format!("RUN a \\\n{}", "# x\n\n\\\n".repeat(20_000)),
        format!("ENV {}", "A=$B \\\n".repeat(20_000)),
        format!("RUN {}", "--a=b,\\\n".repeat(20_000)),
        format!("CMD {}", "[".repeat(20_000)),
        "ENV A='\n".repeat(20_000),
    ] {
        parse(&text);
    }
}

/// Pieces that mean something to the parser.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "RUN ",
        "COPY ",
        "ENV ",
        "ONBUILD ",
        "FROM ",
        "HEALTHCHECK CMD ",
        "CMD ",
        "# escape=`\n",
        "# x",
        "\\\n",
        "`\n",
        "\\",
        "`",
        "\n",
        "\r\n",
        "\r",
        " ",
        "\t",
        "\u{a0}",
        "<<E",
        "<<-\"E\"",
        "E\n",
        "\tE",
        "<<",
        "<",
        "$",
        "${",
        "}",
        ":-",
        "/",
        "%",
        "'",
        "\"",
        "[",
        "]",
        ",",
        "\"a\"",
        "a",
        "é",
        "\u{1f6a2}",
        "A=",
        "--",
        "--mount=",
        "=",
        "\u{feff}",
        "3",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// A sample with a range of characters replaced.
fn mutated_samples() -> impl Strategy<Value = String> {
    (
        prop::sample::select(SAMPLES.to_vec()),
        any::<prop::sample::Index>(),
        0..40_usize,
        pieces(),
    )
        .prop_map(|(sample, at, length, piece)| {
            let start = sample.floor_char_boundary(at.index(sample.len()));
            let end = sample.floor_char_boundary((start + length).min(sample.len()));
            [&sample[..start], &piece, &sample[end..]].concat()
        })
}

proptest! {
    #[test]
    fn any_text_parses(text in any::<String>()) {
        check_invariants(&text, &parse(&text));
    }

    #[test]
    fn any_pieces_parse(text in pieces()) {
        check_invariants(&text, &parse(&text));
    }

    #[test]
    fn mutated_samples_parse(text in mutated_samples()) {
        check_invariants(&text, &parse(&text));
    }

    #[test]
    fn words_without_specials_say_what_they_are(text in "[a-zA-Z0-9:/._][a-zA-Z0-9:/._-]{0,19}") {
        let source = format!("USER {text}");
        let instruction = only(&source);
        let word = &words(&instruction)[0];
        prop_assert_eq!(word.literal(), Some(text.clone()));
        prop_assert_eq!(word.expand(&|_| None), Ok(text));
    }

    #[test]
    fn json_strings_survive(strings in prop::collection::vec("[a-z\"\\\\\u{e9}\u{1f600}\n/ ]{0,8}", 0..4)) {
        let literals: Vec<String> = strings
            .iter()
            .map(|string| string.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
            .map(|string| format!("\"{string}\""))
            .collect();
        let text = format!("CMD [{}]", literals.join(" , "));
        let values: Vec<String> = exec(&text).into_iter().map(|string| string.value).collect();
        prop_assert_eq!(values, strings);
    }
}
