//! `.kamal/secrets` as the Ruby gem dotenv 3.2 and Kamal 2 read them.

use proptest::prelude::*;
use syntax::Span;
use syntax::dotenv::{Dotenv, Lookup, Part, Quotes, Value, parse};

/// `KEY` and what its value is made of, one entry a line: `L3` is text of three characters.
fn summary(text: &str) -> String {
    let dotenv = parse(text);
    let lines = dotenv.entries.iter().map(|entry| {
        let parts = match &entry.value {
            Value::Empty => String::from("-"),
            Value::Literal { characters } => format!("L{characters}"),
            Value::Parts(parts) => {
                let parts: Vec<String> = parts.iter().map(part).collect();
                parts.join(" ")
            }
        };
        format!("{}: {parts}", entry.key.value)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn part(part: &Part) -> String {
    match part {
        Part::Literal { characters } => format!("L{characters}"),
        Part::Variable(name) => format!("${}", name.value),
        Part::Command(command) => format!("({})", command.program.as_deref().unwrap_or("?")),
    }
}

fn errors(dotenv: &Dotenv, text: &str) -> Vec<(String, String)> {
    dotenv
        .errors
        .iter()
        .map(|error| (error.span.of(text).to_owned(), error.message.clone()))
        .collect()
}

/// What `rails new` writes, with the lines of its comments in use.
const SECRETS: &str = r#"# Secrets defined here are available for reference under registry/password.

# Option 1: Read secrets from the environment
KAMAL_REGISTRY_PASSWORD=$KAMAL_REGISTRY_PASSWORD

# Option 2: Read secrets via a command
RAILS_MASTER_KEY=$(cat config/master.key)

# Option 3: Read secrets via kamal secrets helpers
SECRETS=$(kamal secrets fetch --adapter 1password --account my-account --from Vault/Item REGISTRY DB)
DB=$(kamal secrets extract DB ${SECRETS})
AWS=$(kamal secrets fetch -a aws_secrets_manager --from="prod" A "B" $C)
GITHUB_TOKEN=$(gh config get -h github.com oauth_token)
"#;

#[test]
fn secrets_of_kamal() {
    let dotenv = parse(SECRETS);
    assert_eq!(dotenv.errors, []);
    assert_eq!(
        summary(SECRETS),
        "KAMAL_REGISTRY_PASSWORD: $KAMAL_REGISTRY_PASSWORD\n\
         RAILS_MASTER_KEY: (cat)\nSECRETS: (kamal)\nDB: (kamal)\nAWS: (kamal)\nGITHUB_TOKEN: (gh)"
    );
    let lookup = |name: &str| {
        let entry = dotenv.get(name).expect("it is there");
        let lookup = entry
            .value
            .commands()
            .next()
            .and_then(|command| command.lookup.clone());
        lookup.expect("it looks something up")
    };
    assert_eq!(
        lookup("SECRETS"),
        Lookup::Fetch {
            adapter: Some("1password".to_owned()),
            account: Some("my-account".to_owned()),
            from: Some("Vault/Item".to_owned()),
            secrets: vec!["REGISTRY".to_owned(), "DB".to_owned()],
        }
    );
    assert_eq!(
        lookup("DB"),
        Lookup::Extract {
            name: Some("DB".to_owned()),
            source: Some("SECRETS".to_owned()),
        }
    );
    assert_eq!(
        lookup("AWS"),
        Lookup::Fetch {
            adapter: Some("aws_secrets_manager".to_owned()),
            account: None,
            from: Some("prod".to_owned()),
            secrets: vec!["A".to_owned(), "B".to_owned()],
        }
    );
    let variables = |name: &str| -> Vec<&str> {
        let value = &dotenv.get(name).expect("it is there").value;
        value
            .variables()
            .iter()
            .map(|name| name.value.as_str())
            .collect()
    };
    assert_eq!(variables("DB"), ["SECRETS"]);
    assert_eq!(variables("AWS"), ["C"]);
}

#[test]
fn values_of_the_gems_own_examples() {
    for (text, expected) in [
        ("FOO=bar", "FOO: L3"),
        ("FOO= bar", "FOO: L3"),
        ("FOO =bar", "FOO: L3"),
        ("  FOO=bar  ", "FOO: L3"),
        ("FOO=bar\\ bar", "FOO: L7"),
        ("FOO=\"bar\"  ", "FOO: L3"),
        ("FOO='bar'  ", "FOO: L3"),
        ("FOO=\"escaped\\\"bar\"", "FOO: L11"),
        ("FOO=", "FOO: -"),
        ("FOO=''", "FOO: -"),
        ("FOO=test\nBAR=$FOO", "FOO: L4\nBAR: $FOO"),
        ("BAR=${FOO}bar", "BAR: $FOO L3"),
        ("BAR=\"quote $FOO\"", "BAR: L6 $FOO"),
        ("BAR='quote $FOO'", "BAR: L10"),
        ("FOO=\"foo\\$BAR\"", "FOO: L7"),
        ("FOO=\"foo\\${BAR}\"", "FOO: L9"),
        ("BAR=\"foo\\${FOO} ${FOO}\"", "BAR: L10 $FOO"),
        ("OPTION_A: 1", "OPTION_A: L1"),
        ("export OPTION_A=2", "OPTION_A: L1"),
        ("export = 2", "export: L1"),
        ("FOO=\"bar\\nbaz\"", "FOO: L8"),
        ("FOO.BAR=foobar", "FOO.BAR: L6"),
        ("\n \t  \nfoo=bar\n \nfizz=buzz", "foo: L3\nfizz: L4"),
        ("FOO=\"a\n\nb\n\nc\"", "FOO: L7"),
        ("foo=bar # this is foo", "foo: L3"),
        ("foo=bar#baz", "foo: L3"),
        ("foo=\"bar#baz\" # comment", "foo: L7"),
        ("foo= 'bar#baz' # comment", "foo: L7"),
        ("# HELLO=world\n", ""),
        ("A=\nB=root\nC=/tmp/mysql.sock", "A: -\nB: L4\nC: L15"),
        (
            "export B='line 1\nline 2\nline 3'\nC=\"last line\"",
            "B: L20\nC: L9",
        ),
        ("E='one\nis \\'quoted\\'\nmore'", "E: L22"),
        ("E=\"one\nis \\\"quoted\\\"\nmore\"", "E: L20"),
        ("echo=$(echo hello)", "echo: (echo)"),
        ("echo=$(echo \"$(echo \"$(echo hello)\")\")", "echo: (echo)"),
        ("echo=escaped-\\$(echo hello)", "echo: L21"),
        ("echo=\\$(a $(b) $C)", "echo: L9 $C L1"),
        (
            "interp=$(echo \"Quotes won't be a problem\")",
            "interp: (echo)",
        ),
        ("FOO=bar\rbaz=fbb", "FOO: L3\nbaz: L3"),
        ("FOO=bar\r\nbaz=\"a\r\nb\"\r\n", "FOO: L3\nbaz: L3"),
        ("FOO=\"bar\\$ \\$\\$\"", "FOO: L7"),
        ("FOO=\"bar $ \"", "FOO: L6"),
        ("\u{feff}FOO=bar", "FOO: L3"),
        // What a reader would not expect, but the pattern of the gem says.
        ("KEY:\nFOO=bar", "KEY: L7"),
        ("KEY=\n'next line'", "KEY: L9"),
        ("FOO=\"a\" \"b\"", "FOO: L5"),
        ("FOO=$(op read \"op://a#b\")", "FOO: L17"),
        ("FOO=$()", "FOO: L3"),
        ("FOO=${A:-b}", "FOO: $A L4"),
        (
            "URL=postgres://$USER:${PASS}@db",
            "URL: L11 $USER L1 $PASS L3",
        ),
    ] {
        assert_eq!(summary(text), expected, "{text:?}");
    }
}

#[test]
fn the_last_assignment_counts() {
    let text = "A=1\nB=$X\nA=longer\n";
    let dotenv = parse(text);
    assert_eq!(dotenv.names(), ["A", "B"]);
    assert_eq!(
        dotenv.get("A").map(|entry| &entry.value),
        Some(&Value::Literal { characters: 6 })
    );
    assert_eq!(dotenv.get("C"), None);
}

#[test]
fn spans_are_exact() {
    let text = "# é\r\n  export KEY = \"a $B $(op read x)\" # c\r\nE=\r\nY: é";
    let dotenv = parse(text);
    let [key, empty, yaml] = dotenv.entries.as_slice() else {
        panic!("{dotenv:?}");
    };
    assert_eq!(key.span.of(text), "export KEY = \"a $B $(op read x)\"");
    assert_eq!(key.key.span.of(text), "KEY");
    assert_eq!(key.value_span.of(text), "\"a $B $(op read x)\"");
    assert_eq!(key.quotes, Quotes::Double);
    assert_eq!(key.value.variables()[0].span.of(text), "$B");
    let command = key.value.commands().next().expect("there is one");
    assert_eq!(command.span.of(text), "$(op read x)");
    assert_eq!(
        empty.value_span,
        Span::at(text.find("E=").unwrap_or_default() + 2)
    );
    assert_eq!(yaml.value_span.of(text), "é");
    assert_eq!(yaml.value, Value::Literal { characters: 1 });
}

#[test]
fn lines_that_are_passed_over_are_errors() {
    let text =
        "lol$wut\nKEY:value\nA=1\nexport A\nexport MISSING\nBARE\nB=\"open\nC=$(open\nword\n";
    let dotenv = parse(text);
    assert_eq!(dotenv.names(), ["A", "BARE", "B", "C"]);
    assert_eq!(
        errors(&dotenv, text),
        [
            (
                "lol$wut",
                "the line is not an assignment and is passed over"
            ),
            (
                "KEY:value",
                "the line is not an assignment and is passed over"
            ),
            (
                "export MISSING",
                "`export` names a variable that is not set above"
            ),
            ("BARE", "a name without `=` becomes an empty value"),
            (
                "\"",
                "`\"` is not closed, or something else than a comment follows"
            ),
            ("$", "`$(` has no `)` of its own, so it is text"),
            ("word", "the line is not an assignment and is passed over"),
        ]
        .map(|(span, message)| (span.to_owned(), message.to_owned()))
    );
}

/// Pieces of secrets, none of which may be printed.
const LEAKS: [&str; 7] = [
    "hunter2", "s3cr3t", "MIIEpAIB", "AKfycbx", "c2VjcmV0", "tok3n", "p4ss",
];

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let text = "PLAIN=hunter2\n\
        QUOTED='s3cr3t # tok3n'\n\
        MIXED=\"p4ss$X/hunter2\"\n\
        COMMAND=$(curl -H 'Authorization: tok3n' https://p4ss@host)\n\
        PREFIXED=$(TOKEN=hunter2 op read s3cr3t)\n\
        FETCH=$(kamal secrets extract NAME '{\"NAME\":\"hunter2\"}')\n\
        PIPED=$(echo hunter2 | base64)\n\
        KEY=-----BEGIN RSA PRIVATE KEY-----\n\
        MIIEpAIBAAKCAQEA=\n\
        AKfycbx\n\
        -----END RSA PRIVATE KEY-----\n\
        c2VjcmV0Cg==\n\
        hunter2\n\
        s3cr3t: \n\
        UNCLOSED=\"hunter2\n\
        OPEN=$(echo hunter2\n";
    let text = text.replace("s3cr3t: \n", "");
    let printed = format!("{:#?}", parse(&text));
    for leak in LEAKS {
        assert!(!printed.contains(leak), "{leak} in {printed}");
    }
    assert!(
        printed.contains("\"curl\"") && printed.contains("\"op\""),
        "{printed}"
    );
}

fn realistic() -> impl Strategy<Value = String> {
    let pieces = vec![
        "KEY",
        "export ",
        "=",
        ": ",
        " = ",
        "$(",
        "op read 'x'",
        ")",
        "${",
        "A",
        "}",
        "$B",
        "'",
        "\"",
        "\\",
        "\\$",
        "\n",
        "\r\n",
        "\r",
        " # comment",
        "#",
        "é\u{1f512}",
        " ",
        "\t",
        "kamal secrets fetch --adapter x ",
        "()",
        "kamal secrets extract A ${B}",
        "-----BEGIN",
        "-----END",
        "\u{feff}",
        "\u{b}",
        "lower",
        "==",
        "\u{a0}",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

fn check_spans(text: &str) {
    let dotenv = parse(text);
    let inside = |span: Span| text.get(span.range()).is_some();
    let mut end = 0;
    for entry in &dotenv.entries {
        assert!(entry.span.start >= end, "entries overlap");
        end = entry.span.end;
        assert!(inside(entry.span) && inside(entry.value_span));
        assert_eq!(entry.key.span.of(text), entry.key.value);
        assert!(entry.span.encloses(entry.key.span));
        for variable in entry.value.variables() {
            // The gem takes escapes out before it looks for variables: `"$A\\B"` is the variable AB.
            let written = variable.span.of(text).replace('\\', "");
            assert!(written.contains(&variable.value), "{variable:?}");
            assert!(entry.value_span.encloses(variable.span));
        }
        for command in entry.value.commands() {
            let text = command.span.of(text);
            assert!(text.starts_with('$') && text.ends_with(')'), "{text:?}");
        }
    }
    assert!(dotenv.errors.iter().all(|error| inside(error.span)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check_spans(&text);
    }

    #[test]
    fn pieces_of_real_files_are_read(text in realistic()) {
        check_spans(&text);
    }

    #[test]
    fn mutations_are_read(at in 0..SECRETS.len(), length in 0usize..9, piece in realistic()) {
        let end = (at + length).min(SECRETS.len());
        check_spans(&format!("{}{piece}{}", &SECRETS[..at], &SECRETS[end..]));
    }

    #[test]
    fn a_literal_is_never_printed(secret in "[a-z]{4}[A-Za-z0-9/+ $()'\"\\\\-]{8,20}[a-z]{4}", quote in "['\"]?") {
        let text = format!("XYZ={quote}{secret}{quote}\n{secret}\nexport {secret}\n");
        let printed = format!("{:?}", parse(&text));
        let words = secret.split(|next: char| !next.is_ascii_alphanumeric());
        // What is a variable or a program has a name that is printed.
        if !secret.contains('$') {
            for word in words.filter(|word| word.len() > 7) {
                prop_assert!(!printed.contains(word), "{word} in {printed}");
            }
        }
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    let count = 100_000;
    for text in [
        "$(".repeat(count),
        format!("A={}", "$(".repeat(count)),
        format!("A=\"{}", "\\\"".repeat(count)),
        format!("A={}{}", "(".repeat(count), "\\\\\n".repeat(count)),
        format!("A=\"{}{}\"", "(".repeat(count), "\\\\\n".repeat(count)),
        "A=\"\n".repeat(count),
        "A='x\nB=\"y\n".repeat(count / 2),
        "A\n\n".repeat(count),
        "\n".repeat(count * 10),
        format!("A={}", "$(a)".repeat(count / 10)),
        format!("A={}{}", "$(a ".repeat(1000), ")".repeat(1000)),
        "A:".repeat(count),
        "export ".repeat(count),
    ] {
        check_spans(&text);
    }
}
