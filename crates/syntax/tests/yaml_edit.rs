//! Edits of YAML, which change what they are asked to and nothing else.

use proptest::prelude::*;
use syntax::yaml::{self, Document, Entry, Insert, Kind, Node, Refused, Value};
use syntax::{Edit, edit};

fn scalar(text: &str) -> Insert {
    Insert::Scalar(text.to_owned())
}

fn sequence(items: &[&str]) -> Insert {
    Insert::Sequence(items.iter().map(|&item| item.to_owned()).collect())
}

fn mapping<const N: usize>(entries: [(&str, Insert); N]) -> Insert {
    let entries = entries.into_iter();
    Insert::Mapping(
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn applied(source: &str, edits: Result<Vec<Edit>, Refused>) -> Result<String, Refused> {
    edits.map(|edits| edit::apply(source, &edits).unwrap())
}

fn insert(source: &str, path: &[&str], value: &Insert) -> Result<String, Refused> {
    applied(source, yaml::parse(source).insert(path, value))
}

fn append(source: &str, path: &[&str], value: &str) -> Result<String, Refused> {
    applied(source, yaml::parse(source).append_item(path, value))
}

fn replace(source: &str, path: &[&str], new: &str) -> Result<String, Refused> {
    let document = yaml::parse(source);
    let entry = entry(&document, path);
    applied(source, document.replace_scalar(entry.value, new))
}

fn remove(source: &str, path: &[&str]) -> Result<String, Refused> {
    let document = yaml::parse(source);
    applied(source, document.remove(entry(&document, path)))
}

fn entry<'d>(document: &'d Document, path: &[&str]) -> Entry<'d> {
    let (key, parents) = path.split_last().unwrap();
    let root = document.root().unwrap();
    let parent = parents
        .iter()
        .fold(root, |node, key| node.get(key).unwrap().value);
    parent.get(key).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "what results are compared with")]
fn ok(text: &str) -> Result<String, Refused> {
    Ok(text.to_owned())
}

const DEPLOY: &str = r#"# Name of your application.
service: shop

# Name of the container image.
image: acme/shop

# Deploy to these servers.
servers:
  web:
    - 192.168.0.1 # the first
  # job:
  #   hosts:
  #     - 192.168.0.1
  #   cmd: bin/jobs

# Enable SSL auto certification via Let's Encrypt.
proxy:
  ssl: true
  host: app.example.com # change me
  # healthcheck:
  #   path: /up

# Credentials for your image host.
registry:
  # server: registry.digitalocean.com
  username: acme
  password:
    - KAMAL_REGISTRY_PASSWORD

# Inject ENV variables into containers.
env:
  secret:
    - RAILS_MASTER_KEY
  clear:
    # Run the Solid Queue Supervisor inside the web server's Puma process.
    SOLID_QUEUE_IN_PUMA: true

volumes:
  - "shop_storage:/rails/storage"

builder:
  arch: amd64

# Use accessory services.
# accessories:
#   db:
#     image: mysql:8.0
#     port: 3306
"#;

#[test]
fn a_key_goes_behind_the_last_of_its_mapping() {
    let inserted = |path: &[&str], value, line: &str, behind: &str| {
        let expected = DEPLOY.replacen(behind, &format!("{behind}{line}"), 1);
        assert_eq!(insert(DEPLOY, path, &value), Ok(expected), "{path:?}");
    };
    let host = "  host: app.example.com # change me\n";
    inserted(
        &["proxy", "app_port"],
        scalar("80"),
        "  app_port: 80\n",
        host,
    );
    inserted(
        &["proxy", "healthcheck", "path"],
        scalar("/up"),
        "  healthcheck:\n    path: /up\n",
        host,
    );
    inserted(
        &["servers", "job"],
        mapping([
            ("hosts", sequence(&["10.0.0.1", "10.0.0.2"])),
            ("cmd", scalar("bin/jobs")),
        ]),
        "  job:\n    hosts:\n      - 10.0.0.1\n      - 10.0.0.2\n    cmd: bin/jobs\n",
        "    - 192.168.0.1 # the first\n",
    );
    inserted(
        &["ssh", "user"],
        scalar("deploy"),
        "\nssh:\n  user: deploy\n",
        "  arch: amd64\n",
    );
    inserted(
        &["retain_containers"],
        scalar("3"),
        "retain_containers: 3\n",
        "  arch: amd64\n",
    );
    inserted(
        &["env", "tags"],
        mapping([]),
        "  tags: {}\n",
        "    SOLID_QUEUE_IN_PUMA: true\n",
    );
}

#[test]
fn inserted_scalars_are_quoted_only_if_they_must_be() {
    for (text, written) in [
        ("80", "80"),
        ("-1.5", "-1.5"),
        ("true", "true"),
        ("null", "null"),
        ("amd64", "amd64"),
        ("shop:/rails/storage", "shop:/rails/storage"),
        ("127.0.0.1:5432:5432", "127.0.0.1:5432:5432"),
        ("https://x.test/#y", "https://x.test/#y"),
        (":all", ":all"),
        ("-it", "-it"),
        ("3.10", "\"3.10\""),
        ("22:22", "\"22:22\""),
        ("yes", "\"yes\""),
        ("n", "\"n\""),
        ("0777", "\"0777\""),
        ("1_000", "\"1_000\""),
        ("1e3", "\"1e3\""),
        ("~", "\"~\""),
        ("", "\"\""),
        ("2026-11-23", "\"2026-11-23\""),
        ("a: b", "\"a: b\""),
        ("a #b", "\"a #b\""),
        ("a:", "\"a:\""),
        (" a", "\" a\""),
        ("*", "\"*\""),
        ("@a", "\"@a\""),
        ("- a", "\"- a\""),
        ("it's", "it's"),
        ("a\"b", "a\"b"),
        ("\"a\"", "'\"a\"'"),
        ("'a", "\"'a\""),
        ("a\nb\t\u{7}\\", "\"a\\nb\\t\\u0007\\\\\""),
        ("é \u{1f6a2}", "é \u{1f6a2}"),
    ] {
        let expected = format!("a: 1\nk: {written}\n");
        assert_eq!(
            insert("a: 1\n", &["k"], &scalar(text)),
            Ok(expected),
            "{text}"
        );
    }
    assert_eq!(
        insert("a: {}", &["a", "b:c"], &scalar("d, e")),
        ok("a: {\"b:c\": \"d, e\"}")
    );
    assert_eq!(
        insert(
            "a: []",
            &["b"],
            &mapping([("404", sequence(&["x]", "- y"]))])
        ),
        ok("a: []\nb:\n  404:\n    - x]\n    - \"- y\"")
    );
    // Nothing may become an ERB tag.
    assert_eq!(
        insert("a: 1\n", &["k"], &scalar("<%= x %>")),
        Err(Refused::Unwritable)
    );
}

#[test]
fn missing_values_are_filled_in() {
    let value = mapping([("b", scalar("1"))]);
    assert_eq!(insert("", &["a"], &value), ok("a:\n  b: 1\n"));
    assert_eq!(
        insert("\u{feff}", &["a"], &scalar("1")),
        ok("\u{feff}a: 1\n")
    );
    assert_eq!(insert("# c", &["a"], &value), ok("# c\na:\n  b: 1"));
    assert_eq!(
        insert("---\n# c\n", &["a"], &scalar("1")),
        ok("---\na: 1\n# c\n")
    );
    assert_eq!(
        insert("a:\nc: 1\n", &["a"], &value),
        ok("a:\n  b: 1\nc: 1\n")
    );
    assert_eq!(
        insert("a: # n\n", &["a", "b"], &scalar("1")),
        ok("a: # n\n  b: 1\n")
    );
    assert_eq!(
        insert("a: ~ # n\nc: 1\n", &["a", "b"], &scalar("1")),
        ok("a: # n\n  b: 1\nc: 1\n")
    );
    assert_eq!(
        insert("a:\nc: 1\n", &["a"], &scalar("x")),
        ok("a: x\nc: 1\n")
    );
    assert_eq!(
        insert("a: null # n\n", &["a"], &scalar("x")),
        ok("a: x # n\n")
    );
    assert_eq!(insert("a: &n\n", &["a"], &scalar("x")), ok("a: &n x\n"));
    assert_eq!(
        insert("{a: , c: 1}", &["a", "b"], &scalar("x")),
        ok("{a: {b: x} , c: 1}")
    );
    assert_eq!(append("a:\n", &["a"], "x"), ok("a:\n  - x\n"));
    assert_eq!(
        append("a: 1\n", &["b", "c"], "x"),
        ok("a: 1\nb:\n  c:\n    - x\n")
    );
}

#[test]
fn the_style_of_the_file_is_kept() {
    assert_eq!(
        insert("a:\n    b: 1\nl:\n- x\n", &["c", "d"], &sequence(&["z"])),
        ok("a:\n    b: 1\nl:\n- x\nc:\n    d:\n    - z\n")
    );
    assert_eq!(
        insert(
            "a:\r\n  b: 1\r\nc: 2\r\n",
            &["a", "d"],
            &mapping([("e", scalar("3"))])
        ),
        ok("a:\r\n  b: 1\r\n  d:\r\n    e: 3\r\nc: 2\r\n")
    );
    assert_eq!(
        insert("a: 1\r\nb: 2", &["c"], &scalar("3")),
        ok("a: 1\r\nb: 2\r\nc: 3")
    );
    assert_eq!(insert("a: 1", &["b"], &scalar("2")), ok("a: 1\nb: 2"));
    assert_eq!(
        append("a:\n- b # c\n# d\n", &["a"], "e"),
        ok("a:\n- b # c\n- e\n# d\n")
    );
    assert_eq!(
        append("a: [b, c] # d\n", &["a"], "e"),
        ok("a: [b, c, e] # d\n")
    );
    assert_eq!(append("a: [ b ]\n", &["a"], "e"), ok("a: [ b, e ]\n"));
    assert_eq!(append("a: [b,]\n", &["a"], "e"), ok("a: [b, e]\n"));
    assert_eq!(append("a: []\n", &["a"], "e, f"), ok("a: [\"e, f\"]\n"));
    assert_eq!(
        append("a: [\n  b, # x\n  c # y\n]\n", &["a"], "e"),
        ok("a: [\n  b, # x\n  c, # y\n  e\n]\n")
    );
    assert_eq!(
        append("a: [\n  b,\n]\n", &["a"], "e"),
        ok("a: [\n  b,\n  e,\n]\n")
    );
    assert_eq!(
        insert(
            "a: {b: 1}\n",
            &["a", "c"],
            &mapping([("d", sequence(&["e"]))])
        ),
        ok("a: {b: 1, c: {d: [e]}}\n")
    );
    assert_eq!(
        insert(
            "l:\n  - a: 1\nm:\n  x: |\n    text\n\n  # c\nn: 1\n",
            &["m", "z"],
            &scalar("2")
        ),
        ok("l:\n  - a: 1\nm:\n  x: |\n    text\n  z: 2\n\n  # c\nn: 1\n")
    );
}

#[test]
fn control_structures_are_not_entered() {
    let source = "a:\n  b: 1\n<% if x %>\n  c: 2\n<% end %>\nd: 3\n";
    assert_eq!(
        insert(source, &["a", "e"], &scalar("4")),
        ok("a:\n  b: 1\n<% if x %>\n  c: 2\n<% end %>\n  e: 4\nd: 3\n")
    );
    assert_eq!(
        insert(source, &["a", "c", "f"], &scalar("4")),
        Err(Refused::Conditional)
    );
    assert_eq!(replace(source, &["a", "c"], "4"), Err(Refused::Conditional));
    assert_eq!(remove(source, &["a", "c"]), Err(Refused::Conditional));
    assert_eq!(remove(source, &["a"]), Err(Refused::Conditional));
    assert_eq!(
        remove(source, &["d"]),
        ok("a:\n  b: 1\n<% if x %>\n  c: 2\n<% end %>\n")
    );
    assert_eq!(
        replace(source, &["a", "b"], "4"),
        ok(&source.replace("b: 1", "b: 4"))
    );
    // The structure goes on behind the mapping.
    assert_eq!(
        insert(
            "a:\n  b: 1\n<% if x %>\n  c: 2\nd: 3\n<% end %>\n",
            &["a", "e"],
            &scalar("4")
        ),
        ok("a:\n  b: 1\n  e: 4\n<% if x %>\n  c: 2\nd: 3\n<% end %>\n")
    );
    assert_eq!(
        insert(
            "<% if x %>\na:\n  b: 1\n<% end %>\n",
            &["a", "c"],
            &scalar("2")
        ),
        Err(Refused::Conditional)
    );
    assert_eq!(
        append(
            "a:\n  <% 3.times do |n| %>\n  - <%= n %>\n  <% end %>\n",
            &["a"],
            "4"
        ),
        Err(Refused::Conditional)
    );
}

#[test]
fn values_from_elsewhere_are_not_edited() {
    let source =
        "x: &x\n  a: 1\ny:\n  <<: *x\n  b: 2\nz: *x\nw: <%= q %>\nv:\n  c: 1\n  <%= r %>\n";
    assert_eq!(replace(source, &["z"], "3"), Err(Refused::Alias));
    assert_eq!(
        insert(source, &["z", "c"], &scalar("3")),
        Err(Refused::Alias)
    );
    assert_eq!(
        insert(source, &["y", "a", "d"], &scalar("3")),
        Err(Refused::Merged)
    );
    assert_eq!(remove(source, &["y", "a"]), Err(Refused::Merged));
    assert_eq!(
        insert(source, &["y", "a"], &scalar("3")),
        ok(&source.replace("b: 2\n", "b: 2\n  a: 3\n"))
    );
    assert_eq!(replace(source, &["w"], "3"), Err(Refused::Dynamic));
    assert_eq!(
        insert(source, &["w", "c"], &scalar("3")),
        Err(Refused::Dynamic)
    );
    assert_eq!(
        insert(source, &["v", "d"], &scalar("3")),
        Err(Refused::Dynamic)
    );
    assert_eq!(
        remove(source, &["w"]),
        ok(&source.replace("w: <%= q %>\n", ""))
    );
    assert_eq!(remove(source, &["x"]), Err(Refused::Unwritable));
    assert_eq!(
        insert(source, &["y", "b"], &scalar("3")),
        Err(Refused::Exists)
    );
    assert_eq!(
        insert(source, &["y", "b", "c"], &scalar("3")),
        Err(Refused::NotAMapping)
    );
    assert_eq!(append(source, &["y"], "3"), Err(Refused::NotASequence));
    assert_eq!(replace(source, &["y"], "3"), Err(Refused::NotAScalar));
    assert_eq!(insert("a: [", &["b"], &scalar("1")), Err(Refused::Unparsed));
    let (one, other) = (yaml::parse("a: 1"), yaml::parse("a: 1\n"));
    assert_eq!(one.remove(entry(&other, &["a"])), Err(Refused::Foreign));
    assert_eq!(
        one.replace_scalar(other.root().unwrap(), "b"),
        Err(Refused::Foreign)
    );
}

#[test]
fn replaced_scalars_keep_their_quotes_and_comments() {
    for (source, new, expected) in [
        ("a: 1 # n\n", "80", "a: 80 # n\n"),
        ("a: \"x\" # n\n", "80", "a: \"80\" # n\n"),
        ("a: 'x'\n", "it's", "a: 'it''s'\n"),
        ("a: 'x'\n", "y\nz", "a: \"y\\nz\"\n"),
        ("a: x\n", "yes", "a: \"yes\"\n"),
        ("a: true\n", "false", "a: false\n"),
        ("a:\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("a:   # n\n", "x", "a: x   # n\n"),
        ("a: &x 1\nb: *x\n", "2", "a: &x 2\nb: *x\n"),
        ("a: !!str 1\n", "2", "a: !!str 2\n"),
        ("a: |\n  x\n  y\nb: 1\n", "z", "a: z\nb: 1\n"),
        ("a: x\n  y\nb: 1\n", "z", "a: z\nb: 1\n"),
        ("{a: x, b: 1}", "y, z", "{a: \"y, z\", b: 1}"),
        ("a: x", "", "a: \"\""),
    ] {
        assert_eq!(replace(source, &["a"], new), ok(expected), "{source}");
    }
    // The comment in the header of a block would be lost.
    assert_eq!(
        replace("a: | # n\n  x\n", &["a"], "y"),
        Err(Refused::Unwritable)
    );

    let source = "a: [1, {b: 2}]\n";
    let document = yaml::parse(source);
    let key = document.root().unwrap().own_entries()[0].key;
    assert_eq!(
        applied(source, document.replace_scalar(key, "c d")),
        ok("c d: [1, {b: 2}]\n")
    );
    let item = entry(&document, &["a"]).value.items()[0];
    assert_eq!(
        applied(source, document.replace_scalar(item, "-1")),
        ok("a: [-1, {b: 2}]\n")
    );
}

#[test]
fn entries_are_removed_with_their_lines() {
    let without = |path: &[&str], lines: &str| {
        assert!(DEPLOY.contains(lines));
        assert_eq!(
            remove(DEPLOY, path),
            Ok(DEPLOY.replacen(lines, "", 1)),
            "{path:?}"
        );
    };
    without(&["proxy", "host"], "  host: app.example.com # change me\n");
    without(
        &["proxy"],
        "proxy:\n  ssl: true\n  host: app.example.com # change me\n",
    );
    without(&["env", "secret"], "  secret:\n    - RAILS_MASTER_KEY\n");
    without(&["builder", "arch"], "  arch: amd64\n");
    without(&["service"], "service: shop\n");
    for (source, path, expected) in [
        ("a: 1\nb: 2", &["b"][..], ok("a: 1")),
        ("a: 1\r\nb: 2", &["b"], ok("a: 1")),
        ("a: 1", &["a"], ok("")),
        ("\u{feff}a: 1\nb: 2\n", &["a"], ok("\u{feff}b: 2\n")),
        ("# c\na: 1 # d\n", &["a"], ok("# c\n")),
        ("a: {b: 1, c: 2}", &["a", "b"], ok("a: {c: 2}")),
        ("a: {b: 1, c: 2}", &["a", "c"], ok("a: {b: 1}")),
        ("a: {b: 1}", &["a", "b"], ok("a: {}")),
        ("a: |+\n  x\n\nb: 1\n", &["a"], ok("b: 1\n")),
        (
            "a: \"x <%= y(\n  1) %>\" # <%= z %>\nb: 1\n",
            &["a"],
            ok("b: 1\n"),
        ),
        ("a:\n  <%= x %>\nb: 1\n", &["a"], ok("b: 1\n")),
    ] {
        assert_eq!(remove(source, path), expected, "{source}");
    }

    let source = "l:\n  - a: 1 # n\n    b: 2\n  - c: 3\n";
    let document = yaml::parse(source);
    let items = entry(&document, &["l"]).value.items();
    let first = items[0].get("a").unwrap();
    assert_eq!(
        applied(source, document.remove(first)),
        ok("l:\n  - b: 2\n  - c: 3\n")
    );
    let only = items[1].get("c").unwrap();
    assert_eq!(
        applied(source, document.remove(only)),
        ok("l:\n  - a: 1 # n\n    b: 2\n  - \n")
    );
    // A comment that is not its own stays.
    let source = "- a: 1\n  # about b\n  b: 2\n";
    let document = yaml::parse(source);
    let first = document.root().unwrap().items()[0].get("a").unwrap();
    assert_eq!(document.remove(first), Err(Refused::Unwritable));
}

/// Files as they are, and odd ones.
const FILES: [&str; 9] = [
    DEPLOY,
    r#"default: &default
  adapter: postgresql
  pool: <%= ENV.fetch("RAILS_MAX_THREADS") { 5 } %>

production:
  primary: &primary_production
    <<: *default
    url: "<%= ENV["DATABASE_URL"] %>?x=y"
  # For details see the guide.
  cache:
    <<: *primary_production
    database: shop_cache # not url
    migrations_paths: db/cache_migrate
"#,
    "default: &default\r\n  dispatchers:\r\n    - polling_interval: 1\r\n      batch_size: 500\r\n  workers:\r\n    - queues: \"*\"\r\n      threads: 3\r\n      processes: <%= ENV.fetch(\"JOB_CONCURRENCY\", 1) %>\r\n\r\nproduction:\r\n  <<: *default\r\n",
    "# Async adapter only works within the same process.\ndevelopment:\n  adapter: async\n\ntest:\n  adapter: test\n\nproduction:\n  adapter: solid_cable\n  connects_to:\n    database:\n      writing: cable\n  polling_interval: 0.1.seconds\n  message_retention: 1.day",
    "# examples:\n#   periodic_cleanup:\n#     class: CleanSoftDeletedRecordsJob\n\nproduction:\n  clear_solid_queue_finished_jobs:\n    command: \"SolidQueue::Job.clear_finished_in_batches(sleep_between_batches: 0.3)\"\n    schedule: every hour at minute 12\n    args: [ 42, { status: 'custom' } ]\n    note: >-\n      folded\n      text\n\n    list:\n    - a\n    # between\n    - b\n",
    "service: x\n<% if ENV[\"STAGING\"] %>\nproxy:\n  host: a\n<% else %>\nproxy:\n  host: b\n<% end %>\nservers:\n  <% 3.times do |n| %>\n  - host<%= n %>\n  <% end %>\nenv:\n  clear:\n    A: 1\n    <%= extra %>\n  secret: []\n",
    "---\na: {b: 1, c: [x, y], # n\n  d: 'e'}\nf: |+\n  g\n\nh:\n  - - i\n    - j\n  -\n  - k: \"l\n      m\"\n? n\n: o\np: &q\nr: *q\n",
    "\u{feff}é:\n\t\n  ü: \"\u{1f6a2}\" # ñ\n  ö:\t1\n  # tab\there\n",
    "a: 1\n# last",
];

fn nodes(document: &Document) -> Vec<Node<'_>> {
    let mut nodes: Vec<Node<'_>> = document.root().into_iter().collect();
    let mut next = 0;
    while let Some(&node) = nodes.get(next) {
        if !matches!(node.kind(), Kind::Alias(_)) {
            let entries = node.own_entries();
            nodes.extend(entries.iter().flat_map(|entry| [entry.key, entry.value]));
            nodes.extend(node.items());
        }
        next += 1;
    }
    nodes
}

fn comments(text: &str) -> Vec<String> {
    let document = yaml::parse(text);
    let comments = document.comments().iter();
    comments
        .map(|span| span.of(text).trim_end().to_owned())
        .collect()
}

fn tags(text: &str) -> Vec<String> {
    let document = yaml::parse(text);
    let tags = document.template.tags.iter();
    tags.map(|tag| tag.span.of(text).to_owned()).collect()
}

/// All lines of `before` are in `after`, but for at most `changed` of them in one place.
fn assert_lines_kept(before: &str, after: &str, changed: usize) {
    let lines = |text: &str| -> Vec<String> {
        let text = text.trim_start_matches('\u{feff}');
        text.lines().map(str::to_owned).collect()
    };
    let (old, new) = (lines(before), lines(after));
    let same = |(one, other): &(&String, &String)| one == other;
    let head = old.iter().zip(&new).take_while(same).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev());
    let kept = head + tail.take_while(same).count();
    assert!(kept + changed >= old.len(), "{before:?} became {after:?}");
}

/// What every edit but a removal keeps.
fn assert_kept(before: &str, after: &str, changed: usize) {
    assert_eq!(yaml::parse(after).errors, [], "{after:?}");
    assert_eq!(comments(before), comments(after), "{after:?}");
    assert_eq!(tags(before), tags(after), "{after:?}");
    let has_lf = |text: &str| text.replace("\r\n", "").contains('\n');
    assert!(
        has_lf(before) || !has_lf(after) || !before.contains('\n'),
        "{after:?}"
    );
    assert!(
        before.contains("\r\n") || !after.contains("\r\n"),
        "{after:?}"
    );
    assert_lines_kept(before, after, changed);
}

fn any_file() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(FILES.to_vec()).prop_map(str::to_owned),
        2 => any_document(),
    ]
}

/// A generated file: lines that are nested at random, some with ERB, comments and odd spacing.
fn any_document() -> impl Strategy<Value = String> {
    let line = (
        0usize..4,
        prop::sample::select(vec![
            "k:",
            "k: v",
            "l: 'q'",
            "m: \"d\" # c",
            "- i",
            "- n: 1",
            "- # c",
            "# c",
            "",
            "o: [a, b]",
            "p: {a: 1}",
            "q: <%= x %>",
            "r: a<%= x %>b # c",
            "<% if x %>",
            "<% end %>",
            "<%= x %>",
            "s: |\n        t\n",
            "u: &u 1",
            "w: ~",
            "x: [\n        a, # c\n      ]",
            "y: >+\n        z\n\n",
        ]),
    );
    let layout = (prop::bool::ANY, prop::bool::ANY);
    (prop::collection::vec(line, 0..14), layout).prop_map(|(lines, (crlf, ends))| {
        let lines = lines
            .iter()
            .map(|(depth, line)| format!("{}{line}", "  ".repeat(*depth)));
        let mut text = lines.collect::<Vec<_>>().join("\n");
        if ends {
            text.push('\n');
        }
        if crlf {
            text.replace('\n', "\r\n")
        } else {
            text
        }
    })
}

fn any_scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9./_-]{1,8}",
        "[ -~é\n\t]{0,12}",
        prop::sample::select(vec![
            "3000", "3.10", "yes", "true", "22:22", "a: b", "# c", "x, y", "~"
        ])
        .prop_map(str::to_owned),
    ]
}

fn any_insert() -> impl Strategy<Value = Insert> {
    let leaf = prop_oneof![
        any_scalar().prop_map(Insert::Scalar),
        prop::collection::vec(any_scalar(), 0..3).prop_map(Insert::Sequence),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop::collection::vec(("[a-z0-9_: ]{1,6}", inner), 0..3).prop_map(Insert::Mapping)
    })
}

fn assert_is(node: Node<'_>, value: &Insert) {
    match value {
        Insert::Scalar(text) => assert_eq!(node.scalar().unwrap().text(), Some(text.as_str())),
        Insert::Sequence(items) => {
            let texts = node
                .items()
                .into_iter()
                .map(|item| item.scalar().unwrap().text().unwrap());
            assert_eq!(&texts.collect::<Vec<_>>(), items);
        }
        Insert::Mapping(entries) => {
            let own = node.own_entries();
            assert_eq!(own.len(), entries.len());
            for (entry, (key, value)) in own.iter().zip(entries) {
                assert_eq!(entry.key.scalar().unwrap().text(), Some(key.as_str()));
                assert_is(entry.value, value);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replacing_changes_one_value(file in any_file(), at in any::<prop::sample::Index>(), new in any_scalar()) {
        let document = yaml::parse(&file);
        let nodes = nodes(&document);
        if nodes.is_empty() {
            return Ok(());
        }
        let index = at.index(nodes.len());
        if let Ok(after) = applied(&file, document.replace_scalar(nodes[index], &new)) {
            let lines = nodes[index].span().of(&file).split('\n').count();
            assert_kept(&file, &after, lines);
            let document = yaml::parse(&after);
            let node = self::nodes(&document)[index];
            prop_assert_eq!(node.scalar().unwrap().text(), Some(new.as_str()));
        }
    }

    #[test]
    fn inserting_adds_one_value(
        file in any_file(),
        at in any::<prop::sample::Index>(),
        keys in prop::collection::vec("[a-z]{2,3}", 1..3),
        value in any_insert(),
    ) {
        // Anywhere: below a path that is there, or new.
        let document = yaml::parse(&file);
        let mut path: Vec<&str> = Vec::new();
        let mut node = document.root();
        for _ in 0..at.index(4) {
            let entries = node.map(Node::own_entries).unwrap_or_default();
            let Some(entry) = entries.get(at.index(entries.len().max(1))) else { break };
            let Some(key) = entry.key.scalar().and_then(|key| key.text()) else { break };
            path.push(key);
            node = Some(entry.value);
        }
        path.extend(keys.iter().map(String::as_str));
        if let Ok(after) = applied(&file, document.insert(&path, &value)) {
            assert_kept(&file, &after, 1);
            let document = yaml::parse(&after);
            assert_is(entry(&document, &path).value, &value);
        }
    }

    #[test]
    fn appending_adds_one_item(file in any_file(), at in any::<prop::sample::Index>(), value in any_scalar()) {
        let document = yaml::parse(&file);
        let paths = paths(&document);
        if paths.is_empty() {
            return Ok(());
        }
        let path = at.get(&paths);
        if let Ok(after) = applied(&file, document.append_item(path, &value)) {
            assert_kept(&file, &after, 1);
            let count = entry(&document, path).value.items().len();
            let document = yaml::parse(&after);
            let items = entry(&document, path).value.items();
            prop_assert_eq!(items.len(), count + 1);
            prop_assert_eq!(items[count].scalar().unwrap().text(), Some(value.as_str()));
        }
    }

    #[test]
    fn removing_takes_one_entry(file in any_file(), at in any::<prop::sample::Index>()) {
        let document = yaml::parse(&file);
        let entries: Vec<_> = nodes(&document).into_iter().flat_map(|node| match node.kind() {
            Kind::Mapping => node.own_entries(),
            _ => Vec::new(),
        }).collect();
        if entries.is_empty() {
            return Ok(());
        }
        let entry = at.get(&entries);
        if let Ok(after) = applied(&file, document.remove(*entry)) {
            prop_assert_eq!(yaml::parse(&after).errors, []);
            let removed = entry.span.of(&file).split('\n').count();
            // The next entry moves up if the first one stood behind a dash, over blank lines.
            let (full, left) = (without_blank_lines(&file), without_blank_lines(&after));
            assert_lines_kept(&full, &left, removed + 1);
            assert_lines_kept(&left, &full, 1);
            let before = comments(&file).len() - comments(&after).len();
            prop_assert!(before <= removed);
        }
    }
}

fn without_blank_lines(text: &str) -> String {
    let lines = text.split_inclusive('\n');
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// The paths of all values that are found by `get`.
fn paths(document: &Document) -> Vec<Vec<&str>> {
    let mut paths: Vec<Vec<&str>> = Vec::new();
    let mut pending: Vec<(Vec<&str>, Node<'_>)> = document
        .root()
        .map(|root| (Vec::new(), root))
        .into_iter()
        .collect();
    while let Some((path, node)) = pending.pop() {
        for entry in node.entries() {
            if let Some(key) = entry.key.scalar().and_then(|key| key.text())
                && path.len() < 5
            {
                let path = [path.as_slice(), &[key]].concat();
                pending.push((path.clone(), entry.value));
                paths.push(path);
            }
        }
    }
    paths
}

#[test]
fn most_edits_of_real_files_are_made() {
    // That the properties above do not hold because everything is refused.
    let mut counts = (0, 0);
    for file in FILES {
        let document = yaml::parse(file);
        assert_eq!(document.errors, [], "{file}");
        let mut count = |edits: Result<Vec<Edit>, Refused>| {
            counts.0 += usize::from(edits.is_ok());
            counts.1 += 1;
        };
        for node in nodes(&document) {
            if matches!(node.kind(), Kind::Scalar(_)) {
                count(document.replace_scalar(node, "new"));
            }
            if matches!(node.kind(), Kind::Mapping) {
                node.own_entries()
                    .into_iter()
                    .for_each(|entry| count(document.remove(entry)));
            }
        }
        for path in paths(&document) {
            let path = [path.as_slice(), &["new"]].concat();
            count(document.insert(&path, &scalar("1")));
        }
    }
    assert!(counts.0 * 3 > counts.1 * 2, "{counts:?}");
    assert_eq!(
        entry(&yaml::parse(DEPLOY), &["proxy", "ssl"])
            .value
            .scalar()
            .unwrap()
            .value(),
        Some(Value::Bool(true))
    );
}
