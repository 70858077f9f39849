//! Facts of small apps, in the shapes that real ones have.

use engine::facts::App;
use engine::facts::listing::{self, Row};
use engine::tree::{Source, Tree};

fn facts(files: &[(&'static str, &str)]) -> Vec<Row> {
    let tree = Tree::of(
        files
            .iter()
            .map(|(path, text)| Source::new((*path).into(), *text)),
    );
    listing::list(&App::new(&tree))
}

/// The value of a fact, or its state where it has none.
fn fact(rows: &[Row], name: &str) -> String {
    let row = rows.iter().find(|row| row.name == name);
    let row = row.unwrap_or_else(|| panic!("there is no fact {name}"));
    row.value.clone().unwrap_or_else(|| row.state.to_owned())
}

#[test]
fn a_setting_in_the_class_of_the_app_stands_in_no_condition() {
    let rows = facts(&[(
        "config/application.rb",
        "module Harbour\n  class Application < Rails::Application\n    config.api_only = true\n    \
         config.active_job.queue_adapter = :sidekiq\n    \
         config.force_ssl = true if ENV[\"TLS\"]\n  end\nend\n",
    )]);
    assert_eq!(fact(&rows, "rails.api_only"), "true");
    assert_eq!(fact(&rows, "jobs.adapter"), "sidekiq");
    assert_eq!(fact(&rows, "web.force_ssl"), "unknown");
}

#[test]
fn a_file_that_erb_writes_is_unknown_and_not_absent() {
    let rows = facts(&[
        (
            "config/database.yml",
            "<%\n  path = \"config/database.sqlite.yml\"\n%>\n<%= ERB.new(File.read(path)).result %>\n",
        ),
        (
            "config/cable.yml",
            "<%= File.read(\"config/cable.redis.yml\") %>\n",
        ),
    ]);
    assert_eq!(fact(&rows, "databases"), "unknown");
    assert_eq!(fact(&rows, "cable.adapter"), "unknown");
}

#[test]
fn a_file_of_comments_says_nothing() {
    let rows = facts(&[
        (
            "config/queue.yml",
            "# default: &default\n#   workers:\n#     - threads: 9\n",
        ),
        ("config/cable.yml", "# nothing yet\n"),
        ("config/database.yml", "---\n"),
    ]);
    assert_eq!(fact(&rows, "jobs.worker_threads"), "3");
    assert_eq!(fact(&rows, "cable.adapter"), "absent");
    assert_eq!(fact(&rows, "databases"), "absent");
}

const DEPLOY: &str = "service: harbour\nimage: harbour\nservers: [203.0.113.10]\n";

#[test]
fn port_wins_over_pumas_configuration_under_rails_server_only() {
    let listening = |command: &str| {
        let dockerfile = format!("FROM ruby:3.4.10-slim\nENV PORT=8080\nCMD {command}\n");
        let rows = facts(&[
            ("Dockerfile", &dockerfile),
            ("config/puma.rb", "port 5000\n"),
            ("config/deploy.yml", DEPLOY),
        ]);
        fact(&rows, "kamal.roles.web.listening_port")
    };
    assert_eq!(listening(r#"["bin/rails", "server"]"#), "8080");
    assert_eq!(listening(r#"["bundle", "exec", "puma"]"#), "5000");
    assert_eq!(
        listening(r#"["bin/rails", "server", "-p", "4000"]"#),
        "4000"
    );
}

#[test]
fn runners_of_jobs_are_known_with_their_options() {
    let process = |command: &str| {
        let deploy = DEPLOY.replace(
            "servers: [203.0.113.10]",
            &format!("servers:\n  job:\n    hosts: [203.0.113.10]\n    cmd: {command}"),
        );
        let rows = facts(&[("config/deploy.yml", &deploy)]);
        fact(&rows, "kamal.roles.job.process")
    };
    assert_eq!(process("bin/jobs --mode=async"), "Solid Queue");
    assert_eq!(process("bin/jobs start -c config/slow.yml"), "Solid Queue");
    assert_eq!(process("bin/jobs check"), "bin/jobs check");
    assert_eq!(process("bin/rails jobs:work"), "Delayed Job");
    assert_eq!(
        process("bundle exec good_job start --max-threads=5"),
        "GoodJob"
    );
}

#[test]
fn values_of_the_proxy_and_the_builder_may_be_lists_and_mappings() {
    let deploy = format!(
        "{DEPLOY}proxy:\n  hosts: [a.example.org, b.example.org]\n  ssl:\n    \
         certificate_pem: CERTIFICATE\n    private_key_pem: KEY\nbuilder:\n  arch: [arm64, amd64]\n"
    );
    let rows = facts(&[("config/deploy.yml", &deploy)]);
    assert_eq!(
        fact(&rows, "kamal.proxy.host"),
        "a.example.org, b.example.org"
    );
    assert_eq!(
        fact(&rows, "kamal.proxy.ssl"),
        "true, with a certificate of its own"
    );
    assert_eq!(fact(&rows, "kamal.builder.arch"), "arm64, amd64");
}

#[test]
fn a_configuration_with_destinations_of_its_own_does_not_lie_on_the_base() {
    let rows = facts(&[
        (
            "config/deploy.yml",
            "service: harbour\nimage: harbour\nasset_path: /rails/public/assets\n",
        ),
        ("config/deploy.eu.yml", "servers: [203.0.113.10]\n"),
        (
            "config/deploy.echo.yml",
            "service: echo\nimage: echo\nrequire_destination: true\n",
        ),
        ("config/deploy.echo.eu.yml", "servers: [203.0.113.10]\n"),
        ("config/deploy.tools.yml", "service: tools\n"),
    ]);
    assert_eq!(fact(&rows, "kamal[eu].service"), "harbour");
    assert_eq!(fact(&rows, "kamal[echo.eu].service"), "echo");
    assert_eq!(fact(&rows, "kamal[echo.eu].asset_path"), "absent");
    assert_eq!(
        fact(&rows, "kamal[tools].asset_path"),
        "/rails/public/assets"
    );
    assert!(rows.iter().all(|row| !row.name.starts_with("kamal[echo].")));
}

#[test]
fn a_configuration_without_a_base_stands_on_its_own() {
    let rows = facts(&[("config/deploy.review.yml", DEPLOY)]);
    assert_eq!(fact(&rows, "kamal[review].service"), "harbour");
}

#[test]
fn gems_behind_an_unread_line_of_the_gemfile_leave_the_others_known() {
    let rows = facts(&[
        (
            "Gemfile",
            "gem \"rails\"\ngroup :development do\n  eval_gemfile \"gemfiles/style.gemfile\"\n  gem \"web-console\"\n  gem \"parser\"\nend\n",
        ),
        (
            "Gemfile.lock",
            "GEM\n  remote: https://rubygems.org/\n  specs:\n    parser (3.3.0)\n    rails (8.1.3.1)\n    rubocop (1.80.0)\n      parser (>= 3)\n    web-console (4.2.1)\n\nDEPENDENCIES\n  parser\n  rails\n  rubocop\n  web-console\n",
        ),
    ]);
    assert_eq!(fact(&rows, "gems.not_shipped"), "web-console");
}

#[test]
fn schema_files_are_where_rails_puts_them() {
    let rows = facts(&[
        (
            "config/application.rb",
            "module Harbour\n  class Application < Rails::Application\n    config.active_record.schema_format = :sql\n  end\nend\n",
        ),
        (
            "config/database.yml",
            "production:\n  main:\n    adapter: postgresql\n  replica:\n    adapter: postgresql\n    replica: true\n  events:\n    adapter: postgresql\n    schema_format: ruby\n  legacy:\n    adapter: postgresql\n    database_tasks: false\n  log:\n    adapter: postgresql\n    schema_dump: log.sql\n",
        ),
        ("db/structure.sql", ""),
    ]);
    assert_eq!(fact(&rows, "databases.main.schema"), "db/structure.sql");
    assert_eq!(fact(&rows, "databases.replica.schema"), "absent");
    assert_eq!(
        fact(&rows, "databases.events.schema"),
        "db/events_schema.rb (missing)"
    );
    assert_eq!(fact(&rows, "databases.legacy.schema"), "absent");
    assert_eq!(fact(&rows, "databases.log.schema"), "db/log.sql (missing)");
}

#[test]
fn the_environment_of_rails_is_the_destinations_else_the_images() {
    let rows = facts(&[
        (
            "Dockerfile",
            "FROM ruby:3.4.10-slim\nENV RAILS_ENV=production\nCMD [\"bin/rails\", \"server\"]\n",
        ),
        ("config/deploy.yml", DEPLOY),
        (
            "config/deploy.staging.yml",
            "env:\n  clear:\n    RAILS_ENV: staging\n",
        ),
    ]);
    assert_eq!(fact(&rows, "kamal.rails_environment"), "production");
    assert_eq!(fact(&rows, "kamal[staging].rails_environment"), "staging");
    assert_eq!(fact(&rows, "kamal.roles.web.prepares_database"), "no");
}

#[test]
fn a_default_of_nil_is_no_default() {
    let rows = facts(&[(
        "config/database.yml",
        "production:\n  adapter: postgresql\n  host: <%= ENV.fetch(\"DB_HOST\") { nil } %>\n",
    )]);
    assert_eq!(fact(&rows, "databases.primary.host"), "ENV DB_HOST");
}

#[test]
fn nothing_is_said_of_preparing_where_the_image_is_not_known() {
    let deploy = "service: harbour\nimage: harbour\nservers:\n  job:\n    hosts: [203.0.113.10]\n    cmd: bin/jobs\n";
    let named = |files: &[(&'static str, &str)]| {
        let rows = facts(files);
        rows.iter()
            .any(|row| row.name == "kamal.roles.job.prepares_database")
    };
    assert!(!named(&[("config/deploy.yml", deploy)]));
    let dockerfile = "FROM ruby:3.4.10-slim\nCMD [\"bin/rails\", \"server\"]\n";
    assert!(named(&[
        ("config/deploy.yml", deploy),
        ("Dockerfile", dockerfile)
    ]));
}

#[test]
fn a_variable_with_a_text_beside_it_is_not_that_variable() {
    let database = |value: &str| {
        let text = format!("production:\n  adapter: postgresql\n  database: {value}\n");
        let rows = facts(&[("config/database.yml", &text)]);
        fact(&rows, "databases.primary.database")
    };
    for value in [
        r#"<%= ENV["NAME"] %>_cache"#,
        r#""<%= ENV["NAME"] %>_cache""#,
        r#"'<%= ENV["NAME"] %>_cache'"#,
        r#"<%= ENV["NAME"] -%>_cache"#,
        r#"cache_<%= ENV["NAME"] %>"#,
        r#"<%= ENV["NAME"] %>_<%= ENV["PART"] %>"#,
        r#"<%= ENV["NAME"] %><%= ENV["PART"] %>"#,
        r#"<%= ENV["NAME"] + "_cache" %>"#,
        r##"<%= "#{ENV["NAME"]}_cache" %>"##,
    ] {
        assert_eq!(database(value), "unknown", "{value}");
    }
    for value in [
        r#"<%= ENV["NAME"] %>"#,
        r#""<%= ENV["NAME"] %>""#,
        r#"<%= ENV["NAME"] %> # the app's own"#,
    ] {
        assert_eq!(database(value), "ENV NAME", "{value}");
    }
}

#[test]
fn threads_are_read_where_they_are_plain_and_are_no_absurd_numbers() {
    let gems = "GEM\n  remote: https://rubygems.org/\n  specs:\n    good_job (4.19.2)\n    sidekiq (8.1.7)\n\nDEPENDENCIES\n  good_job\n  sidekiq\n";
    let read = |path: &'static str, text: &str, name: &str| {
        let gemfile = "gem \"sidekiq\"\ngem \"good_job\"\n";
        let rows = facts(&[("Gemfile", gemfile), ("Gemfile.lock", gems), (path, text)]);
        fact(&rows, name)
    };
    let sidekiq = |text: &str| read("config/sidekiq.yml", text, "jobs.sidekiq.concurrency");
    assert_eq!(sidekiq("# nothing\n"), "5");
    assert_eq!(sidekiq("concurrency: 7\n"), "7");
    assert_eq!(
        sidekiq(":concurrency: 7\nproduction:\n  concurrency: 9\n"),
        "9"
    );
    assert_eq!(sidekiq("staging:\n  :concurrency: 9\n"), "5");
    assert_eq!(
        sidekiq(":concurrency: 2\n:capsules:\n  slow:\n    :concurrency: 3\n"),
        "5"
    );
    assert_eq!(
        sidekiq(":capsules:\n  slow:\n    :queues: [a]\n"),
        "unknown"
    );
    assert_eq!(sidekiq(":concurrency: 18446744073709551615\n"), "unknown");
    let good_job = |text: &str| {
        let path = "config/initializers/good_job.rb";
        let text = format!("Rails.application.configure do\n{text}end\n");
        read(path, &text, "jobs.good_job.threads")
    };
    assert_eq!(good_job("  config.good_job.queues = '*'\n"), "5");
    assert_eq!(good_job("  config.good_job.queues = 'a:2;b,c:1'\n"), "3");
    assert_eq!(
        good_job("  config.good_job.queues = 'a:2;-a'\n  config.good_job.max_threads = 4\n"),
        "6"
    );
    assert_eq!(
        good_job("  config.good_job = { queues: 'a;b', max_threads: 4 }\n"),
        "8"
    );
    assert_eq!(
        good_job("  config.good_job.max_threads = Settings.threads\n"),
        "unknown"
    );
    assert_eq!(
        good_job("  config.good_job.queues = 'a:99999999999999999999'\n"),
        "unknown"
    );
}

#[test]
fn what_stands_beside_the_app_is_listed() {
    let rows = facts(&[
        (
            "docker-compose.yml",
            "services:\n  db:\n    image: postgres:17\n    environment:\n      POSTGRES_PASSWORD: x\n    \
             volumes:\n      - db:/var/lib/postgresql/data\n  web:\n    build: .\n    ports: ['3000:3000']\n    \
             depends_on:\n      db:\n        condition: service_healthy\nvolumes:\n  db:\n",
        ),
        (
            "docker-compose.override.yml",
            "services:\n  db:\n    volumes:\n      - ./dumps:/dumps\n    healthcheck:\n      test: [CMD, pg_isready]\n",
        ),
        (
            "docker-compose.prod.yml",
            "services:\n  db:\n    image: postgres:${POSTGRES:-17}\n",
        ),
        (
            "Procfile.dev",
            "web: bin/rails server\n# css: no\ncss: yarn build:css --watch\n",
        ),
        (
            ".github/workflows/deploy.yml",
            "on: push\njobs:\n  ship:\n    runs-on: ubuntu-latest\n    steps:\n      \
             - run: bin/kamal deploy -d ${{ inputs.to }}\n",
        ),
        (
            "config/recurring.yml",
            "production:\n  tides:\n    class: FetchTidesJob\n    schedule: every hour\n",
        ),
        (
            "config/routes.rb",
            "Rails.application.routes.draw do\n  get \"up\" => \"rails/health#show\"\nend\n",
        ),
        (
            "config/deploy.yml",
            "service: harbour\nimage: harbour\nservers: [203.0.113.10]\naliases:\n  logs: app logs -f\n",
        ),
        (
            "app/mailers/tide_mailer.rb",
            "class TideMailer < ApplicationMailer\nend\n",
        ),
        (
            "config/environments/production.rb",
            "Rails.application.configure do\n  config.action_mailer.delivery_method = :smtp\n  \
             config.action_mailer.default_url_options = { host: \"harbour.example.org\" }\nend\n",
        ),
        (".kamal/hooks/pre-build", "#!/bin/sh\n"),
    ]);
    for (name, value) in [
        ("compose.is_for", "development"),
        ("compose.db.image", "postgres:17"),
        (
            "compose.db.volumes",
            "db:/var/lib/postgresql/data, ./dumps:/dumps",
        ),
        ("compose.db.environment", "POSTGRES_PASSWORD"),
        ("compose.db.healthcheck", "CMD pg_isready"),
        ("compose.web.dockerfile", "Dockerfile"),
        ("compose.web.ports", "3000:3000"),
        ("compose.web.depends_on", "db (service_healthy)"),
        ("compose[docker-compose.prod.yml].is_for", "production"),
        ("compose[docker-compose.prod.yml].db.image", "unknown"),
        ("procfile[dev].web", "bin/rails server"),
        ("procfile[dev].css", "yarn build:css --watch"),
        ("ci.deploy.ship", "bin/kamal deploy -d …"),
        ("recurring.tides.schedule", "every hour"),
        ("recurring.tides.runs", "FetchTidesJob"),
        ("mail.sender", "app/mailers/tide_mailer.rb"),
        ("mail.delivery_method", "smtp"),
        ("mail.host", "harbour.example.org"),
        ("hooks.pre-build", "run by Kamal"),
        ("kamal.aliases.logs", "kamal app logs -f"),
        ("kamal.roles.web.health_path", "/up"),
        ("kamal.roles.web.health_route", "GET /up"),
    ] {
        assert_eq!(fact(&rows, name), value, "{name}");
    }
    assert!(
        rows.iter()
            .all(|row| row.name != "compose[docker-compose.prod.yml].db.restart")
    );
}

const OF_PRODUCTION: &str = "threads 7, 7\nport 4000\nplugin :solid_queue\n";

#[test]
fn puma_reads_the_file_of_its_environment_else_the_one_for_all() {
    let dockerfile =
        "FROM ruby:3.4.10-slim\nWORKDIR /rails\nCMD [\"bundle\", \"exec\", \"puma\"]\n";
    let named = "servers:\n  web:\n    cmd: bundle exec puma -C config/puma.rb\n";
    let staging = "env:\n  clear:\n    RAILS_ENV: staging\n";
    let rows = facts(&[
        ("Dockerfile", dockerfile),
        ("config/puma.rb", "port 3000\n"),
        ("config/puma/production.rb", OF_PRODUCTION),
        ("config/deploy.yml", DEPLOY),
        ("config/deploy.named.yml", named),
        ("config/deploy.staging.yml", staging),
    ]);
    assert_eq!(fact(&rows, "puma.port"), "4000");
    assert_eq!(fact(&rows, "puma.solid_queue"), "always");
    let port = |name: &str| fact(&rows, &format!("{name}.roles.web.listening_port"));
    assert_eq!(port("kamal"), "4000");
    assert_eq!(port("kamal[named]"), "3000");
    assert_eq!(port("kamal[staging]"), "3000");
}

#[test]
fn the_environment_is_production_where_production_is_read() {
    let database = |value: &str| {
        let text = format!("production:\n  adapter: sqlite3\n  database: {value}\n");
        let rows = facts(&[("config/database.yml", &text)]);
        fact(&rows, "databases.primary.database")
    };
    for value in [
        "storage/<%= Rails.env %>.sqlite3",
        "storage/<%= ::Rails.env -%>.sqlite3",
        r#"<%= "storage/#{Rails.env}.sqlite3" %>"#,
    ] {
        assert_eq!(database(value), "storage/production.sqlite3", "{value}");
    }
    assert_eq!(database("<%= Rails.env.upcase %>"), "unknown");
    let plugin = |condition: &str| {
        let text = format!("plugin :solid_queue if {condition}\n");
        let rows = facts(&[("config/puma.rb", &text)]);
        fact(&rows, "puma.solid_queue")
    };
    let set = "if ENV SOLID_QUEUE_IN_PUMA is set";
    let variable = r#"ENV["SOLID_QUEUE_IN_PUMA"]"#;
    assert_eq!(plugin(variable), set);
    assert_eq!(
        plugin(&format!("{variable} || Rails.env.development?")),
        set
    );
    assert_eq!(plugin(&format!("Rails.env.local? || {variable}")), set);
    assert_eq!(
        plugin(&format!("{variable} || Rails.env.production?")),
        "always"
    );
    assert_eq!(plugin("Rails.env.development?"), "absent");
    assert_eq!(plugin(&format!("{variable} || Settings.jobs?")), "unknown");
    assert_eq!(plugin(&format!("{variable} == \"1\"")), "unknown");
}

#[test]
fn the_largest_worker_is_unknown_while_one_of_them_is() {
    let threads = |workers: &str| {
        let text = format!("production:\n  workers:\n{workers}");
        let rows = facts(&[("config/queue.yml", &text)]);
        fact(&rows, "jobs.worker_threads")
    };
    assert_eq!(threads("    - threads: 2\n    - threads: 5\n"), "5");
    assert_eq!(threads("    - queues: \"*\"\n    - threads: 2\n"), "3");
    let written = "    - threads: 5\n    - threads: <%= THREADS %>\n";
    assert_eq!(threads(written), "unknown");
    let conditional = "    - threads: 5\n<% if BIG %>\n    - threads: 9\n<% end %>\n";
    assert_eq!(threads(conditional), "unknown");
}

#[test]
fn an_argument_of_the_build_is_named_where_it_decides() {
    let rows = facts(&[
        (
            "Dockerfile",
            "FROM ruby:3.4.10-slim\nARG ENVIRONMENT\nENV RAILS_ENV=$ENVIRONMENT\nCMD [\"bin/rails\", \"server\"]\n",
        ),
        ("config/deploy.yml", DEPLOY),
    ]);
    let row = rows
        .iter()
        .find(|row| row.name == "kamal.rails_environment");
    let why = &row.expect("it is listed").why;
    assert!(why.contains("$ENVIRONMENT"), "{why}");
}

#[test]
fn what_erb_decides_on_one_line_is_unknown() {
    let fact_of = |name: &str, proxy: &str| {
        let rows = facts(&[("config/deploy.yml", &format!("{DEPLOY}{proxy}"))]);
        fact(&rows, name)
    };
    for proxy in [
        // The key, alone in its mapping and beside others.
        "proxy:\n  <% if x %>app_port: 3000<% end %>\n",
        "proxy:\n  <%- unless x -%>app_port: 3000<%- end -%>\n",
        "proxy:\n  ssl: true\n  <% if x %>app_port: 3000<% else %>app_port: 80<% end %>\n",
        "<% if x %>proxy:\n  app_port: 3000<% end %>\n",
        "<% if x %>proxy:<% end %>\n  <% if x %>app_port: 3000<% end %>\n",
        "<% if x %>proxy:\n  app_port: 3000\n<% else %>proxy:\n  app_port: 80\n<% end %>\n",
        "<%= \"proxy: { app_port: 3000 }\" if x %>\n",
        "proxy:\n  <%= \"app_port: 3000\" if x %>\n",
        "proxy: <%= options %>\n",
        // Its value.
        "proxy:\n  app_port: <%= 3000 if x %>\n",
        "proxy:\n  app_port: <%= x ? 3000 : 80 %>\n",
        "proxy:\n  app_port: <% if x %>3000<% end %>\n",
        "proxy:\n  app_port: <% if x %>3000<% else %>80<% end %>\n",
        "proxy:\n  app_port: <% if x %>\n    3000\n  <% end %>\n",
        "proxy:\n  app_port: <% if x %>\"3000\"<% else %>\"80\"<% end %>\n",
        "proxy: <% if x %>{ app_port: 3000 }<% else %>{ app_port: 80 }<% end %>\n",
    ] {
        let port = fact_of("kamal.roles.web.app_port", proxy);
        assert_eq!(port, "unknown", "{proxy}");
        let deploy = format!("{DEPLOY}{proxy}");
        let tree = Tree::of([Source::new("config/deploy.yml".into(), deploy)]);
        let errors = &tree.source("config/deploy.yml").unwrap().yaml().errors;
        assert_eq!(*errors, [], "{proxy}");
    }
    // What stands beside it is known all the same.
    let proxy = "proxy:\n  <% if x %>app_port: 3000<% end %>\n  host: harbour.example.org\n";
    assert_eq!(fact_of("kamal.proxy.host", proxy), "harbour.example.org");
    let hosts = "servers:\n  - <% if x %>\"203.0.113.11\"<% else %>\"203.0.113.12\"<% end %>\n  - 203.0.113.13\n";
    let deploy = DEPLOY.replace("servers: [203.0.113.10]\n", hosts);
    let rows = facts(&[("config/deploy.yml", &deploy)]);
    assert_eq!(fact(&rows, "kamal.roles.web.hosts"), "203.0.113.13");
}

#[test]
fn numbers_that_are_made_of_variables_are_their_defaults() {
    use engine::facts::setting::Value;
    let told = |expression: &str| {
        let puma = format!("threads 1, {expression}\n");
        let database = format!("production:\n  adapter: postgresql\n  pool: <%= {expression} %>\n");
        let tree = Tree::of([
            Source::new("config/puma.rb".into(), puma),
            Source::new("config/database.yml".into(), database),
        ]);
        let app = App::new(&tree);
        let threads = app.puma().threads().known().map(|threads| threads.value);
        let pool = app.database("primary").expect("it is there").pool();
        assert_eq!(pool.known().map(|pool| pool.value), threads, "{expression}");
        threads
    };
    let variable = |default: Option<&str>| {
        Some(Value::Variable {
            name: "RAILS_MAX_THREADS".to_owned(),
            default: default.map(str::to_owned),
        })
    };
    for expression in [
        "ENV.fetch(\"RAILS_MAX_THREADS\") { 5 }.to_i",
        "ENV.fetch(\"RAILS_MAX_THREADS\", \"5\").to_i",
        "(ENV[\"RAILS_MAX_THREADS\"] || 5).to_i",
        "Integer(ENV.fetch(\"RAILS_MAX_THREADS\", 5))",
        "Integer(ENV[\"RAILS_MAX_THREADS\"] || 5)",
    ] {
        assert_eq!(told(expression), variable(Some("5")), "{expression}");
    }
    assert_eq!(told("ENV[\"RAILS_MAX_THREADS\"].to_i"), variable(Some("0")));
    assert_eq!(
        told("ENV.fetch(\"RAILS_MAX_THREADS\").to_i"),
        variable(None)
    );
    assert_eq!(told("Integer(ENV[\"RAILS_MAX_THREADS\"])"), variable(None));
    assert_eq!(
        told("ENV.fetch(\"RAILS_MAX_THREADS\", \"five\").to_i"),
        None
    );
    assert_eq!(told("ENV[\"RAILS_MAX_THREADS\"].to_i * 2"), None);
}
