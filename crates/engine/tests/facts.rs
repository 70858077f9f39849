//! Facts of small apps, in the shapes that real ones have.

use engine::facts::App;
use engine::facts::listing::{self, Row};
use engine::tree::{Source, Tree};

fn facts(files: &[(&'static str, &str)]) -> Vec<Row> {
    let tree = Tree::of(files.iter().map(|(path, text)| Source::new((*path).into(), *text)));
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
