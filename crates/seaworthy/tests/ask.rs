//! `seaworthy ask`: questions in plain words, answered from the app.

mod harness;

use harness::{App, run};

const IN_PUMA: &str = "How do I configure Solid Queue to run in the same process as Puma?";

#[test]
fn an_answer_has_what_is_so_what_to_change_and_how_to_see_it() {
    let app = App::golden("postgresql-esbuild");
    let before = app.snapshot();
    let told = app.run(&["ask", IN_PUMA]).exits(0);
    for part in [
        "[jobs-in-puma]",
        "Now\n",
        "config/puma.rb:7",
        "Change\n",
        "Why\n",
        "Verify\n",
    ] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    let value = app
        .run(&["ask", IN_PUMA, "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(value["topic"], "jobs-in-puma");
    assert_eq!(value["already_so"], false);
    let plugin = value["now"].as_array().expect("facts");
    let plugin = plugin
        .iter()
        .find(|fact| fact["name"] == "puma.solid_queue");
    assert_eq!(plugin.expect("the plugin")["origin"]["line"], 7);
    assert_eq!(value["changes"][0]["path"], "config/deploy.yml");
    assert_eq!(app.snapshot(), before, "nothing is written unasked");
}

#[test]
fn apply_writes_what_the_answer_shows_and_then_it_is_so() {
    let app = App::golden("postgresql-esbuild");
    let shown = app.run(&["ask", "jobs-in-puma", "--diff"]).exits(0);
    assert!(
        shown.out.contains("+    SOLID_QUEUE_IN_PUMA: true"),
        "{}",
        shown.out
    );
    let written = app.run(&["ask", "jobs-in-puma", "--apply"]).exits(0);
    assert!(
        written.err.contains("written: config/deploy.yml"),
        "{}",
        written.err
    );
    assert!(
        app.read("config/deploy.yml")
            .contains("SOLID_QUEUE_IN_PUMA: true")
    );
    let value = app
        .run(&["ask", "jobs-in-puma", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(value["changes"].as_array().expect("a list").len(), 0);
    let again = app.run(&["ask", "jobs-in-puma", "--apply"]).exits(0);
    assert!(again.err.contains("nothing to write"), "{}", again.err);
}

#[test]
fn only_what_is_absent_is_set_in_a_file_of_the_users() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes", "--domain", "app.example.org"])
        .exits(0);
    let alias = "  console: app exec --interactive --reuse \"bin/rails console\"\n";
    app.edit("config/deploy.yml", alias, "  # mine\n");
    let before = app.read("config/deploy.yml");
    app.run(&["ask", "console", "--apply"]).exits(0);
    let after = app.read("config/deploy.yml");
    assert!(
        after.contains("# mine") && after.contains("console: "),
        "{after}"
    );
    assert_eq!(after.lines().count(), before.lines().count() + 1);
    let value = app
        .run(&["ask", "console", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(value["already_so"], true);
}

#[test]
fn what_no_topic_is_about_is_not_guessed() {
    let app = App::golden("postgresql-importmap");
    let told = app.run(&["ask", "What is the weather in Paris?"]).exits(1);
    assert_eq!(told.out, "");
    assert!(told.err.contains("no topic fits"), "{}", told.err);
    let value = app
        .run(&["ask", "What is the weather?", "--format", "json"])
        .exits(1)
        .json();
    assert!(value["topic"].is_null());
}

#[test]
fn without_a_question_all_topics_are_listed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let told = run(folder.path(), &["ask"], None).exits(0);
    assert!(
        told.out.lines().any(|line| line.starts_with("image-size ")),
        "{}",
        told.out
    );
    let value = run(folder.path(), &["ask", "--format", "json"], None)
        .exits(0)
        .json();
    let topics = value["topics"].as_array().expect("a list");
    assert_eq!(topics.len(), told.out.lines().count());
}

#[test]
fn where_there_is_no_app_the_answer_is_general_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let told = run(folder.path(), &["ask", IN_PUMA], None).exits(0);
    assert!(
        told.out.contains("There is no Rails app here"),
        "{}",
        told.out
    );
    let value = run(folder.path(), &["ask", IN_PUMA, "--format", "json"], None).json();
    assert!(value["already_so"].is_null());
    run(folder.path(), &["ask", "console", "--apply"], None).exits(2);
}

#[test]
fn commands_are_those_of_the_destination() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes", "--domain", "app.example.org"])
        .exits(0);
    app.run(&[
        "init",
        "--yes",
        "-d",
        "staging",
        "--server",
        "203.0.113.9",
        "--domain",
        "s.example.org",
    ])
    .exits(0);
    let told = app
        .run(&["ask", "-d", "staging", "open a console"])
        .exits(0);
    assert!(
        told.out.contains("`kamal console -d staging`"),
        "{}",
        told.out
    );
    let unknown = app
        .run(&["ask", "-d", "nowhere", "open a console"])
        .exits(2);
    assert!(unknown.err.contains("nowhere"), "{}", unknown.err);
}

#[test]
fn what_an_app_says_cannot_move_a_terminals_cursor_and_secrets_are_not_told() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes", "--domain", "app.example.org"])
        .exits(0);
    app.edit(
        "config/deploy.yml",
        "    DB_HOST: lighthouse-db\n",
        "    DB_HOST: \"a\\e[2Jb\"\n    API_TOKEN: s3cr3tValue99\n    CDN_URL: https://me:hunter22@cdn.example.org\n",
    );
    for format in ["text", "json"] {
        let told = app
            .run(&["ask", "database-errors", "--format", format])
            .exits(0);
        assert!(!told.out.contains('\u{1b}'), "{}", told.out);
        assert!(!told.out.contains("s3cr3tValue99"), "{}", told.out);
        assert!(!told.out.contains("hunter22"), "{}", told.out);
    }
}
