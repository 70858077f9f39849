//! What the shell parser makes of real and of broken scripts.

// The oracle is a program.
#![allow(clippy::disallowed_types)]

use std::process::Command as Process;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use syntax::Span;
use syntax::shell::{
    ArmEnd, Command, Connector, Header, Part, Script, Shebang, Statement, Test, Word, parse,
};

/// The words of every command, as the shell gets them where that is known: `apt-get update|rm -rf x`.
fn commands(text: &str) -> String {
    let script = parse(text);
    assert_eq!(script.errors, [], "{text}");
    words(&script)
}

fn words(script: &Script) -> String {
    let commands = script.commands();
    let lines = commands.iter().map(|command| {
        let words = command.words.iter();
        let words = words.map(|word| word.literal_or_pattern().unwrap_or_else(|| "…".to_owned()));
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("|")
}

fn only(text: &str) -> Statement {
    let script = parse(text);
    assert_eq!(script.errors, [], "{text}");
    let [statement] = <[Statement; 1]>::try_from(script.statements).expect("one statement");
    statement
}

fn command(text: &str) -> Command {
    match only(text) {
        Statement::Command(command) => command,
        other => panic!("{other:?}"),
    }
}

/// The package stage of a Dockerfile of Rails 8.
const RUN: &str = "apt-get update -qq && \\\n    \
    apt-get install --no-install-recommends -y curl libjemalloc2 libvips sqlite3 && \\\n    \
    rm -rf /var/lib/apt/lists /var/cache/apt/archives";

#[test]
fn a_run_body() {
    let script = parse(RUN);
    let Some(Statement::List { span, first, rest }) = script.statements.first() else {
        panic!("{script:?}");
    };
    assert_eq!(span.of(RUN), RUN);
    assert_eq!(first.span().of(RUN), "apt-get update -qq");
    assert!(
        rest.iter()
            .all(|(connector, _)| *connector == Connector::And)
    );
    let commands = script.commands();
    let install = commands[1];
    assert_eq!(install.span.of(RUN).split(' ').next_back(), Some("sqlite3"));
    assert_eq!(install.words[5].span.of(RUN), "libjemalloc2");
    assert!(install.has_flag(&["--yes", "-y"]));
    assert!(!install.has_flag(&["-q", "--quiet"]));
    assert!(commands[0].has_flag(&["-q"]));
    assert_eq!(install.name().as_deref(), Some("apt-get"));
    assert_eq!(install.arguments()[0].as_deref(), Some("install"));
}

#[test]
fn commands_anywhere() {
    for (text, expected) in [
        ("a; b & c\nd", "a|b|c|d"),
        ("a | b |& c", "a|b|c"),
        ("if a; then b; elif c; then d; else e; fi", "a|b|c|d|e"),
        ("while a; do b; done; until c; do d; done", "a|b|c|d"),
        ("for x in $(a) b; do c; done", "a|c"),
        ("for x\ndo a; done", "a"),
        ("for ((i=0; i<3; i++)); do a; done", "a"),
        ("select x in a; do b; done", "b"),
        ("case $(a) in x|y) b;; (z) c ;& *) d; esac", "a|b|c|d"),
        ("case x in\n  a)\n    ;;\n  b) c\nesac", "c"),
        ("f() { a; }; function g { b; }; function h() ( c )", "a|b|c"),
        ("{ a; } > x 2>&1; ( b; c ) < y", "a|b|c"),
        ("x=$(a) y=`b` c $(d \"$(e)\") <(f)", "c … …|a|b|d …|e|f"),
        ("echo \"${x:-$(a)}\" $((1 + $(b)))", "echo … …|a|b"),
        ("cat <<EOF\n$(a) `b`\nEOF\nc", "cat|a|b|c"),
        ("cat <<'EOF' && a\n$(b)\nEOF\nc", "cat|a|c"),
        ("cat <<-A <<B | c\n\tx\n\tA\ny\nB\nd", "cat|c|d"),
        ("a <<E \\\n  b\nx\nE\nc", "a b|c"),
        ("x=$(cat <<E\n)\nE\n)\na", "|cat|a"),
        ("[[ $(a) == b ]] && c", "a|c"),
        ("time -p a; ! b; coproc c", "a|b|c"),
        ("! ! a | b", "a|b"),
        ("((x++)); a", "a"),
        ("((a); b)", "a|b"),
        ("$((a); b)", "…|a|b"),
        ("a \\\n  b \\\r\n  c", "a b c"),
        ("if a; then b; fi\\\n", "a|b"),
        ("fi\\\nnd x", "find x"),
        ("fo\\\no ba\\\r\nr", "foo bar"),
        ("a#b #c\n#d\ne", "a#b|e"),
        (
            "echo {} {a,b} a{b [ ] if then",
            "echo {} {a,b} a{b [ ] if then",
        ),
        (
            "echo 'a b' \"c d\" e\\ f $'g\\th\\u00e9\\x41' $\"i\" ''",
            "echo a b c d e f g\théA i ",
        ),
        (
            "find . -name '*.rb' -exec rm {} \\; -o -print",
            "find . -name *.rb -exec rm {} ; -o -print",
        ),
        (
            "curl https://x/y?z=1#f | bash -s -- --yes",
            "curl https://x/y?z=1#f|bash -s -- --yes",
        ),
        ("export A=1 B=\"$x\" && unset A", "export A=1 …|unset A"),
        ("local a=(1 \"$2\") b", "local … b"),
        ("a=(1 2\n 3) b[1]=2 c+=x d=", ""),
        ("a 2>/dev/null >b 3>&1 {x}<c &>d >|e <<<f g", "a g"),
        ("2>x a", "a"),
        ("a\r\nb\r\n", "a|b"),
        ("", ""),
        ("# only a comment", ""),
        (
            "set -e; if [ -f x ]; then\n  a # b\nfi # c\n",
            "set -e|[ -f x ]|a",
        ),
        ("a && # why\n  b ||\n\n  c |\n d", "a|b|c|d"),
        ("~/bin/a ~ ~user/x b~", "~/bin/a ~ ~user/x b~"),
        ("é=1; echo é", "é=1|echo é"),
    ] {
        assert_eq!(commands(text), expected, "{text:?}");
    }
}

#[test]
fn parts_of_words() {
    let parts = |text: &str| -> Vec<Part> {
        let command = command(&format!("x {text}"));
        command.words[1]
            .parts
            .iter()
            .map(|part| part.value.clone())
            .collect()
    };
    let parameter = |text: &str| match parts(text).as_slice() {
        [
            Part::Parameter {
                name,
                prefix,
                operation,
                quoted,
            },
        ] => {
            let operation = operation.as_ref().map(|operation| operation.text.clone());
            (
                name.clone(),
                *prefix,
                operation.unwrap_or_default(),
                *quoted,
            )
        }
        other => panic!("{other:?}"),
    };
    for (text, name, prefix, operation, quoted) in [
        ("$1", "1", None, "", false),
        ("\"$@\"", "@", None, "", true),
        ("\"${@: -2:1}\"", "@", None, ": -2:1", true),
        ("${FOO}", "FOO", None, "", false),
        ("\"${FOO:-a b}\"", "FOO", None, ":-a b", true),
        ("${FOO+x}", "FOO", None, "+x", false),
        ("${x##*/}", "x", None, "##*/", false),
        ("${x/a/\"}\"}", "x", None, "/a/\"}\"", false),
        ("${#x}", "x", Some('#'), "", false),
        ("${#}", "#", None, "", false),
        ("${!x}", "x", Some('!'), "", false),
        ("${10}", "10", None, "", false),
        ("${a[@]}", "a", None, "[@]", false),
        ("${x^^}", "x", None, "^^", false),
        ("$?", "?", None, "", false),
    ] {
        let expected = (name.to_owned(), prefix, operation.to_owned(), quoted);
        assert_eq!(parameter(text), expected, "{text}");
    }
    let literal = |text: &str| Part::Literal(text.to_owned());
    let pattern = |text: &str| Part::Pattern(text.to_owned());
    assert_eq!(parts("a'*'b"), [literal("a*b")]);
    assert_eq!(
        parts("/usr/lib/*/lib[a-z]?"),
        [
            literal("/usr/lib/"),
            pattern("*"),
            literal("/lib"),
            pattern("[a-z]"),
            pattern("?")
        ]
    );
    assert_eq!(parts("$"), [literal("$")]);
    assert_eq!(parts("\"a$\""), [literal("a$")]);
    assert_eq!(parts("\"\\n\\$\\\"\""), [literal("\\n$\"")]);
}

#[test]
fn spans_are_of_the_given_text() {
    let text = "é && x=\"ü $A\" b \\\n  'c d'$(e) >f # ö";
    let script = parse(text);
    let commands = script.commands();
    let b = commands[1];
    assert_eq!(b.span.of(text), "x=\"ü $A\" b \\\n  'c d'$(e) >f");
    assert_eq!(b.assignments[0].span.of(text), "x=\"ü $A\"");
    assert_eq!(b.assignments[0].name.span.of(text), "x");
    assert_eq!(b.assignments[0].value.parts[1].span.of(text), "$A");
    assert_eq!(b.words[0].span.of(text), "b");
    assert_eq!(b.words[1].span.of(text), "'c d'$(e)");
    assert_eq!(b.words[1].parts[1].span.of(text), "$(e)");
    assert_eq!(b.redirects[0].span.of(text), ">f");
    assert_eq!(b.redirects[0].target.span.of(text), "f");
    assert_eq!(script.comments[0].of(text), "# ö");
    let text = "if a; then b; fi  # c";
    assert_eq!(
        parse(text).statements[0].span().of(text),
        "if a; then b; fi"
    );
    let text = "cat <<E >x\na\nE\nb";
    let here = &parse(text).commands()[0].redirects[0].clone();
    assert_eq!(
        (here.span.of(text), here.target.span.of(text)),
        ("<<E", "a\n")
    );
}

#[test]
fn statements() {
    let Statement::Case { subject, arms, .. } =
        only("case \"$1\" in a|*b*) x ;; c) y ;& *) z ;;& esac")
    else {
        panic!("it is a case");
    };
    assert_eq!(subject.literal(), None);
    assert_eq!(arms[0].patterns.len(), 2);
    let ends: Vec<ArmEnd> = arms.iter().map(|arm| arm.end).collect();
    assert_eq!(ends, [ArmEnd::Break, ArmEnd::FallThrough, ArmEnd::Continue]);
    let Statement::Not { statement, .. } = only("! a | b") else {
        panic!("it is negated");
    };
    assert!(matches!(*statement, Statement::Pipeline { .. }));
    let Statement::Loop {
        header: Header::For { variable, words },
        ..
    } = only("for x in a \"$@\"; do y; done")
    else {
        panic!("it is a loop");
    };
    assert_eq!(
        (variable.value.as_str(), words.map(|words| words.len())),
        ("x", Some(2))
    );
    let Statement::Background { span, .. } = only("a && b &") else {
        panic!("it is in the background");
    };
    assert_eq!(span, Span::new(0, 8));
    assert!(matches!(only("! ! a"), Statement::Command(_)));
}

/// A condition as a term: `=(x, y)`.
fn term(test: &Test) -> String {
    let written = |word: &Word| word.literal_or_pattern().unwrap_or_else(|| "$".to_owned());
    let terms = |tests: &[Test]| tests.iter().map(term).collect::<Vec<_>>().join(", ");
    match test {
        Test::Unary { operator, operand } => format!("{operator}({})", written(operand)),
        Test::Binary {
            left,
            operator,
            right,
        } => format!("{operator}({}, {})", written(left), written(right)),
        Test::Not(test) => format!("!{}", term(test)),
        Test::All(tests) => format!("all({})", terms(tests)),
        Test::Any(tests) => format!("any({})", terms(tests)),
    }
}

#[test]
fn conditions() {
    for (text, expected) in [
        ("[ a = b ]", "=(a, b)"),
        ("[ \"$1\" == x ]", "==($, x)"),
        ("test -z \"$x\"", "-z($)"),
        ("[ x ]", "-n(x)"),
        ("[ ]", "any()"),
        ("[ ! x ]", "!-n(x)"),
        ("[ ! -f x ]", "!-f(x)"),
        ("[ ! a = b ]", "!=(a, b)"),
        ("[ a -a b ]", "all(-n(a), -n(b))"),
        ("[ -f a -a -f b -o -z c ]", "any(all(-f(a), -f(b)), -z(c))"),
        (
            "[ \\( a = b -o c = d \\) -a e ]",
            "all(any(=(a, b), =(c, d)), -n(e))",
        ),
        ("[ $# -gt 0 ]", "-gt($, 0)"),
        ("[ -n = -n ]", "=(-n, -n)"),
    ] {
        let test = command(text)
            .as_test()
            .unwrap_or_else(|| panic!("{text} is a test"));
        assert_eq!(term(&test), expected, "{text}");
    }
    assert_eq!(command("[ a = b").as_test(), None);
    assert_eq!(command("[ a $op b ]").as_test(), None);
    assert_eq!(command("echo a").as_test(), None);
    for (text, expected) in [
        ("[[ $1 == *\"a b\"* ]]", "==($, *a b*)"),
        (
            "[[ -n $1 && ( $2 = x || ! -e y ) ]]",
            "all(-n($), any(=($, x), !-e(y)))",
        ),
        ("[[ $1 =~ ^(a|b c)+$ ]]", "=~($, ^(a|b c)+$)"),
        ("[[ $1 =~ ^(a|\"b\")$ && x ]]", "all(=~($, ^(a|b)$), -n(x))"),
        ("[[ $1 == @(a|b) ]]", "==($, @(a|b))"),
        ("[[ a < b ||\n c > d ]]", "any(<(a, b), >(c, d))"),
        ("[[ -f ]]", "-n(-f)"),
        ("[[ -z = x ]]", "=(-z, x)"),
        ("[[ ! ! x ]]", "-n(x)"),
    ] {
        let Statement::Test { test, span } = only(text) else {
            panic!("{text} is a test");
        };
        assert_eq!((term(&test).as_str(), span.of(text)), (expected, text));
    }
}

#[test]
fn flags_and_their_values() {
    let bundle =
        command("bundle config set --local without development:test --jobs=4 -j \"$N\" -- --yes");
    assert!(bundle.has_flag(&["--local"]) && bundle.has_flag(&["--jobs"]));
    assert!(!bundle.has_flag(&["--yes"]), "it stands behind the --");
    assert_eq!(
        bundle.value_of(&["--jobs", "-j"]),
        Some(Some("4".to_owned()))
    );
    assert_eq!(bundle.value_of(&["-j"]), Some(None));
    assert_eq!(bundle.value_of(&["--path"]), None);
    assert!(command("apt-get -qqy install x").has_flag(&["-y"]));
    assert!(!command("tool -no-yes").has_flag(&["-y"]));
    assert!(command("a --token=$X").has_flag(&["--token"]));
    let (name, value) = command("export A=\"x $B\"").words[1]
        .as_assignment()
        .expect("it is one");
    assert_eq!((name.as_str(), value.parts.len()), ("A", 2));
}

#[test]
fn shebangs() {
    let shebang = |text: &str| parse(text).shebang;
    assert_eq!(
        shebang("#!/bin/bash -e\r\necho"),
        Some(Shebang {
            span: Span::new(0, 14),
            interpreter: "/bin/bash".to_owned(),
            arguments: vec!["-e".to_owned()],
            has_carriage_return: true,
        })
    );
    let program = |text: &str| shebang(text).map(|line| line.program().to_owned());
    assert_eq!(program("#! /usr/bin/env ruby").as_deref(), Some("ruby"));
    assert_eq!(
        program("#!/usr/bin/env -S LANG=C /bin/bash -e").as_deref(),
        Some("bash")
    );
    assert_eq!(program("#!/bin/sh").as_deref(), Some("sh"));
    assert_eq!(program("#!").as_deref(), Some(""));
    assert_eq!(shebang(" #!/bin/sh"), None);
}

#[test]
fn what_is_around_an_error_is_kept() {
    for (text, expected, errors) in [
        ("if a; then b; c", "a|b|c", 1),
        ("if a; b; fi; c", "a|b|c", 1),
        ("a; fi; b", "a|b", 1),
        ("a; ) b", "a|b", 1),
        ("a && && b", "a|b", 2),
        ("a | ; b", "a|b", 2),
        ("while a; do b", "a|b", 1),
        ("for x in a; b; done; c", "b|c", 1),
        ("case x in a) b; c", "b|c", 1),
        ("case x in a b) c;; esac; d", "c|d", 1),
        ("{ a; b", "a|b", 1),
        ("a $(b", "a …|b", 1),
        ("a \"b $(c)\nd", "a …|c", 1),
        ("a 'b\nc", "a b\nc", 1),
        ("a ${b\nc", "a …", 1),
        ("a `b", "a …|b", 1),
        ("a <<E\nb\n", "a", 1),
        ("[[ a == ]] && b", "b", 1),
        ("[[ a && b", "", 1),
        ("f() ; a", "a", 1),
        ("a > ; b", "a|b", 1),
        ("a=(b c", "", 1),
        ("a (b)", "a|b", 1),
        (";; a", "a", 1),
    ] {
        let script = parse(text);
        assert_eq!(words(&script), expected, "{text:?}");
        let messages: Vec<&str> = script
            .errors
            .iter()
            .map(|error| error.message.as_str())
            .collect();
        assert!(
            !messages.is_empty() && messages.len() <= errors + 1,
            "{text:?}: {messages:?}"
        );
    }
    let errors = parse("if a; then b\n").errors;
    assert_eq!(errors[0].message, "`if` is not followed by `fi`");
    assert_eq!(errors[0].span, Span::new(0, 2));
}

/// The grammar of tree-sitter as a second opinion: it finds the same command names in the same
/// places.
#[test]
fn tree_sitter_sees_the_same_commands() {
    let texts = [
        RUN,
        "if [ \"${@: -2:1}\" == \"./bin/rails\" ] && [ \"${@: -1:1}\" == \"server\" ]; then\n  ./bin/rails db:prepare\nfi\n\nexec \"${@}\"\n",
        "bundle install && \\\n    rm -rf ~/.bundle/ \"${BUNDLE_PATH}\"/ruby/*/cache && \\\n    bundle exec bootsnap precompile -j 1 --gemfile",
        "ln -s /usr/lib/$(uname -m)-linux-gnu/libjemalloc.so.2 /usr/local/lib/libjemalloc.so",
        "curl -sL https://github.com/nodenv/node-build/archive/master.tar.gz | tar xz -C /tmp/ && \\\n  /tmp/node-build-master/bin/node-build \"${NODE_VERSION}\" /usr/local/node && rm -rf /tmp/node-build-master",
        "groupadd --system --gid 1000 rails && useradd rails --uid 1000 --gid 1000 --create-home --shell /bin/bash",
        "set -eux; savedAptMark=\"$(apt-mark showmanual)\"; apt-get update; case \"$(dpkg --print-architecture)\" in amd64) a ;; *) echo >&2 no; exit 1 ;; esac",
        "find /usr/local -type f -executable -exec ldd '{}' ';' | awk '/=>/ { print $(NF-1) }' | sort -u | xargs -r dpkg-query --search",
        "while ! nc -z \"$DB_HOST\" 5432 >/dev/null 2>&1; do sleep 1; done; migrate() { bin/rails db:migrate || exit 1; }; migrate",
    ];
    let mut parser = tree_sitter::Parser::new();
    parser
        .set_language(&tree_sitter_bash::LANGUAGE.into())
        .expect("the grammar fits");
    for text in texts {
        let tree = parser.parse(text, None).expect("no timeout is set");
        let mut expected = Vec::new();
        let mut open = vec![tree.root_node()];
        while let Some(node) = open.pop() {
            // Declarations, `unset` and `[` are no commands there.
            if node.kind() == "command_name" {
                expected.push(text[node.byte_range()].to_owned());
            }
            let mut cursor = node.walk();
            let children: Vec<_> = node.children(&mut cursor).collect();
            open.extend(children.into_iter().rev());
        }
        let script = parse(text);
        let commands = script.commands();
        let names: Vec<&str> = commands
            .iter()
            .filter_map(|command| command.words.first())
            .map(|word| word.span.of(text))
            .filter(|name| *name != "[" && *name != "export")
            .collect();
        assert_eq!(names, expected, "{text}");
    }
}

/// Every span is within `text` on character boundaries, and within what it is a part of.
fn check(text: &str) {
    let script = parse(text);
    let inside = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    script.comments.iter().for_each(|span| inside(*span));
    for error in &script.errors {
        inside(error.span);
    }
    let mut last = 0;
    for statement in &script.statements {
        inside(statement.span());
        assert!(
            statement.span().start >= last,
            "statements overlap in {text:?}"
        );
        last = statement.span().end;
    }
    for command in script.commands() {
        inside(command.span);
        for word in &command.words {
            assert!(command.span.encloses(word.span), "{text:?}");
            check_word(text, word);
        }
        for assignment in &command.assignments {
            assert!(command.span.encloses(assignment.span), "{text:?}");
            assert_eq!(assignment.name.span.of(text), assignment.name.value);
            check_word(text, &assignment.value);
        }
        for redirect in &command.redirects {
            assert!(command.span.encloses(redirect.span), "{text:?}");
            check_word(text, &redirect.target);
        }
        let _ = (
            command.as_test(),
            command.has_flag(&["-a"]),
            command.value_of(&["-a"]),
        );
    }
    syntax::shell::evaluate(&script, &[], &|_| {
        syntax::shell::evaluate::Variable::Unknown
    });
}

fn check_word(text: &str, word: &Word) {
    assert!(text.get(word.span.range()).is_some(), "{text:?}");
    let mut last = word.span.start;
    for part in &word.parts {
        assert!(
            part.span.start >= last && part.span.end <= word.span.end,
            "{word:?} of {text:?}"
        );
        last = part.span.end;
        assert!(text.get(part.span.range()).is_some(), "{text:?}");
    }
    let raw = word.span.of(text);
    if raw
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_/.:".contains(&byte))
    {
        assert_eq!(word.literal().as_deref(), Some(raw));
    }
    let _ = word.as_assignment();
}

const PIECES: [&str; 74] = [
    "a",
    "b c",
    " ",
    "  ",
    "\n",
    ";",
    "&",
    "&&",
    "||",
    "|",
    "(",
    ")",
    "{ ",
    "; }",
    "if ",
    "; then ",
    "; else ",
    "; elif ",
    "; fi",
    "while ",
    "until ",
    "for x in ",
    "for ((",
    "))",
    "; do ",
    "; done",
    "case x in ",
    "a) ",
    ";;",
    ";&",
    "; esac",
    "[ ",
    " ]",
    "[[ ",
    " ]]",
    " = ",
    " == ",
    " =~ ",
    "-z ",
    "!",
    "! ",
    "'",
    "\"",
    "`",
    "$(",
    "$((",
    "${",
    "${x",
    "}",
    ":-",
    "$x",
    "$@",
    "\\",
    "\\\n",
    "#",
    " # c\n",
    "<<E\n",
    "\nE\n",
    "<<<",
    ">",
    ">&",
    "2>",
    "<(",
    "x=",
    "x=(",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "f() ",
    "function ",
    "\u{e9}",
    "\u{1f680}",
    "\r\n",
];

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..30)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_pieces_are_read(text in pieces()) {
        check(&text);
    }

    #[test]
    fn mutations_are_read(at in 0..RUN.len(), length in 0usize..20, piece in pieces()) {
        let end = (at + length).min(RUN.len());
        check(&format!("{}{piece}{}", &RUN[..at], &RUN[end..]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        // Always the same: what it finds is a matter of how long it is looked for.
        cases: 96, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Skipped where there is no bash. With `-n` it does not look between backquotes, into
    /// here-documents, conditions and expressions; and a carriage return is a letter to it, and
    /// the end of a line to us.
    #[test]
    fn what_bash_accepts_is_no_error(text in pieces()) {
        let blind = ["`", "\r", "<<E", "[[", "((", "${$"];
        let text = blind.iter().fold(text, |text, piece| text.replace(piece, ""));
        // An operator of two characters may even be on two lines.
        let text = text.replace("\\\n", " \\\n ");
        let bash = Process::new("bash").args(["-n", "-c", &text]).output();
        if bash.is_ok_and(|output| output.status.success() && output.stderr.is_empty()) {
            let mut errors = parse(&text).errors;
            // A lone `!` is a command to bash, but nobody means it; `${}` fails when it is run.
            let is_accepted = |message: &str| message.contains("`!`") || message.contains("a name");
            errors.retain(|error| !is_accepted(&error.message));
            prop_assert!(errors.is_empty(), "{errors:?}");
        }
    }
}

#[test]
fn hostile_texts_end() {
    let count = 50_000;
    let mut texts: Vec<String> = PIECES.iter().map(|piece| piece.repeat(count)).collect();
    texts.extend([
        "a".repeat(1 << 20),
        "a".repeat((1 << 20) + 1),
        "x=$(".repeat(count),
        "\"$(".repeat(count),
        "\"${x:-".repeat(count),
        "if a; then ".repeat(count),
        "[[ ( ".repeat(count),
        format!("[[ {} x ]]", "! ".repeat(count)),
        format!("[ {} x ]", "! ".repeat(count)),
        format!("[ {} x ]", "\\( ".repeat(count)),
        format!("[ a {} ]", "-o b ".repeat(count)),
        "a <<E ".repeat(count / 10),
        "a <<E\n".repeat(count / 10),
        "a && ".repeat(count),
        "a | ".repeat(count),
        "${a[".repeat(count),
        "$((a) ".repeat(count),
        "$((a) b)".repeat(count),
        "`\\`".repeat(count),
        "case x in ".repeat(count),
        "f() ".repeat(count),
        "function f ".repeat(count),
        "{a,".repeat(count),
        "[a".repeat(count),
        "?(".repeat(count),
        format!("[[ x == {} ]]", "?(".repeat(count)),
        format!("[[ x =~ {} ]]", "(\"".repeat(count)),
        "\\\n".repeat(count) + "a",
        "a[".repeat(count),
        "coproc ".repeat(count),
        "! time ".repeat(count),
    ]);
    for text in texts {
        let script = parse(&text);
        script.commands();
    }
    let errors = parse(&"a".repeat((1 << 20) + 1)).errors;
    assert_eq!(errors.len(), 1);
}
