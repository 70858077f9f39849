//! What is around a finding: forms of the report, what is known already, fixes that are shown, and
//! looking again.

mod harness;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use harness::App;
use serde_json::Value;

const PORT: &str = "accessories:\n  search:\n    image: typesense/typesense:27.1\n    host: 203.0.113.10\n    \
                    port: 8108\n";

/// A healthy app, and after `init` an accessory whose port is open.
fn exposed() -> App {
    let app = App::golden("sqlite-importmap");
    app.run(&[
        "init",
        "--yes",
        "--server",
        "203.0.113.10",
        "--domain",
        "app.example.org",
    ])
    .exits(0);
    let deploy = app.read("config/deploy.yml");
    app.write("config/deploy.yml", format!("{deploy}\n{PORT}"));
    app
}

fn rule_ids(report: &Value) -> Vec<&str> {
    let results = report["runs"][0]["results"].as_array().expect("results");
    results
        .iter()
        .map(|result| result["ruleId"].as_str().expect("an id"))
        .collect()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn sarif_has_places_rules_fixes_and_what_is_known() {
    let app = exposed();
    let report = parsed(&app.run(&["check", "--format", "sarif"]).exits(1).out);
    assert_eq!(report["version"], "2.1.0");
    assert_eq!(rule_ids(&report), ["kamal/public-accessory-port"]);
    let run = &report["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "seaworthy");
    let result = &run["results"][0];
    let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
    assert_eq!(driver["rules"][index]["id"], result["ruleId"]);
    assert!(
        driver["rules"][index]["help"]["markdown"]
            .as_str()
            .expect("help")
            .contains("## Why")
    );
    assert_eq!(result["level"], "error");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "config/deploy.yml");
    let line =
        usize::try_from(place["region"]["startLine"].as_u64().expect("a line")).expect("small");
    let text = app.read("config/deploy.yml");
    assert_eq!(text.lines().nth(line - 1), Some("    port: 8108"));
    let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(
        replacement["deletedRegion"]["startLine"],
        place["region"]["startLine"]
    );
    assert!(result.get("suppressions").is_none());

    app.edit(
        "config/deploy.yml",
        "    port: 8108",
        "    # seaworthy: allow public-accessory-port -- the firewall\n    port: 8108",
    );
    let report = parsed(&app.run(&["check", "--format", "sarif"]).exits(0).out);
    let suppression = &report["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppression["kind"], "inSource");
    assert_eq!(suppression["justification"], "the firewall");
}

#[test]
fn other_services_have_forms_of_their_own() {
    let app = exposed();
    let github = app.run(&["check", "--format", "github"]).exits(1).out;
    assert_eq!(github.lines().count(), 1, "{github}");
    assert!(
        github.starts_with("::error file=config/deploy.yml,line="),
        "{github}"
    );
    assert!(
        github.contains("title=kamal/public-accessory-port::"),
        "{github}"
    );

    let gitlab = parsed(&app.run(&["check", "--format", "gitlab"]).exits(1).out);
    assert_eq!(gitlab[0]["check_name"], "kamal/public-accessory-port");
    assert_eq!(gitlab[0]["severity"], "critical");
    assert_eq!(gitlab[0]["location"]["path"], "config/deploy.yml");

    let junit = app.run(&["check", "--format", "junit"]).exits(1).out;
    assert!(junit.starts_with("<?xml"), "{junit}");
    assert!(junit.contains("failures=\"1\""), "{junit}");

    let markdown = app.run(&["check", "--format", "markdown"]).exits(1).out;
    assert!(
        markdown.starts_with("## seaworthy: 1 error in "),
        "{markdown}"
    );
    assert!(markdown.contains("| error | "), "{markdown}");
    assert!(markdown.contains("`config/deploy.yml:"), "{markdown}");

    // The root of a repository is no folder that would stand before a path.
    fs::create_dir(app.path().join(".git")).expect("it can be made");
    let github = app.run(&["check", "--format", "github"]).exits(1).out;
    assert!(github.starts_with("::error file=config/"), "{github}");

    let error = app.run(&["facts", "--format", "sarif"]).exits(2).err;
    assert!(error.contains("`check`"), "{error}");
}

#[test]
fn hostile_names_leave_no_form() {
    let app = exposed();
    // The key is in the message, and so is the accessory's name.
    app.edit(
        "config/deploy.yml",
        "    port: 8108",
        "    \"x|<b>]]>%0A::error::\\u001b[31m\": 1\n    port: 8108",
    );
    let shown = |format: &str| app.run(&["check", "--format", format]).exits(1).out;
    let github = shown("github");
    assert!(
        github.lines().all(|line| line.starts_with("::error file=")),
        "{github}"
    );
    assert!(github.contains("%250A"), "{github}");
    let junit = shown("junit");
    assert!(junit.contains("x|&lt;b&gt;]]&gt;"), "{junit}");
    let markdown = shown("markdown");
    assert!(markdown.contains("x\\|&lt;b>"), "{markdown}");
    for text in [
        github,
        junit,
        markdown,
        shown("text"),
        shown("sarif"),
        shown("gitlab"),
    ] {
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn a_baseline_waits_for_what_is_new() {
    let app = exposed();
    app.run(&["check"]).exits(1);
    let written = app.run(&["check", "--write-baseline"]).exits(0);
    assert!(
        written.err.contains("1 finding known from now on"),
        "{}",
        written.err
    );
    let quiet = app.run(&["check"]).exits(0);
    assert!(quiet.out.contains("no findings"), "{}", quiet.out);
    assert!(quiet.out.contains("1 known already"), "{}", quiet.out);

    // Lines move, and the finding is still known; another one is not.
    app.edit("config/deploy.yml", "service:", "# moved\n# down\nservice:");
    app.run(&["check"]).exits(0);
    let json = app.run(&["check", "--format", "json"]).exits(0).json();
    assert_eq!(json["suppressed"][0]["allowed_by"], "the baseline");
    let deploy = app.read("config/deploy.yml");
    let second =
        "  other:\n    image: typesense/typesense:27.1\n    host: 203.0.113.10\n    port: 8109\n";
    app.write("config/deploy.yml", format!("{deploy}{second}"));
    assert_eq!(
        app.run(&["check", "--format", "json"]).exits(1).rules(),
        ["kamal/public-accessory-port"]
    );

    // What is mended is told, and fails only where somebody wants to be strict.
    app.write(
        "config/deploy.yml",
        deploy.replace("port: 8108", "port: \"127.0.0.1:8108:8108\""),
    );
    let gone = app.run(&["check"]).exits(0);
    assert!(
        gone.err
            .contains("1 finding of the baseline that nobody finds any more"),
        "{}",
        gone.err
    );
    app.run(&["check", "--strict"]).exits(1);
    app.run(&["check", "--write-baseline"]).exits(0);
    let gone = app.run(&["check"]).exits(0);
    assert!(!gone.err.contains("nobody finds"), "{}", gone.err);
}

#[test]
fn a_baseline_is_of_a_whole_app_and_forgets_nothing_that_was_not_looked_for() {
    let app = exposed();
    for part in [
        &["--select", "solid"][..],
        &["--ignore", "solid"],
        &["config/deploy.yml"],
    ] {
        let arguments = [&["check", "--write-baseline"], part].concat();
        app.run(&arguments).exits(2);
    }
    assert!(!app.path().join("config/seaworthy-baseline.json").exists());
    let dockerfile = app.read("Dockerfile");
    app.write("Dockerfile", dockerfile + "CMD exec bin/rails server\n");
    let written = app
        .run(&["check", "--pedantic", "--write-baseline"])
        .exits(0);
    assert!(!written.err.contains(" 1 finding "), "{}", written.err);
    // The pedantic ones are not looked for, so they are not gone.
    for arguments in [&["check"][..], &["check", "--select", "solid"]] {
        let run = app.run(arguments).exits(0);
        assert!(!run.err.contains("nobody finds"), "{}", run.err);
    }
}

#[test]
fn one_bad_file_stops_no_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |path: &str, text: &[u8]| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    };
    write(
        "good/Dockerfile",
        b"FROM ruby:3.4.10-slim\nRUN apt-get install curl\n",
    );
    write("binary/Dockerfile", &[0, 159, 146, 150, 10, 255]);
    write("empty/Dockerfile", b"");
    std::fs::create_dir(folder.path().join("link")).expect("it can be made");
    std::os::unix::fs::symlink("nowhere", folder.path().join("link/Dockerfile")).expect("a link");
    let run = harness::run(folder.path(), &["check", ".", "--format", "json"], None).exits(1);
    let json = run.json();
    let found = |app: &str, rule: &str| {
        let findings = json["findings"].as_array().expect("findings");
        findings.iter().any(|finding| {
            finding["rule"] == rule && finding["app"].as_str().is_some_and(|of| of.contains(app))
        })
    };
    assert!(found("good", "dockerfile/install-asks"), "{}", run.out);
    assert!(found("empty", "files/syntax-error"), "{}", run.out);
    assert!(found("binary", "files/unreadable"), "{}", run.out);

    // Services are told the path that was given.
    let sarif = harness::run(
        folder.path(),
        &["check", "good/Dockerfile", "--format", "sarif"],
        None,
    );
    let place = &parsed(&sarif.out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "good/Dockerfile");
}

#[test]
fn a_broken_baseline_is_no_reason_to_pass() {
    let app = exposed();
    for text in ["", "{", "{\"version\": 9, \"findings\": []}", "[]"] {
        app.write("config/seaworthy-baseline.json", text);
        let failed = app.run(&["check"]).exits(2);
        assert!(failed.err.contains("is no baseline"), "{}", failed.err);
    }
    app.run(&["check", "--baseline", "missing.json"]).exits(2);
}

#[test]
fn fixes_are_shown_and_not_made() {
    let app = exposed();
    app.run(&["check", "--unsafe"]).exits(2);
    let before = app.snapshot();
    let shown = app.run(&["check", "--diff", "--unsafe"]).exits(1);
    assert_eq!(app.snapshot(), before);
    assert!(shown.out.contains("-    port: 8108"), "{}", shown.out);
    app.run(&["check", "--fix", "--unsafe"]).exits(0);
    app.run(&["check", "--diff", "--unsafe"]).exits(0);
    let after = app.read("config/deploy.yml");
    for line in shown.out.lines().filter_map(|line| line.strip_prefix('+')) {
        assert!(
            line.starts_with("++") || after.contains(line),
            "{line}: {after}"
        );
    }
}

#[test]
fn whoever_watches_is_told_again() {
    let app = exposed();
    let mut child = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .args(["check", "--watch", "--quiet"])
        .current_dir(app.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let (sender, lines) = mpsc::channel();
    let out = BufReader::new(child.stdout.take().expect("its output is ours"));
    std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let summary = || loop {
        let line = lines
            .recv_timeout(Duration::from_mins(1))
            .expect("it says more");
        if line.contains(" in ") && line.ends_with("files") {
            return line;
        }
    };
    assert!(summary().starts_with("1 error"));
    app.edit(
        "config/deploy.yml",
        "port: 8108",
        "port: \"127.0.0.1:8108:8108\"",
    );
    assert!(summary().starts_with("no findings"));
    app.edit("config/deploy.yml", "127.0.0.1:8108:", "8108:");
    assert!(summary().starts_with("1 error"));
    // A folder that was not there before is watched, too.
    app.write(".devcontainer/Dockerfile", "FROM debian:trixie-slim\n");
    assert!(summary().starts_with("1 error"));
    app.write(".devcontainer/Dockerfile", "FROM\n");
    assert!(summary().starts_with("2 errors"));
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}

#[test]
fn lines_to_write_by_hand_are_in_every_form_that_has_room_for_them() {
    let app = exposed();
    app.write(
        "config/deploy.yml",
        app.read("config/deploy.yml").replace(PORT, ""),
    );
    // No change is safe: nobody knows what a step below makes as root.
    app.edit(
        "Dockerfile",
        "USER 1000:1000",
        "RUN chown -R 1000:1000 /rails\nUSER 1000:1000",
    );
    app.edit(
        "Dockerfile",
        "COPY --link --from=build /rails /rails",
        "COPY --from=build /rails /rails",
    );
    let lines = "COPY --chown=1000:1000 --from=build /rails /rails";
    let shown = |format: &str| app.run(&["check", "--format", format]).exits(0).out;
    assert!(shown("text").contains(&format!("by hand:\n    {lines}")));
    assert_eq!(parsed(&shown("json"))["findings"][0]["snippet"], lines);
    let sarif = parsed(&shown("sarif"));
    let message = sarif["runs"][0]["results"][0]["message"]["text"].as_str();
    assert!(
        message.is_some_and(|text| text.ends_with(&format!("By hand:\n{lines}"))),
        "{message:?}"
    );
    let markdown = shown("markdown");
    assert!(
        markdown.contains(&format!("<br><code>{lines}</code> |")),
        "{markdown}"
    );
}
