//! Ruby as Rails applications write it, and as nobody should.

use std::sync::Arc;

use proptest::prelude::*;
use syntax::ruby::{self, Call, Context, Document, Expression, ExpressionKind, InterpolatedPart};
use syntax::{Edit, Span, edit};

const PRODUCTION: &str = r#"require "active_support/core_ext/integer/time"

Rails.application.configure do
  # Settings specified here will take precedence over those in config/application.rb.

  config.enable_reloading = false
  config.public_file_server.headers = { "cache-control" => "public, max-age=#{1.year.to_i}" }

  # Assume all access to the app is happening through a SSL-terminating reverse proxy.
  # config.assume_ssl = true

  # Force all access to the app over SSL.
  config.force_ssl = ENV["NO_SSL"].nil? # for now
  config.logger   = ActiveSupport::TaggedLogging.logger(STDOUT)
  config.log_level = ENV.fetch("RAILS_LOG_LEVEL", "info")
  config.cache_store = :solid_cache_store
  config.active_job.queue_adapter = :solid_queue
  config.solid_queue.connects_to = { database: { writing: :queue } }

  if ENV["SMTP_HOST"]
    config.action_mailer.smtp_settings = {
      address: ENV.fetch("SMTP_HOST"),
      port: ENV.fetch("SMTP_PORT") { 587 },
      enable_starttls: true
    }
  elsif Rails.env.production?
    config.action_mailer.delivery_method = :file
  else
    config.action_mailer.raise_delivery_errors = false
  end

  config.hosts = [
    "example.com",     # Allow requests from example.com
    /.*\.example\.com/ # Allow requests from subdomains
  ] unless ENV["ANY_HOST"] == "1"
  config.hosts << ENV["HOST"] || "localhost"
  config.host_authorization = { exclude: ->(request) { request.path == "/up" } }
  config.silence_healthcheck_path ||= "/up"
end
"#;

const GEMFILE: &str = r#"source "https://rubygems.org"
ruby file: ".ruby-version"

gem "rails", "~> 8.0.2"
gem "bootsnap", require: false
gem("pg", "~> 1.1") if ENV["PG"]
gem "tzinfo-data", platforms: %i[ windows jruby ]
%w[a b].each { |name| gem name, git: "https://example.com/#{name}.git" }

group :development, :test do
  gem "debug", :require => "debug/prelude"
  platforms :mri do
    gem "brakeman", **options
  end
end

case RUBY_ENGINE
when "jruby", "truffleruby" then gem "jdbc"
else gem "ffi"
end
"#;

const PUMA: &str = r#"max_threads = ENV.fetch("RAILS_MAX_THREADS") { 5 }
min_threads = ENV.fetch("RAILS_MIN_THREADS", max_threads)
threads min_threads, max_threads
TIMEOUT = 3600
worker_timeout TIMEOUT if ENV.fetch("RAILS_ENV", "development") == "development"
port ENV.fetch("PORT", 3000)
plugin :tmp_restart
plugin :solid_queue if ENV["SOLID_QUEUE_IN_PUMA"]
pidfile ENV["PIDFILE"] || "tmp/pids/server.pid"
"#;

fn clean(text: &str) -> Document {
    let document = ruby::parse(text);
    assert_eq!(document.errors, []);
    document
}

fn only<'a>(mut calls: impl Iterator<Item = &'a Call>) -> &'a Call {
    let call = calls.next().expect("a call");
    assert!(calls.next().is_none(), "more than one call");
    call
}

fn value(code: &str) -> ExpressionKind {
    ruby::expression(code, 0).expect("an expression").kind
}

/// The contexts of a call in a few words.
fn within(text: &str, call: &Call) -> Vec<String> {
    let describe = |context: &&Context| match context {
        Context::Block { call, .. } => format!("{call} do"),
        Context::If {
            condition, negated, ..
        } => {
            let condition = condition.span.of(text);
            format!("{} {condition}", if *negated { "unless" } else { "if" })
        }
        Context::Case {
            subject, values, ..
        } => {
            let of = |expression: &Expression| expression.span.of(text).to_owned();
            let subject = subject.as_deref().map(of).unwrap_or_default();
            let values: Vec<_> = values.iter().map(of).collect();
            format!("case {subject} when {}", values.join(", "))
        }
        Context::Definition { name, .. } => format!("def {name}"),
        Context::Namespace { name, .. } => format!("module {name}"),
        Context::Rescue { .. } => "rescue".to_owned(),
        Context::Loop { .. } => "loop".to_owned(),
    };
    call.within().iter().map(describe).collect()
}

fn string(value: &str) -> ExpressionKind {
    ExpressionKind::String(value.to_owned())
}

fn symbol(name: &str) -> ExpressionKind {
    ExpressionKind::Symbol(name.to_owned())
}

#[test]
fn settings_of_an_environment() {
    let document = clean(PRODUCTION);
    let setting = |path: &'static str| only(document.settings(path));
    let adapter = setting("config.active_job.queue_adapter");
    assert_eq!(
        adapter.span.of(PRODUCTION),
        "config.active_job.queue_adapter = :solid_queue"
    );
    assert_eq!(adapter.receiver.as_deref(), Some("config.active_job"));
    assert_eq!(
        adapter.receiver_span.unwrap().of(PRODUCTION),
        "config.active_job"
    );
    assert_eq!(adapter.name.value, "queue_adapter=");
    assert_eq!(adapter.name.span.of(PRODUCTION), "queue_adapter");
    assert_eq!(
        adapter.path().as_deref(),
        Some("config.active_job.queue_adapter")
    );
    assert_eq!(adapter.value().unwrap().as_symbol(), Some("solid_queue"));
    assert_eq!(
        within(PRODUCTION, adapter),
        ["Rails.application.configure do"]
    );

    assert_eq!(
        setting("config.enable_reloading")
            .value()
            .unwrap()
            .as_bool(),
        Some(false)
    );
    let database = setting("config.solid_queue.connects_to").value().unwrap();
    let writing = database
        .get("database")
        .and_then(|roles| roles.get("writing"));
    assert_eq!(writing.unwrap().as_name(), Some("queue"));
    assert_eq!(writing.unwrap().span.of(PRODUCTION), ":queue");
    let headers = setting("config.public_file_server.headers")
        .value()
        .unwrap();
    let ExpressionKind::Interpolated(parts) = &headers.get("cache-control").unwrap().kind else {
        panic!("{headers:?}");
    };
    assert_eq!(
        parts[0],
        InterpolatedPart::Text("public, max-age=".to_owned())
    );
    assert!(
        matches!(&parts[1], InterpolatedPart::Code(code) if code.span.of(PRODUCTION) == "1.year.to_i")
    );
    assert_eq!(document.settings("config.cache").count(), 0);
    assert_eq!(document.settings("cache_store").count(), 0);
    assert_eq!(document.settings("config.assume_ssl").count(), 0);
}

#[test]
fn conditions_of_settings() {
    let document = clean(PRODUCTION);
    let setting = |path: &'static str| only(document.settings(path));
    let configure = "Rails.application.configure do";
    let smtp = setting("config.action_mailer.smtp_settings");
    assert_eq!(
        within(PRODUCTION, smtp),
        [configure, "if ENV[\"SMTP_HOST\"]"]
    );
    let settings = smtp.value().unwrap();
    let env = |name: &str, default, required| ExpressionKind::Env {
        name: name.to_owned(),
        default,
        required,
    };
    assert_eq!(
        settings.get("address").unwrap().kind,
        env("SMTP_HOST", None, true)
    );
    let ExpressionKind::Env {
        default: Some(port),
        required: false,
        ..
    } = &settings.get("port").unwrap().kind
    else {
        panic!("{settings:?}");
    };
    assert_eq!(port.as_integer(), Some(587));
    assert_eq!(
        within(PRODUCTION, setting("config.action_mailer.delivery_method")),
        [
            configure,
            "unless ENV[\"SMTP_HOST\"]",
            "if Rails.env.production?"
        ]
    );
    assert_eq!(
        within(
            PRODUCTION,
            setting("config.action_mailer.raise_delivery_errors")
        ),
        [
            configure,
            "unless ENV[\"SMTP_HOST\"]",
            "unless Rails.env.production?"
        ]
    );
    let hosts = setting("config.hosts");
    assert_eq!(
        within(PRODUCTION, hosts),
        [configure, "unless ENV[\"ANY_HOST\"] == \"1\""]
    );
    assert_eq!(hosts.value().unwrap().elements().unwrap().len(), 2);
    assert!(hosts.statement.of(PRODUCTION).ends_with("== \"1\""));
    only(document.calls_named("config.hosts.<<"));
    let path = setting("config.silence_healthcheck_path");
    assert_eq!(path.operator.as_ref().unwrap().value, "||=");
    assert_eq!(path.arguments[0].as_str(), Some("/up"));
    assert_eq!(path.value(), None);
    assert_eq!(
        within(PRODUCTION, only(document.calls_named("request.path.=="))),
        [configure, "-> do"]
    );
}

#[test]
fn gems_of_a_gemfile() {
    let document = clean(GEMFILE);
    let gems: Vec<_> = document
        .calls_named("gem")
        .map(|gem| {
            (
                gem.arguments[0].as_str().unwrap_or("?"),
                within(GEMFILE, gem),
            )
        })
        .collect();
    let expected: [(&str, &[&str]); 9] = [
        ("rails", &[]),
        ("bootsnap", &[]),
        ("pg", &["if ENV[\"PG\"]"]),
        ("tzinfo-data", &[]),
        ("?", &[".each do"]),
        ("debug", &["group do"]),
        ("brakeman", &["group do", "platforms do"]),
        (
            "jdbc",
            &["case RUBY_ENGINE when \"jruby\", \"truffleruby\""],
        ),
        ("ffi", &["case RUBY_ENGINE when "]),
    ];
    assert_eq!(gems.len(), expected.len());
    for ((name, within), (expected_name, expected_within)) in gems.iter().zip(expected) {
        assert_eq!(
            (*name, &within[..]),
            (expected_name, &expected_within.map_owned()[..])
        );
    }
    let keyword = |gem: &str, keyword: &str| {
        let named = |call: &&Call| call.arguments[0].as_str() == Some(gem);
        let call = document.calls_named("gem").find(named).unwrap();
        call.keyword(keyword).map(|value| value.kind.clone())
    };
    assert_eq!(keyword("bootsnap", "require"), Some(ExpressionKind::False));
    assert_eq!(keyword("debug", "require"), Some(string("debug/prelude")));
    assert_eq!(keyword("rails", "require"), None);
    assert!(
        matches!(keyword("tzinfo-data", "platforms"), Some(ExpressionKind::Array(list)) if list[1].as_symbol() == Some("jruby"))
    );
    let group = only(document.calls_named("group"));
    assert_eq!(group.arguments[1].as_symbol(), Some("test"));
    assert_eq!(group.block.unwrap().closing.of(GEMFILE), "end");
    let ruby = only(document.calls_named("ruby"));
    assert_eq!(
        ruby.keyword("file").unwrap().as_str(),
        Some(".ruby-version")
    );
}

trait MapOwned {
    fn map_owned(&self) -> Vec<String>;
}

impl MapOwned for &[&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|&text| text.to_owned()).collect()
    }
}

#[test]
fn variables_of_puma() {
    let document = clean(PUMA);
    let threads = only(document.calls_named("threads"));
    let ExpressionKind::Variable(name) = &threads.arguments[1].kind else {
        panic!("{threads:?}");
    };
    assert_eq!(name, "max_threads");
    let max = document.resolve(&threads.arguments[1]);
    assert_eq!(max.span.of(PUMA), "ENV.fetch(\"RAILS_MAX_THREADS\") { 5 }");
    let ExpressionKind::Env {
        default: Some(min), ..
    } = &document.resolve(&threads.arguments[0]).kind
    else {
        panic!("{threads:?}");
    };
    assert_eq!(document.resolve(min), max);
    let timeout = only(document.calls_named("worker_timeout"));
    assert_eq!(
        document.resolve(&timeout.arguments[0]).as_integer(),
        Some(3600)
    );
    let pidfile = only(document.calls_named("pidfile"));
    assert!(
        matches!(&pidfile.arguments[0].kind, ExpressionKind::Or(_, right) if right.as_str() == Some("tmp/pids/server.pid"))
    );
    let plugins: Vec<_> = document
        .calls_named("plugin")
        .map(|plugin| {
            (
                plugin.arguments[0].as_symbol().unwrap(),
                within(PUMA, plugin).len(),
            )
        })
        .collect();
    assert_eq!(plugins, [("tmp_restart", 0), ("solid_queue", 1)]);
    assert_eq!(document.assignments.len(), 3);
    assert_eq!(document.assignments[2].name.value, "TIMEOUT");
    assert_eq!(document.assignments[2].span.of(PUMA), "TIMEOUT = 3600");
}

#[test]
fn only_certain_variables_resolve() {
    for (text, resolves) in [
        ("x = 1\np x", true),
        ("A::B = 1\np A::B", true),
        ("y = 1\nx = y\np x", true),
        ("if a\n  x = 1\n  p x\nend", true),
        ("each do\n  x = 1\n  p x\nend", true),
        ("x = 1\neach { p x }", true),
        ("x = 1\nx = 2\np x", false),
        ("x = 1\nx += 2\np x", false),
        ("x = 1\nx ||= 2\np x", false),
        ("x = 1\nx, y = 2, 3\np x", false),
        ("x = 1\nx << 2\np x", false),
        ("x = 1\nx.merge!(a)\np x", false),
        ("x = 1 if a\np x", false),
        ("a && x = 1\np x", false),
        ("if a\n  x = 1\nelse\n  p x\nend", false),
        ("x = 1\neach { |x| p x }", false),
        ("x = 1\neach { |(y, x), z = 1| p x }", false),
        ("x = 1\ndef a(x) = p(x)", false),
        ("x = 1\ncase y\nin {x:}\n  p x\nend", false),
        ("x = 1\ny => [x]\np x", false),
        ("x = 1\nfor x in y do p x end", false),
        ("x = 1\nbegin; a; rescue => x; p x; end", false),
        ("x = 1\nif /(?<x>.)/ =~ y\n  p x\nend", false),
        ("while y\n  p x\n  x = 1\nend", false),
        ("p A\nA = 1", false),
        ("p x", false),
    ] {
        let document = clean(text);
        let argument = &document.calls_named("p").next().unwrap().arguments[0];
        let resolved = document.resolve(argument).as_integer();
        assert_eq!(resolved, resolves.then_some(1), "{text}");
    }
}

#[test]
fn literals() {
    assert_eq!(value("'a\\nb'"), string("a\\nb"));
    assert_eq!(value("\"a\\tb\\u{e9}\""), string("a\tbé"));
    assert_eq!(value("%q(a (b))"), string("a (b)"));
    assert_eq!(value("'a' \"b\" \\\n 'c'"), string("abc"));
    assert_eq!(
        value("<<~SQL\n  select 1\n    from t\nSQL"),
        string("select 1\n  from t\n")
    );
    assert_eq!(value("\"\""), string(""));
    assert_eq!(value("\"\\xff\""), ExpressionKind::Other);
    assert_eq!(value(":a"), symbol("a"));
    assert_eq!(value(":\"a-b\""), symbol("a-b"));
    assert_eq!(value("-1_000"), ExpressionKind::Integer(-1000));
    assert_eq!(
        value("0x7fff_ffff_ffff_ffff"),
        ExpressionKind::Integer(i64::MAX)
    );
    assert_eq!(
        value("-9223372036854775808"),
        ExpressionKind::Integer(i64::MIN)
    );
    assert_eq!(value("9223372036854775808"), ExpressionKind::Other);
    assert_eq!(value("0.5"), ExpressionKind::Float(0.5));
    assert_eq!(value("nil"), ExpressionKind::Nil);
    assert_eq!(value("(true)"), ExpressionKind::True);
    assert_eq!(value("()"), ExpressionKind::Nil);
    assert_eq!(
        value("Foo::Bar"),
        ExpressionKind::Constant("Foo::Bar".to_owned())
    );
    assert_eq!(value(r"/a\.b/"), ExpressionKind::Regex(r"a\.b".to_owned()));
    assert_eq!(value("/a#{b}/"), ExpressionKind::Other);
    assert_eq!(value("a ? 1 : 2"), ExpressionKind::Other);
    assert!(
        matches!(value("1..10"), ExpressionKind::Range { exclusive: false, last: Some(last), .. } if last.as_integer() == Some(10))
    );
    assert!(matches!(
        value("(1...)"),
        ExpressionKind::Range {
            exclusive: true,
            last: None,
            ..
        }
    ));
    assert!(matches!(value("!a"), ExpressionKind::Not(_)));
    assert!(matches!(value("a and b"), ExpressionKind::And(..)));
    let ExpressionKind::Call {
        receiver: Some(receiver),
        name,
        arguments,
    } = value("1.year")
    else {
        panic!();
    };
    assert_eq!(
        (receiver.as_integer(), &name[..], arguments.len()),
        (Some(1), "year", 0)
    );
    let ExpressionKind::Call {
        receiver: Some(receiver),
        arguments,
        ..
    } = value("Rails.root.join(\"tmp\", \"pids\")")
    else {
        panic!();
    };
    assert!(matches!(&receiver.kind, ExpressionKind::Call { name, .. } if name == "root"));
    assert_eq!(arguments[1].as_str(), Some("pids"));
}

#[test]
fn environment_variables() {
    let env = |name: &str, default: Option<(Span, ExpressionKind)>, required| ExpressionKind::Env {
        name: name.to_owned(),
        default: default.map(|(span, kind)| Arc::new(Expression { span, kind })),
        required,
    };
    assert_eq!(value("ENV['A']"), env("A", None, false));
    assert_eq!(value("::ENV[\"A\"]"), env("A", None, false));
    assert_eq!(value("ENV.fetch 'A'"), env("A", None, true));
    let five = Some((Span::new(16, 17), ExpressionKind::Integer(5)));
    assert_eq!(
        value("ENV.fetch(\"A\", {5})".replace("{5}", " 5").as_str()),
        env("A", five.clone(), false)
    );
    assert_eq!(value("ENV.fetch('A') { 5 }").clone(), {
        let five = Some((Span::new(17, 18), ExpressionKind::Integer(5)));
        env("A", five, false)
    });
    assert!(
        matches!(value("ENV.fetch('A') { x; 5 }"), ExpressionKind::Env { default: Some(default), .. } if default.kind == ExpressionKind::Other)
    );
    assert!(matches!(value("ENV[a]"), ExpressionKind::Call { .. }));
    assert!(matches!(
        value("ENV.key?('A')"),
        ExpressionKind::Call { .. }
    ));
    assert!(matches!(value("OTHER['A']"), ExpressionKind::Call { .. }));
}

#[test]
fn expressions_in_erb() {
    let code = " ENV.fetch(\"é\") { 5 } ";
    let expression = ruby::expression(code, 100).unwrap();
    assert_eq!(expression.span, Span::new(101, 122));
    let ExpressionKind::Env {
        name,
        default: Some(default),
        ..
    } = expression.kind
    else {
        panic!();
    };
    assert_eq!((name.as_str(), default.span), ("é", Span::new(119, 120)));
    assert_eq!(ruby::expression("a; b", 0), None);
    assert_eq!(ruby::expression("list.each do |a|", 0), None);
    assert_eq!(ruby::expression("end", 0), None);
    assert_eq!(ruby::expression("", 0), None);
    assert!(ruby::expression("yield :head # comment", 0).is_some());
    let long = format!("[{}]", "1, ".repeat(500));
    assert_eq!(
        ruby::expression(&long, 7).unwrap().span,
        Span::new(7, 7 + long.len())
    );
}

#[test]
fn contexts_of_every_kind() {
    let text = "\
module App
  class Web < Base.for(:a)
    class << self
      def port(default = ENV['PORT']) = puts(default)
    end
  end
end
begin
  one
rescue Foo => e
  two
rescue
  three
else
  four
ensure
  five
end
six rescue seven
eight while nine
until ten do eleven end
twelve ? thirteen : fourteen
fifteen or sixteen
case
when seventeen then eighteen
end
case x
in {a:} then nineteen
end
BEGIN { twenty }
foo &bar(twenty_one)
super { twenty_two }
return twenty_three, *twenty_four, **twenty_five
a, b.c, d[e] = twenty_six
@f ||= twenty_seven
$g = \"#{twenty_eight}\" \"#{:\"#{twenty_nine}\"}\"
";
    let document = ruby::parse(text);
    let of = |name: &str| {
        let call = document.calls.iter().find(|call| call.name.value == name);
        within(text, call.unwrap_or_else(|| panic!("{name}"))).join(", ")
    };
    assert_eq!(
        of("puts"),
        "module App, module Web, module <<self, def port"
    );
    assert_eq!(of("for"), "module App");
    assert_eq!(of("[]"), "module App, module Web, module <<self");
    for (name, expected) in [
        ("one", ""),
        ("two", "rescue"),
        ("three", "rescue"),
        ("four", ""),
        ("five", ""),
        ("six", ""),
        ("seven", "rescue"),
        ("eight", "loop"),
        ("nine", ""),
        ("ten", ""),
        ("eleven", "loop"),
        ("twelve", ""),
        ("thirteen", "if twelve"),
        ("fourteen", "unless twelve"),
        ("fifteen", ""),
        ("sixteen", "unless fifteen"),
        ("seventeen", ""),
        ("eighteen", "case  when seventeen"),
        ("nineteen", "case x when {a:}"),
        ("twenty", ""),
        ("twenty_one", ""),
        ("twenty_two", "super do"),
        ("twenty_three", ""),
        ("twenty_four", ""),
        ("twenty_five", ""),
        ("c=", ""),
        ("[]=", ""),
        ("twenty_six", ""),
        ("twenty_seven", ""),
        ("twenty_eight", ""),
        ("twenty_nine", ""),
    ] {
        assert_eq!(of(name), expected, "{name}");
    }
    assert_eq!(only(document.settings("b.c")).value(), None);
}

#[test]
fn calls_stand_in_the_order_of_the_text() {
    let text =
        "a(b, c { d }).e f\nRails.application.credentials.key!\nx[1] = y[2]\nz&.w += 1\nq.()\n";
    let document = clean(text);
    let calls: Vec<_> = document
        .calls
        .iter()
        .map(|call| (call.name.value.as_str(), call.span.of(text)))
        .collect();
    assert_eq!(
        calls,
        [
            ("e", "a(b, c { d }).e f"),
            ("a", "a(b, c { d })"),
            ("b", "b"),
            ("c", "c { d }"),
            ("d", "d"),
            ("f", "f"),
            ("key!", "Rails.application.credentials.key!"),
            ("[]=", "x[1] = y[2]"),
            ("[]", "y[2]"),
            ("w=", "z&.w += 1"),
            ("call", "q.()"),
        ]
    );
    let e = &document.calls[0];
    assert_eq!((e.receiver.as_deref(), e.path()), (None, None));
    assert_eq!(e.receiver_span.unwrap().of(text), "a(b, c { d })");
    assert_eq!(document.calls_named("e").count(), 0);
    let write = only(document.settings("x.[]"));
    assert_eq!(write.operator.as_ref().unwrap().span.of(text), "=");
    assert_eq!(write.arguments.len(), 2);
}

#[test]
fn a_broken_file_keeps_its_calls() {
    let text =
        "Rails.application.configure do\n  config.a = \n  config.b = 1\n  config.c = [1,\nend\n";
    let document = ruby::parse(text);
    assert!(!document.errors.is_empty());
    let b = document.calls.iter().any(|call| call.name.value == "b=");
    assert!(b, "{document:?}");
    for error in &document.errors {
        assert!(text.get(error.span.range()).is_some());
        assert!(!error.message.contains('\n'), "{}", error.message);
    }
}

#[test]
fn comments_are_found_and_uncommented() {
    let document = clean(PRODUCTION);
    let comment = document
        .comment_matching(PRODUCTION, |code| code == "config.assume_ssl = true")
        .unwrap();
    assert_eq!(comment.of(PRODUCTION), "# config.assume_ssl = true");
    let edited = apply(PRODUCTION, document.uncomment(PRODUCTION, comment));
    assert!(edited.contains("\n  config.assume_ssl = true\n"));
    assert_eq!(clean(&edited).settings("config.assume_ssl").count(), 1);
    let behind = document
        .comment_matching(PRODUCTION, |text| text == "for now")
        .unwrap();
    assert_eq!(document.uncomment(PRODUCTION, behind), None);
    assert_eq!(
        document.comment_matching(PRODUCTION, |text| text == "none"),
        None
    );
}

fn apply(text: &str, edit: Option<Edit>) -> String {
    edit::apply(text, &[edit.expect("an edit")]).unwrap()
}

/// Inserts `<after>`, `<before>` and removes, for the setting `config.x`.
fn edited(text: &str) -> [Option<String>; 3] {
    let document = clean(text);
    let call = only(document.settings("config.x"));
    [
        document.insert_after(text, call, "after"),
        document.insert_before(text, call, "before"),
        document.remove(text, call),
    ]
    .map(|edit| edit.map(|edit| edit::apply(text, &[edit]).unwrap()))
}

#[test]
fn lines_are_inserted_and_removed() {
    assert_eq!(
        edited("a\n  # why\n  config.x = 1 # note\nb\n"),
        [
            "a\n  # why\n  config.x = 1 # note\n  after\nb\n",
            "a\n  before\n  # why\n  config.x = 1 # note\nb\n",
            "a\n  # why\nb\n",
        ]
        .map(|text| Some(text.to_owned()))
    );
    assert_eq!(
        edited("# frozen_string_literal: true\r\n\tconfig.x = 1 if a"),
        [
            "# frozen_string_literal: true\r\n\tconfig.x = 1 if a\r\n\tafter",
            "# frozen_string_literal: true\r\n\tbefore\r\n\tconfig.x = 1 if a",
            "# frozen_string_literal: true\r\n",
        ]
        .map(|text| Some(text.to_owned()))
    );
    assert_eq!(
        edited("config.x = [<<~A, # a\n  a\nA\n  <<B]\nb\nB\nc\n"),
        [
            "config.x = [<<~A, # a\n  a\nA\n  <<B]\nb\nB\nafter\nc\n",
            "before\nconfig.x = [<<~A, # a\n  a\nA\n  <<B]\nb\nB\nc\n",
            "c\n",
        ]
        .map(|text| Some(text.to_owned()))
    );
    assert_eq!(
        edited("config.x = <<~A if b\n  a\nA"),
        [
            "config.x = <<~A if b\n  a\nA\nafter",
            "before\nconfig.x = <<~A if b\n  a\nA",
            "",
        ]
        .map(|text| Some(text.to_owned()))
    );
    assert_eq!(
        edited("if a\n  config.x = 1\nend")[2].as_deref(),
        Some("if a\nend")
    );
    for shared in [
        "a; config.x = 1",
        "config.x = 1; a",
        "configure { config.x = 1 }",
        "if a then config.x = 1 end",
    ] {
        assert_eq!(edited(shared), [None, None, None], "{shared}");
    }
    for whole in [
        "foo((config.x = 1), 2)",
        "\"#{config.x = 1}\"",
        "a ? config.x = 1 : 2",
    ] {
        assert_eq!(edited(whole)[2].as_deref(), Some(""), "{whole}");
    }
    let text = "  gem \"a\"\n";
    let document = clean(text);
    let gem = only(document.calls_named("gem"));
    let several = document.insert_after(text, gem, "gem \"b\"\n\ngem \"c\"\n");
    assert_eq!(
        apply(text, several),
        "  gem \"a\"\n  gem \"b\"\n\n  gem \"c\"\n"
    );
}

#[test]
fn lines_are_inserted_at_the_end_of_a_block() {
    let insert = |text: &str| {
        let document = ruby::parse(text);
        let block = document.calls[0].block.unwrap();
        let edit = document.insert_at_end(text, &block, "config.y = 2")?;
        Some(edit::apply(text, &[edit]).unwrap())
    };
    assert_eq!(
        insert("configure do\n    config.x = 1\n    # end\nend\n").as_deref(),
        Some("configure do\n    config.x = 1\n    # end\n    config.y = 2\nend\n")
    );
    assert_eq!(
        insert("\tconfigure do\r\n\tend").as_deref(),
        Some("\tconfigure do\r\n\t  config.y = 2\r\n\tend")
    );
    assert_eq!(
        insert("configure { |c| a\n}").as_deref(),
        Some("configure { |c| a\n  config.y = 2\n}")
    );
    assert_eq!(insert("configure do end"), None);
    assert_eq!(insert("configure { a }"), None);
    assert_eq!(insert("configure do\n  a\n"), None);
    let edited = insert(PRODUCTION.split_once("\n\n").unwrap().1).unwrap();
    assert_eq!(clean(&edited).settings("config.y").count(), 1);
}

#[test]
fn values_are_replaced() {
    let document = clean(PRODUCTION);
    let store = only(document.settings("config.cache_store"));
    let edited = apply(
        PRODUCTION,
        document.replace(store.value().unwrap(), ":memory_store"),
    );
    assert_eq!(
        edited,
        PRODUCTION.replace(":solid_cache_store", ":memory_store")
    );
    let text = "config.x = <<~A.strip\n  a\nA\n";
    let document = clean(text);
    let value = only(document.settings("config.x")).value().unwrap();
    assert_eq!(document.replace(value, "1"), None);
}

#[test]
fn sizes_and_depths_are_limited() {
    let document = ruby::parse(&"a\n".repeat(1024 * 1024 + 1));
    assert_eq!((document.errors.len(), document.calls.len()), (1, 0));
    assert_eq!(ruby::expression(&" ".repeat(2 * 1024 * 1024 + 1), 0), None);

    let document = ruby::parse(&format!("{}1{}", "a(".repeat(1000), ")".repeat(1000)));
    assert_eq!(
        document.errors[0].message,
        "what is nested deeper than 200 levels is not read"
    );
    for opening in [
        "[",
        "(",
        "{",
        "a(",
        "a ",
        "->{",
        "->(a=",
        "\"#{",
        "x = ",
        "a ? ",
        "if a\n",
        "case a\nwhen ",
        "case ",
        "def a\n",
        "class A\n",
        "begin\nrescue\n",
        "a.a ",
        "a.",
        "a+",
        "a[",
        "<<A\n#{",
        "foo [*",
        "{a:",
        "a||=",
        "a do ",
        "a rescue ",
        "if a\nelsif ",
        "A::",
        "(a,",
        "a => [",
    ] {
        let text = opening.repeat(20_000);
        let document = ruby::parse(&text);
        assert!(document.errors.len() <= 101, "{opening}");
        let _ = format!("{:?}", document.clone().calls.first());
        let _ = ruby::expression(&text, 0);
    }
}

#[test]
fn odd_texts() {
    for text in [
        "",
        "\0",
        "\u{feff}a = 1\r\n",
        "# encoding: utf-16\na 'é'",
        "__END__\nfoo",
        "=begin\nx\n=end\n",
        "#!/usr/bin/env ruby -x\na",
        "a.\n",
        "&.",
        "é.ü = 'ß'",
        "p ?a",
        "\"\\u{110000}\"",
        "a = b = c",
    ] {
        check(text);
    }
    let text = "é.ü = 'ß'";
    let document = clean(text);
    assert_eq!(document.calls[0].path().as_deref(), Some("é.ü"));
    let text = "a\n=begin\nb\n=end\n# c\r\n";
    let comments: Vec<_> = ruby::parse(text)
        .comments
        .iter()
        .map(|span| span.of(text))
        .collect();
    assert_eq!(comments, ["=begin\nb\n=end", "# c"]);
}

/// Every span lies in the text, and every edit that is offered keeps the other bytes.
fn check(text: &str) {
    let document = ruby::parse(text);
    let inside = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    document.errors.iter().for_each(|error| inside(error.span));
    document.comments.iter().copied().for_each(inside);
    for call in &document.calls {
        [call.span, call.statement, call.name.span]
            .into_iter()
            .for_each(inside);
        call.receiver_span.into_iter().for_each(inside);
        call.arguments
            .iter()
            .for_each(|argument| inside(argument.span));
        call.within()
            .iter()
            .for_each(|context| inside(context.span()));
        let block = call.block.as_ref();
        let edits = [
            document.insert_after(text, call, "after"),
            document.insert_before(text, call, "before"),
            block.and_then(|block| document.insert_at_end(text, block, "end")),
            document.remove(text, call),
        ];
        for edit in edits.into_iter().flatten() {
            edit::apply(text, &[edit]).expect("an edit within the text");
        }
    }
    for assignment in &document.assignments {
        inside(assignment.span);
        document.resolve(&assignment.value);
    }
    for comment in &document.comments {
        if let Some(edit) = document.uncomment(text, *comment) {
            edit::apply(text, &[edit]).expect("an edit within the text");
        }
    }
    if let Some(expression) = ruby::expression(text, 0) {
        inside(expression.span);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_tokens_are_read(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..40)) {
        check(&tokens.concat());
    }

    #[test]
    fn damaged_files_are_read(
        file in prop::sample::select(&[PRODUCTION, GEMFILE, PUMA][..]),
        at in any::<prop::sample::Index>(),
        length in 0usize..40,
        insert in prop::sample::select(TOKENS),
    ) {
        let start = file.floor_char_boundary(at.index(file.len()));
        let end = file.ceil_char_boundary((start + length).min(file.len()));
        check(&format!("{}{insert}{}", &file[..start], &file[end..]));
    }

    #[test]
    fn inserted_lines_are_found_where_they_belong(at in any::<prop::sample::Index>()) {
        let document = ruby::parse(PRODUCTION);
        let call = &document.calls[at.index(document.calls.len())];
        if let Some(edit) = document.insert_after(PRODUCTION, call, "config.inserted = 1") {
            let text = edit::apply(PRODUCTION, &[edit]).unwrap();
            let edited = clean(&text);
            prop_assert_eq!(edited.calls.len(), document.calls.len() + 1);
            prop_assert_eq!(edited.settings("config.inserted").count(), 1);
        }
    }
}

const TOKENS: &[&str] = &[
    " ",
    "\n",
    "\r\n",
    "a",
    "é",
    "A",
    "::",
    ".",
    "&.",
    "=",
    "||=",
    "+=",
    ",",
    ";",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    "do",
    "end",
    "if ",
    "else",
    "elsif ",
    "unless ",
    "case ",
    "when ",
    "in ",
    "def ",
    "class ",
    "begin",
    "rescue",
    "ensure",
    "while ",
    "->",
    "\"",
    "'",
    "#{",
    "<<~A",
    "A\n",
    "# c\n",
    "1",
    ":",
    "=>",
    "*",
    "**",
    "&",
    "!",
    "?",
    "ENV",
    "fetch",
    "return ",
    "yield",
    "super",
    "%w[",
    "/",
    "`",
    "\\",
    "__END__\n",
    "=begin\n",
    "=end\n",
    "not ",
    "and ",
    "or ",
    "..",
    "@",
    "$",
];

/// Prism 2.1 gives a location here that ends before it begins.
#[test]
fn a_broken_heredoc_with_a_broken_interpolation_is_read() {
    let document = ruby::parse("<<~A\n#{  A\n::if ");
    assert!(!document.errors.is_empty());
}
