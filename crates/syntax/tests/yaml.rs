//! What is read from YAML with ERB in it.

use proptest::prelude::*;
use syntax::Span;
use syntax::yaml::{self, Document, Entry, Kind, Node, Part, Style, Value};

/// The value at `path`, of which numbers are indices of sequences.
fn at<'d>(document: &'d Document, path: &str) -> Node<'d> {
    let root = document.root().expect("a root");
    path.split('.')
        .filter(|key| !key.is_empty())
        .fold(root, |node, key| {
            let item = key
                .parse()
                .ok()
                .and_then(|index: usize| node.items().get(index).copied());
            item.or_else(|| node.get(key).map(|entry| entry.value))
                .unwrap_or_else(|| panic!("{key} of {path}"))
        })
}

fn value(text: &str) -> Option<Value> {
    let document = yaml::parse(text);
    assert_eq!(document.errors, [], "{text}");
    at(&document, "k").scalar().unwrap().value()
}

fn text(document: &Document, path: &str) -> String {
    at(document, path)
        .scalar()
        .unwrap()
        .text()
        .unwrap()
        .to_owned()
}

fn parts(source: &str, path: &str) -> Vec<String> {
    let document = yaml::parse(source);
    assert_eq!(document.errors, [], "{source}");
    let scalar = at(&document, path).scalar().unwrap();
    let parts = scalar.parts.iter().map(|part| match part {
        Part::Text(text) => format!("{text:?}"),
        Part::Erb { code, tag } => {
            assert!(tag.encloses(*code));
            code.of(source).trim().to_owned()
        }
    });
    parts.collect()
}

fn keys<'d>(entries: &[Entry<'d>]) -> Vec<&'d str> {
    entries
        .iter()
        .map(|entry| entry.key.scalar().unwrap().text().unwrap())
        .collect()
}

const DATABASE: &str = r#"# SQLite. Versions 3.8.0 and up are supported.
default: &default
  adapter: postgresql
  encoding: unicode
  max_connections: <%= ENV.fetch("RAILS_MAX_THREADS") { 5 } %>

development:
  <<: *default
  database: app_development

production:
  primary: &primary_production
    <<: *default
    database: app_production
    username: app
    password: <%= ENV["APP_DATABASE_PASSWORD"] %>
  cache:
    <<: *primary_production
    database: app_production_cache
    migrations_paths: db/cache_migrate
"#;

#[test]
fn database_yml_is_read_through_its_merges() {
    let document = yaml::parse(DATABASE);
    assert_eq!(document.errors, []);
    assert_eq!(text(&document, "production.cache.adapter"), "postgresql");
    assert_eq!(
        text(&document, "production.cache.database"),
        "app_production_cache"
    );
    assert_eq!(
        text(&document, "production.primary.database"),
        "app_production"
    );

    let cache = at(&document, "production.cache");
    assert_eq!(
        keys(&cache.entries()),
        [
            "adapter",
            "encoding",
            "max_connections",
            "username",
            "password",
            "database",
            "migrations_paths"
        ]
    );
    assert_eq!(
        keys(&cache.own_entries()),
        ["<<", "database", "migrations_paths"]
    );
    let merged = cache.get("password").unwrap();
    assert!(merged.merged && !merged.conditional);
    assert_eq!(
        merged.span.of(DATABASE),
        r#"password: <%= ENV["APP_DATABASE_PASSWORD"] %>"#
    );
    assert!(merged.value.is_dynamic() && !cache.is_dynamic());
    assert!(!cache.get("database").unwrap().merged);
    assert!(matches!(
        cache.own_entries()[0].value.kind(),
        Kind::Alias("primary_production")
    ));
    assert_eq!(
        document.comments()[0].of(DATABASE),
        "# SQLite. Versions 3.8.0 and up are supported."
    );
}

const DEPLOY: &str = r#"service: shop
image: acme/shop

# Deploy to these servers.
servers:
  web:
    - 192.168.0.1 # the first
<% if ENV["BIG"] %>
    - 192.168.0.2
<% end %>
  # job:
  #   hosts:
  #     - 192.168.0.1

proxy: { ssl: true, host: "<%= ENV['HOST'] %>" }

registry:
  password:
    - KAMAL_REGISTRY_PASSWORD

<% %w[a b].each do |name| %>
<%= name %>: 1
<% end %>
env:
  clear:
    PORT: 3000
    <%= extra %>
  secret:
  - RAILS_MASTER_KEY
aliases:
  console: app exec -i --reuse "bin/rails console"
"#;

#[test]
fn deploy_yml_is_read_around_its_erb() {
    let document = yaml::parse(DEPLOY);
    assert_eq!(document.errors, []);
    let web = at(&document, "servers.web");
    let hosts: Vec<_> = web
        .items()
        .iter()
        .map(|host| host.span().of(DEPLOY))
        .collect();
    assert_eq!(hosts, ["192.168.0.1", "192.168.0.2"]);
    assert!(web.items()[1].is_conditional() && !web.items()[0].is_conditional());
    assert!(!web.is_conditional() && !web.is_dynamic());

    let proxy = at(&document, "proxy");
    assert_eq!(
        proxy.span().of(DEPLOY),
        r#"{ ssl: true, host: "<%= ENV['HOST'] %>" }"#
    );
    assert_eq!(
        proxy.get("ssl").unwrap().value.scalar().unwrap().value(),
        Some(Value::Bool(true))
    );
    let host = proxy.get("host").unwrap().value;
    assert_eq!(host.span().of(DEPLOY), r#""<%= ENV['HOST'] %>""#);
    assert!(host.is_dynamic() && !host.is_null());

    let root = document.root().unwrap();
    assert!(root.is_dynamic(), "it has a key from ERB");
    assert!(
        root.own_entries()
            .iter()
            .any(|entry| entry.conditional && entry.key.is_dynamic())
    );
    assert!(at(&document, "env.clear").is_dynamic());
    assert!(!at(&document, "env").is_dynamic());
    let secret = at(&document, "env.secret");
    assert_eq!(secret.span().of(DEPLOY), "- RAILS_MASTER_KEY");
    assert_eq!(
        text(&document, "aliases.console"),
        r#"app exec -i --reuse "bin/rails console""#
    );
    assert_eq!(document.comments().len(), 5);
    assert!(
        document
            .comments()
            .iter()
            .all(|comment| comment.of(DEPLOY).starts_with('#'))
    );
}

#[test]
fn crlf_and_a_byte_order_mark_change_nothing() {
    let source = format!("\u{feff}{}", DEPLOY.replace('\n', "\r\n"));
    let (plain, crlf) = (yaml::parse(DEPLOY), yaml::parse(&source));
    assert_eq!(crlf.errors, []);
    assert_eq!(
        outline(plain.root().unwrap(), DEPLOY),
        outline(crlf.root().unwrap(), &source)
    );
    assert_eq!(plain.comments().len(), crlf.comments().len());
}

/// All of a document but its positions.
fn outline(node: Node<'_>, source: &str) -> String {
    let flags = (node.is_conditional(), node.is_dynamic());
    let content = match node.kind() {
        Kind::Scalar(_) => node.span().of(source).to_owned(),
        Kind::Alias(name) => format!("*{name}"),
        Kind::Mapping => {
            let entries = node.own_entries();
            let entries = entries.iter().map(|entry| {
                let (key, value) = (outline(entry.key, source), outline(entry.value, source));
                format!("{key}: {value}, {}", entry.conditional)
            });
            entries.collect::<Vec<_>>().join("\n")
        }
        Kind::Sequence => {
            let items = node.items();
            items
                .iter()
                .map(|&item| outline(item, source))
                .collect::<Vec<_>>()
                .join("\n")
        }
    };
    format!("{flags:?} {content}")
}

#[test]
fn plain_scalars_have_the_types_of_psych() {
    let string = |text: &str| Value::String(text.to_owned());
    for (written, expected) in [
        ("", Value::Null),
        ("~", Value::Null),
        ("Null", Value::Null),
        ("yes", Value::Bool(true)),
        ("On", Value::Bool(true)),
        ("TRUE", Value::Bool(true)),
        ("off", Value::Bool(false)),
        ("y", string("y")),
        ("n", string("n")),
        ("nul", string("nul")),
        ("falsey", string("falsey")),
        ("0", Value::Integer(0)),
        ("-12", Value::Integer(-12)),
        ("+1_000", Value::Integer(1000)),
        ("1,000", Value::Integer(1000)),
        ("1__0", string("1__0")),
        ("1_", string("1_")),
        ("0777", Value::Integer(511)),
        ("08", string("08")),
        ("0o14", string("0o14")),
        ("0b101", Value::Integer(5)),
        ("0xFF", Value::Integer(255)),
        ("-0x1f", Value::Integer(-31)),
        ("0x_", string("0x_")),
        ("99999999999999999999", Value::Float(1e20)),
        ("22:22", Value::Integer(22 * 3600 + 22 * 60)),
        ("1:30:15", Value::Integer(5415)),
        ("-1:30", Value::Integer(-1800)),
        ("80:80", string("80:80")),
        ("1:30.5", Value::Float(5430.0)),
        ("3.10", Value::Float(3.1)),
        ("-.5", Value::Float(-0.5)),
        ("1_0.5", Value::Float(10.5)),
        ("6.", Value::Float(6.0)),
        ("1.5e+3", Value::Float(1500.0)),
        ("1e3", string("1e3")),
        ("1.5e3", string("1.5e3")),
        (".", string(".")),
        ("1.2.3", string("1.2.3")),
        ("3.4.1-slim", string("3.4.1-slim")),
        (".inf", Value::Float(f64::INFINITY)),
        ("-.Inf", Value::Float(f64::NEG_INFINITY)),
        (":sym", Value::Symbol("sym".to_owned())),
        (":'a b'", Value::Symbol("a b".to_owned())),
        ("2026-11-23", string("2026-11-23")),
        ("2026-11-23 10:20:30", string("2026-11-23 10:20:30")),
        ("192.168.0.1", string("192.168.0.1")),
        ("a\n  b\n\n  c", string("a b\nc")),
        ("http://x:80/#y # z", string("http://x:80/#y")),
    ] {
        assert_eq!(
            value(&format!("k: {written}\n")),
            Some(expected),
            "{written}"
        );
    }
    assert!(matches!(value("k: .NaN"), Some(Value::Float(nan)) if nan.is_nan()));
}

#[test]
fn quotes_blocks_and_tags_decide_the_type() {
    let string = |text: &str| Some(Value::String(text.to_owned()));
    assert_eq!(value("k: '1'"), string("1"));
    assert_eq!(value(r#"k: "yes""#), string("yes"));
    assert_eq!(value("k: ''"), string(""));
    assert_eq!(value("k: !!str 1"), string("1"));
    assert_eq!(value("k: !str 1"), string("1"));
    assert_eq!(value("k: !!float 1"), Some(Value::Float(1.0)));
    assert_eq!(
        value("k: !ruby/symbol a"),
        Some(Value::Symbol("a".to_owned()))
    );
    assert_eq!(value("k: !other 1"), Some(Value::Integer(1)));
    assert_eq!(value("k: |\n  1\n"), string("1\n"));
    assert_eq!(value("k: >-\n  a\n  b\n"), string("a b"));
    assert_eq!(value("k: |+\n  a\n\n"), string("a\n\n"));
    assert_eq!(value("k: |\n  a"), string("a"));
    assert_eq!(value("k: 'it''s'"), string("it's"));
    assert_eq!(value("k: \"a\\tb \\\n  c \\u00e9\""), string("a\tb c é"));
}

#[test]
fn spans_are_those_of_what_is_written() {
    let source = "é: &a !!str 'x'\nlit: |- # header\n  one\n  two\n\nfold: >\n\n  x\nkeep: |+\n  y\n\n\
                  list:\n- a\n-\n- b: 1\n  c: [1,\n   2] # end\nmap:\n  ? k\n  : v\nnone:   # nothing\nlast: &n\n";
    let document = yaml::parse(source);
    assert_eq!(document.errors, []);
    for (path, written) in [
        ("é", "'x'"),
        ("lit", "|- # header\n  one\n  two"),
        ("fold", ">\n\n  x"),
        ("keep", "|+\n  y\n"),
        ("list", "- a\n-\n- b: 1\n  c: [1,\n   2]"),
        ("list.2", "b: 1\n  c: [1,\n   2]"),
        ("list.2.c", "[1,\n   2]"),
        ("map", "? k\n  : v"),
        ("none", ""),
    ] {
        assert_eq!(at(&document, path).span().of(source), written, "{path}");
    }
    let before = |path: &str| &source[..at(&document, path).span().range().start];
    assert!(before("none").ends_with("none:"));
    assert!(before("last").ends_with("last: &n"));
    assert!(before("list.1").ends_with("- a\n-"));
    let root = document.root().unwrap();
    assert_eq!(root.span(), Span::new(0, source.len() - 1));
    assert_eq!(root.own_entries()[0].span.of(source), "é: &a !!str 'x'");
    let comments: Vec<_> = document
        .comments()
        .iter()
        .map(|span| span.of(source))
        .collect();
    assert_eq!(comments, ["# header", "# end", "# nothing"]);
    let scalar = |path: &str| at(&document, path).scalar().unwrap().style;
    assert_eq!(scalar("fold"), Style::Folded);
    assert_eq!(scalar("é"), Style::SingleQuoted);
}

#[test]
fn scalars_are_split_around_their_tags() {
    assert_eq!(parts("k: <%= x %>", "k"), ["x"]);
    assert_eq!(
        parts("k: <%= a %>:<%= b %>/c # d", "k"),
        ["a", "\":\"", "b", "\"/c\""]
    );
    assert_eq!(
        parts("k: \"a\\t<%= x %> é\"", "k"),
        ["\"a\\t\"", "x", "\" é\""]
    );
    assert_eq!(parts("k: 'it''s <%= x %>'", "k"), ["\"it's \"", "x"]);
    assert_eq!(
        parts("k: |\n  a <%= x %>\n    b\n", "k"),
        ["\"a \"", "x", "\"\\n  b\\n\""]
    );
    assert_eq!(parts("k: <%= x(\n  y) %>z", "k"), ["x(\n  y)", "\"z\""]);
    assert_eq!(parts("k: a<%# note %>b", "k"), ["\"ab\""]);
    assert_eq!(
        parts("k: a<% if x %>b<% end %>c", "k"),
        ["\"a\"", "if x", "\"b\"", "end", "\"c\""]
    );
    assert_eq!(parts("k: <%% x", "k"), ["\"<% x\""]);
    assert_eq!(parts("k: a <%= x %>\n  b", "k"), ["\"a \"", "x", "\" b\""]);
}

#[test]
fn lines_from_erb_make_dynamic_what_they_may_belong_to() {
    let dynamic = |source: &str, path: &str| {
        let document = yaml::parse(source);
        assert_eq!(document.errors, [], "{source}");
        at(&document, path).is_dynamic()
    };
    // The value of a key.
    assert!(dynamic("k:\n  <%= x %>\nl: 1", "k"));
    assert!(!dynamic("k:\n  <%= x %>\nl: 1", ""));
    assert!(
        !yaml::parse("k:\n  <%= x %>")
            .root()
            .unwrap()
            .get("k")
            .unwrap()
            .value
            .is_null()
    );
    assert_eq!(parts("k:\n  <%= x %>\n  <%= y %>\nl: 1", "k"), ["x", "y"]);
    // Entries before, between and after others.
    for source in [
        "<%= x %>\na: 1\nb: 2",
        "a: 1\n<%= x %>\nb: 2",
        "a: 1\nb:\n  c: 1\n<%= x %>",
    ] {
        assert!(dynamic(source, ""), "{source}");
    }
    let nested = "k:\n  a:\n    b: 1\n  <%= x %>\nl: 1";
    assert!(dynamic(nested, "k") && !dynamic(nested, "k.a") && !dynamic(nested, ""));
    // Items, in blocks and in brackets.
    assert!(dynamic("k:\n  - a\n  <%= x %>\n", "k"));
    assert!(dynamic("k: [\n  <%= x %>\n]\n", "k"));
    // What indents itself.
    assert!(dynamic("k:\n<%= x %>\nl: 1", "k") && dynamic("k:\n<%= x %>\nl: 1", ""));
    // A text is no place for entries.
    assert!(dynamic("k: |\n  <%= x %>\n", "k") && !dynamic("k: |\n  <%= x %>\n", ""));
    // All of it.
    assert!(dynamic("# c\n<%= x %>\n", ""));
    // Merged.
    assert!(dynamic("a: &a\n  b: 1\n  <%= x %>\nk:\n  <<: *a\n", "k"));
    assert!(dynamic("k:\n  <<: <%= x %>\n", "k"));
}

#[test]
fn statements_may_stand_in_texts_and_brackets() {
    let source = "k: |\n  <% if x %>\n  a\n  <% end %>\nl: [\n  a,\n  <% if x %>\n  b,\n  <% end %>\n  c\n]\n\
                  m: \"<% if x %>\n  a<% end %>\"\nn: 1\n";
    let document = yaml::parse(source);
    assert_eq!(document.errors, []);
    assert!(at(&document, "k").is_dynamic() && at(&document, "m").is_dynamic());
    let items = at(&document, "l").items();
    let conditional: Vec<_> = items.iter().map(|item| item.is_conditional()).collect();
    assert_eq!(conditional, [false, true, false]);
    assert_eq!(text(&document, "n"), "1");
}

#[test]
fn merges_follow_psych() {
    let source = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\n\
                  list:\n  <<: [*a, *b]\nbefore:\n  x: 0\n  <<: *a\nafter:\n  <<: *a\n  x: 0\n\
                  twice:\n  <<: *a\n  <<: *b\nword:\n  <<: 1\nquoted:\n  \"<<\": *a\n";
    let document = yaml::parse(source);
    assert_eq!(document.errors, []);
    assert_eq!(text(&document, "list.y"), "1");
    assert_eq!(text(&document, "list.z"), "2");
    assert_eq!(text(&document, "before.x"), "1");
    assert_eq!(text(&document, "after.x"), "0");
    assert_eq!(text(&document, "twice.y"), "2");
    assert_eq!(text(&document, "word.<<"), "1");
    assert_eq!(text(&document, "quoted.x"), "1");
    assert_eq!(keys(&at(&document, "twice").entries()), ["x", "y", "z"]);
}

#[test]
fn repeated_keys_are_visible_and_the_last_wins() {
    let document = yaml::parse("a: 1\nb: 2\na: 3\n");
    assert_eq!(text(&document, "a"), "3");
    let root = document.root().unwrap();
    assert_eq!(keys(&root.own_entries()), ["a", "b", "a"]);
    assert_eq!(keys(&root.entries()), ["b", "a"]);
    // Two branches.
    let document = yaml::parse("<% if x %>\na: 1\n<% else %>\na: 2\n<% end %>\nb: 1\n");
    let entries = document.root().unwrap().own_entries();
    let conditional: Vec<_> = entries.iter().map(|entry| entry.conditional).collect();
    assert_eq!(conditional, [true, true, false]);
    assert!(!document.root().unwrap().is_conditional());
}

#[test]
fn aliases_stand_for_their_nodes() {
    let source = "a: &a\n  x: [1, &s 2]\nb: *a\nc: *s\n? [k]\n: 1\n*s : 3\n";
    let document = yaml::parse(source);
    assert_eq!(document.errors, []);
    assert!(at(&document, "b").is_mapping());
    assert_eq!(at(&document, "b").span().of(source), "*a");
    assert_eq!(at(&document, "b").resolved(), at(&document, "a"));
    assert_eq!(at(&document, "b.x").items().len(), 2);
    assert_eq!(text(&document, "c"), "2");
    assert_eq!(text(&document, "2"), "3");
    assert_eq!(document.root().unwrap().entries().len(), 5);

    let document = yaml::parse("a: *nobody\nb: 1\n");
    assert_eq!(
        document.errors[0].message,
        "the alias `*nobody` has no anchor before it"
    );
    assert!(matches!(
        at(&document, "a").resolved().kind(),
        Kind::Alias("nobody")
    ));
    assert_eq!(text(&document, "b"), "1");
}

#[test]
fn cycles_and_bombs_end() {
    let document = yaml::parse("a: &a\n  <<: *a\n  b: &b [*a, *b]\n  <<: [*a, <%= x %>]\n");
    let a = at(&document, "a");
    assert!(a.get("missing").is_none() && a.is_dynamic());
    assert_eq!(at(&document, "a.b.0.b.1.0.b").items().len(), 2);

    let levels = (1..200).map(|level| {
        let below = level - 1;
        format!("m{level}: &m{level}\n  <<: [*m{below}, *m{below}, *m{below}]\n")
    });
    let bomb = format!("m0: &m0 {{k: 1}}\n{}", levels.collect::<Vec<_>>().concat());
    let document = yaml::parse(&bomb);
    let last = at(&document, "m199");
    assert!(last.get("missing").is_none() && !last.is_dynamic());
    assert_eq!(last.entries().len(), 1);
}

#[test]
fn what_stands_before_an_error_is_kept() {
    for (source, at_error, first) in [
        ("a: 1\nb: [1,\n", "[", "1"),
        ("a: 1\nb: \"x\nc: 2\n", "\"", "1"),
        ("a: 1\nservers\n", "s", "1"),
        ("a: 1\nb:\n\tc: 2\n", "c", "1"),
        ("a: 1\nb: @x\n", "@", "1"),
        ("a: 1\nb:\n  c: 1\n d: 2\n", "d", "1"),
        ("a: 1\nb: <%= x\n: : :", "<%=", "1"),
    ] {
        let document = yaml::parse(source);
        assert_eq!(document.errors[0].span.of(source), at_error, "{source}");
        let message = &document.errors[0].message;
        assert!(
            message.starts_with(|c: char| c.is_lowercase() || c == '\'') && !message.ends_with('.'),
            "{message}"
        );
        assert_eq!(text(&document, "a"), first, "{source}");
    }
    let document = yaml::parse("a: 1\nb:\n  c: 1\n  d: [2, {e: 3, f\n");
    assert_eq!(text(&document, "b.d.0"), "2");
    let document = yaml::parse("a: 1\nb: \"x");
    assert!(at(&document, "b").is_null());
}

#[test]
fn only_the_first_document_counts() {
    let document = yaml::parse("--- # one\na: 1\n...\n---\na: 2 # two\n--- [\n");
    assert_eq!(document.errors, []);
    assert_eq!(text(&document, "a"), "1");
    assert!(document.has_further_documents());
    assert_eq!(document.comments().len(), 2);
    assert!(!yaml::parse("---\na: 1\n").has_further_documents());
    assert!(yaml::parse("# nothing\n").root().is_none());
    assert!(yaml::parse("").root().is_none());
    assert!(yaml::parse("---\n").root().unwrap().is_null());
}

#[test]
fn hostile_texts_end_soon() {
    let count = 20_000;
    for source in [
        "[".repeat(count),
        "{a: ".repeat(count),
        "- ".repeat(count),
        "? ".repeat(count),
        "a:\n  <%= x %>\n".to_owned() + &"  <%= x %>\n".repeat(count),
        "<%= x %>: y\n".repeat(count),
        format!("a: [{}]", "<%= x %>, ".repeat(count)),
        format!("a: [{}]", "{b: c}, ".repeat(count)),
        format!("a: \"{}\"", "<%= x %>".repeat(count)),
        format!("a:\n{}- b\n", "# c\n".repeat(count)),
        "- &a b\n- *a\n".repeat(count),
        "a: b\n".repeat(count),
        (0..count)
            .map(|n| format!("- &a{n} {{<<: *a{}}}\n", n.saturating_sub(1)))
            .collect::<Vec<_>>()
            .concat(),
    ] {
        let document = yaml::parse(&source);
        assert_sound(&source, &document);
    }
}

fn assert_sound(source: &str, document: &Document) {
    let on_boundaries = |span: Span| assert!(source.get(span.range()).is_some(), "{span:?}");
    document
        .errors
        .iter()
        .for_each(|error| on_boundaries(error.span));
    document.comments().iter().for_each(|&comment| {
        on_boundaries(comment);
        assert!(comment.of(source).starts_with('#'));
    });
    let mut pending: Vec<Node<'_>> = document.root().into_iter().collect();
    while let Some(node) = pending.pop() {
        on_boundaries(node.span());
        let _ = (
            node.is_conditional(),
            node.is_null(),
            format!("{node:?}").len(),
        );
        match node.kind() {
            Kind::Scalar(scalar) => {
                let _ = (scalar.value(), scalar.text());
            }
            Kind::Alias(name) => assert!(!name.is_empty()),
            Kind::Mapping => {
                for entry in node.own_entries() {
                    on_boundaries(entry.span);
                    assert!(
                        entry.key.span().end <= entry.value.span().start,
                        "{entry:?}"
                    );
                    pending.extend([entry.key, entry.value]);
                }
            }
            Kind::Sequence => pending.extend(node.items()),
        }
    }
    if let Some(root) = document.root() {
        assert!(root.get("missing").is_none());
        let _ = (root.entries().len(), root.is_dynamic());
    }
}

proptest! {
    #[test]
    fn any_text_is_read(source in any::<String>()) {
        assert_sound(&source, &yaml::parse(&source));
    }

    #[test]
    fn any_mix_of_tokens_is_read(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "a", "b: ", ": ", "- ", "-", "? ", "\n", "\n  ", "\n    ", "\r\n", "\t", "|", ">+", "[", "]",
                "{", "}", ",", "\"", "'", "&x ", "*x", "!!str ", "<<: ", "#", " # ", "<%= x %>",
                "<% if y %>", "<% end %>", "<%# z %>", "<%=", "\u{feff}", "é", "\\", "---\n", "...\n", "~",
            ]),
            0..40,
        )
    ) {
        let source = tokens.concat();
        assert_sound(&source, &yaml::parse(&source));
    }

    #[test]
    fn damaged_files_are_read(
        source in prop::sample::select(vec![DATABASE, DEPLOY]),
        at in any::<prop::sample::Index>(),
        length in 0usize..6,
        new in "[-a:<%=>#\\[{}\\]\"'&*|\n\r\t é]{0,3}",
    ) {
        let start = source.floor_char_boundary(at.index(source.len()));
        let end = source.ceil_char_boundary((start + length).min(source.len()));
        let damaged = format!("{}{new}{}", &source[..start], &source[end..]);
        assert_sound(&damaged, &yaml::parse(&damaged));
    }
}
