//! The program as a stranger uses it.

mod harness;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use harness::{App, copy, run, workspace};
use serde_json::Value;

#[test]
fn init_writes_and_check_accepts() {
    let app = App::golden("postgresql-importmap");
    let init = app.run(&["init", "--yes"]).exits(0);
    assert!(
        init.out.contains("Ruby               3.4.10"),
        "{}",
        init.out
    );
    assert!(init.out.contains(".ruby-version:1"), "{}", init.out);
    for file in [
        "Dockerfile",
        ".dockerignore",
        "bin/docker-entrypoint",
        "config/deploy.yml",
        ".kamal/secrets",
    ] {
        assert!(app.path().join(file).is_file(), "{file}");
    }
    let mode = fs::metadata(app.path().join("bin/docker-entrypoint"))
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o755);
    let check = app.run(&["check"]).exits(0);
    assert!(check.out.contains("no findings"), "{}", check.out);
    let before = app.snapshot();
    app.run(&["init", "--yes"]).exits(0);
    assert_eq!(app.snapshot(), before, "a second run changed something");
}

#[test]
fn choices_that_are_given_again_change_nothing() {
    let app = App::golden("postgresql-importmap");
    let arguments = [
        "init",
        "--yes",
        "--server",
        "203.0.113.10",
        "--server",
        "203.0.113.11",
        "--domain",
        "app.example.org",
        "--tls",
        "load-balancer",
        "--jobs",
        "role",
    ];
    app.run(&arguments).exits(0);
    let first = app.snapshot();
    app.run(&arguments).exits(0);
    assert!(
        app.snapshot() == first,
        "{}",
        app.read("config/seaworthy.yml")
    );
    app.run(&["init", "--yes", "--domain", "www.example.org"])
        .exits(0);
    assert!(
        app.read("config/seaworthy.yml")
            .contains("domain: www.example.org")
    );
}

#[test]
fn init_shows_without_writing() {
    let app = App::golden("sqlite-importmap");
    let before = app.snapshot();
    let diff = app.run(&["init", "--diff"]).exits(0);
    assert!(
        diff.out.contains("+++ b/Dockerfile") && diff.out.contains("+FROM base AS final"),
        "{}",
        diff.out
    );
    let dry = app.run(&["init", "--dry-run"]).exits(0);
    assert!(
        dry.out.contains("Nothing was written") && !dry.out.contains("+++"),
        "{}",
        dry.out
    );
    // Without a terminal nobody can be asked.
    app.run(&["init"]).exits(0);
    let json = app
        .run(&["init", "--dry-run", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(json["written"], false);
    assert_eq!(json["files"].as_array().map(Vec::len), Some(5));
    assert_eq!(app.snapshot(), before);
}

#[test]
fn init_explains_every_decision() {
    let app = App::golden("api-postgresql");
    let explained = app.run(&["init", "--dry-run", "--explain"]).exits(0);
    assert!(
        explained.out.contains("the gem needs no more"),
        "{}",
        explained.out
    );
}

#[test]
fn init_lists_what_needs_the_user() {
    let app = App::golden("rails-7-2");
    let init = app.run(&["init", "--yes"]).exits(0);
    assert!(
        init.out.contains("Needs you") && init.out.contains("give `proxy.host` its real value"),
        "{}",
        init.out
    );
    let check = app.run(&["check", "--format", "json"]).exits(1);
    assert!(
        check
            .rules()
            .iter()
            .all(|rule| rule == "kamal/placeholder-value")
    );
    app.run(&[
        "init",
        "--yes",
        "--server",
        "203.0.113.10",
        "--domain",
        "ferry.example.org",
    ])
    .exits(0);
    app.run(&["check"]).exits(0);
    assert!(
        app.read("config/seaworthy.yml")
            .contains("domain: ferry.example.org")
    );
}

#[test]
fn init_keeps_what_is_the_users() {
    let app = App::golden("postgresql-importmap");
    app.write("Dockerfile", "FROM ruby:3.4.10-slim\n");
    let init = app.run(&["init", "--yes"]).exits(0);
    assert!(init.out.contains("yours, stays"), "{}", init.out);
    assert_eq!(app.read("Dockerfile"), "FROM ruby:3.4.10-slim\n");
    app.run(&["init", "--yes", "--replace", "Dockerfile"])
        .exits(0);
    assert!(app.read("Dockerfile").contains("AS final"));
}

#[test]
fn init_can_write_some_files_only() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes", ".dockerignore"]).exits(0);
    assert!(app.path().join(".dockerignore").is_file() && !app.path().join("Dockerfile").exists());
    let unknown = app.run(&["init", "--yes", "Procfile"]).exits(2);
    assert!(
        unknown.err.contains("init does not write Procfile"),
        "{}",
        unknown.err
    );
}

#[test]
fn init_says_what_stands_in_the_way() {
    let app = App::golden("postgresql-importmap");
    fs::remove_file(app.path().join("Gemfile.lock")).expect("it was there");
    let before = app.snapshot();
    let init = app.run(&["init", "--yes"]).exits(2);
    assert!(
        init.err.contains("no Gemfile.lock") && init.err.contains("bundle lock"),
        "{}",
        init.err
    );
    assert_eq!(app.snapshot(), before);
}

#[test]
fn nothing_is_written_through_links_or_outside() {
    let app = App::golden("postgresql-importmap");
    let outside = tempfile::tempdir().expect("a temporary folder");
    let target = outside.path().join("target");
    fs::write(&target, "precious").expect("it can be written");

    symlink(&target, app.path().join("Dockerfile")).expect("a link");
    app.run(&["init", "--yes", "--replace", "Dockerfile"])
        .exits(2);
    assert_eq!(
        fs::read_to_string(&target).expect("it is there"),
        "precious"
    );
    fs::remove_file(app.path().join("Dockerfile")).expect("it was there");

    symlink(outside.path(), app.path().join(".kamal")).expect("a link");
    let before = fs::read_dir(outside.path()).expect("it is there").count();
    let init = app.run(&["init", "--yes"]).exits(2);
    assert!(init.err.contains(".kamal/secrets"), "{}", init.err);
    assert_eq!(
        fs::read_dir(outside.path()).expect("it is there").count(),
        before
    );
    // One file could not be written, so none was.
    assert!(!app.path().join("Dockerfile").exists());
    let left: Vec<_> = app
        .snapshot()
        .into_iter()
        .filter(|(path, _)| path.to_string_lossy().contains(".seaworthy-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");

    let dots = app
        .run(&["init", "--yes", "--replace", "../Dockerfile"])
        .exits(2);
    assert!(
        dots.err.contains("not a path inside the app"),
        "{}",
        dots.err
    );
}

#[test]
fn a_folder_that_cannot_be_written_stops_all() {
    let app = App::golden("postgresql-importmap");
    app.write(
        "bin/docker-entrypoint/file",
        "a folder where a file should be",
    );
    let init = app
        .run(&["init", "--yes", "--replace", "bin/docker-entrypoint"])
        .exits(0);
    assert!(init.out.contains("yours, stays"), "{}", init.out);
    assert!(app.path().join("bin/docker-entrypoint/file").is_file());
}

#[test]
fn modes_are_kept() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes"]).exits(0);
    let deploy = app.path().join("config/deploy.yml");
    fs::set_permissions(&deploy, fs::Permissions::from_mode(0o600)).expect("the mode can be set");
    app.edit(
        "config/deploy.yml",
        "  ssl: true\n",
        "  ssl: true\n  app_port: 8080 # nobody\n",
    );
    app.run(&["check", "--fix"]).exits(0);
    assert_eq!(
        fs::metadata(&deploy)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    assert!(
        app.read("config/deploy.yml")
            .contains("app_port: 80 # nobody")
    );
}

#[test]
fn check_finds_shows_and_mends() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes"]).exits(0);
    app.edit("config/deploy.yml", "    SOLID_QUEUE_IN_PUMA: true\n", "");
    let text = app.run(&["check"]).exits(1);
    for shown in [
        "error[solid/no-job-runner]",
        "config/puma.rb:",
        "why: Nothing fails.",
        "verify: ",
        "+    SOLID_QUEUE_IN_PUMA: true",
    ] {
        assert!(text.out.contains(shown), "{shown}: {}", text.out);
    }
    let json = app.run(&["check", "--format", "json"]).exits(1).json();
    let finding = &json["findings"][0];
    for key in [
        "rule",
        "aliases",
        "severity",
        "consequence",
        "layer",
        "confidence",
        "message",
        "why",
        "verify",
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "related",
        "help",
        "snippet",
        "fix",
        "fingerprint",
        "destinations",
        "suppressed",
    ] {
        assert!(finding.get(key).is_some(), "{key}");
    }
    assert_eq!(finding["fix"]["safety"], "safe");
    assert_eq!(finding["fix"]["changes"][0]["kind"], "edit");
    assert_eq!(json["summary"]["errors"], 1);
    let fixed = app.run(&["check", "--fix"]).exits(0);
    assert!(
        fixed.err.contains("fixed: set SOLID_QUEUE_IN_PUMA"),
        "{}",
        fixed.err
    );
    let before = app.snapshot();
    app.run(&["check", "--fix"]).exits(0);
    assert_eq!(app.snapshot(), before);
}

#[test]
fn fingerprints_survive_moved_lines() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes"]).exits(0);
    app.edit(
        "config/deploy.yml",
        "    image: postgres:17\n",
        "    image: postgres:17\n    port: 5432\n",
    );
    let fingerprint = |app: &App| {
        app.run(&["check", "--format", "json"]).json()["findings"][0]["fingerprint"].clone()
    };
    let before = fingerprint(&app);
    app.edit("config/deploy.yml", "service:", "\n# moved\n\nservice:");
    assert_eq!(fingerprint(&app), before);
}

#[test]
fn rules_are_chosen_and_severity_decides() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes"]).exits(0);
    app.edit(
        "config/deploy.yml",
        "    image: postgres:17\n",
        "    image: postgres:17\n    port: 5432\n",
    );
    app.run(&["check", "--select", "kamal"]).exits(1);
    app.run(&["check", "--select", "public-accessory-port"])
        .exits(1);
    app.run(&["check", "--select", "solid"]).exits(0);
    app.run(&["check", "--ignore", "kamal/public-accessory-port"])
        .exits(0);
    app.run(&["check", "--fail-on", "never"]).exits(0);
    let unknown = app.run(&["check", "--select", "no-such-rule"]).exits(2);
    assert!(unknown.err.contains("no-such-rule"), "{}", unknown.err);
    app.run(&["check", "--fail-on", "sometimes"]).exits(2);
}

#[test]
fn destinations_are_checked_and_merged() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes"]).exits(0);
    app.edit(
        "config/deploy.yml",
        "    image: postgres:17\n",
        "    image: postgres:17\n    port: 5432\n",
    );
    app.write(
        "config/deploy.staging.yml",
        "servers:\n  web:\n    - 192.168.0.1\n",
    );
    let all = app.run(&["check", "--format", "json"]).exits(1).json();
    let of = |rule: &str| {
        let findings = all["findings"].as_array().expect("a list").clone();
        findings
            .iter()
            .find(|finding| finding["rule"] == rule)
            .expect("it is found")["destinations"]
            .clone()
    };
    assert_eq!(
        of("kamal/placeholder-value"),
        serde_json::json!(["staging"])
    );
    // In staging the app is on another server than the database, so there is another answer to it.
    assert_eq!(
        of("kamal/public-accessory-port"),
        serde_json::json!(["base", "staging"])
    );
    let staging = app
        .run(&["check", "-d", "staging", "--format", "json"])
        .exits(1);
    let mut rules = staging.rules();
    rules.sort();
    // The server of staging has no database, which stays where the base has it, and the base's
    // secrets are not read for it.
    assert_eq!(
        rules,
        [
            "database/accessory-out-of-reach",
            "kamal/placeholder-value",
            "kamal/public-accessory-port",
            "secrets/unread-file"
        ]
    );
    let missing = app.run(&["check", "-d", "production"]).exits(2);
    assert!(
        missing.err.contains("there are: staging"),
        "{}",
        missing.err
    );
}

#[test]
fn paths_are_apps_files_folders_and_dockerfiles() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes"]).exits(0);
    app.edit(
        "config/deploy.yml",
        "    image: postgres:17\n",
        "    image: postgres:17\n    port: 5432\n",
    );
    app.run(&["check", "config/deploy.yml"]).exits(1);
    app.run(&["check", "Dockerfile"]).exits(0);
    run(&app.path().join("config"), &["check"], None).exits(1);

    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(app.path(), &folder.path().join("one"));
    copy(app.path(), &folder.path().join("more/two"));
    fs::create_dir_all(folder.path().join("tools")).expect("a folder");
    fs::write(
        folder.path().join("tools/Dockerfile"),
        "FROM debian\nRUNN ls\n",
    )
    .expect("it can be written");
    let all = run(folder.path(), &["check", ".", "--format", "json"], None).exits(1);
    assert_eq!(
        all.rules()
            .iter()
            .filter(|rule| *rule == "kamal/public-accessory-port")
            .count(),
        2
    );
    assert_eq!(
        all.rules()
            .iter()
            .filter(|rule| *rule == "files/syntax-error")
            .count(),
        1
    );

    let alone = run(folder.path(), &["check", "tools/Dockerfile"], None).exits(1);
    assert!(
        alone.out.contains("`RUNN` is no instruction"),
        "{}",
        alone.out
    );
    run(folder.path(), &["check", "nowhere"], None).exits(2);
    run(&folder.path().join("tools"), &["check"], None).exits(2);
}

#[test]
fn standard_input_stands_for_a_file() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes"]).exits(0);
    let deploy = app.read("config/deploy.yml").replace(
        "    image: postgres:17\n",
        "    image: postgres:17\n    port: 5432\n",
    );
    run(
        app.path(),
        &["check", "--stdin-path", "config/deploy.yml", "-"],
        Some(deploy.as_bytes()),
    )
    .exits(1);
    run(
        app.path(),
        &["check", "--stdin-path", "config/deploy.yml", "-"],
        Some(app.read("config/deploy.yml").as_bytes()),
    )
    .exits(0);
    let outside = tempfile::tempdir().expect("a temporary folder");
    run(
        outside.path(),
        &["check", "--stdin-path", "Dockerfile", "-"],
        Some(b"FROM debian\nRUNN ls\n"),
    )
    .exits(1);
    run(app.path(), &["check", "-"], Some(b"")).exits(2);
    run(
        app.path(),
        &["check", "--stdin-path", "../../etc/passwd", "-"],
        Some(b""),
    )
    .exits(2);
}

#[test]
fn facts_are_listed_with_their_origins() {
    let app = App::golden("postgresql-importmap");
    let text = app.run(&["facts"]).exits(0);
    assert!(
        text.out.contains("ruby.version") && text.out.contains(".ruby-version:1"),
        "{}",
        text.out
    );
    let json = app.run(&["facts", "--format", "json"]).exits(0).json();
    let facts = json["facts"].as_array().expect("a list");
    let ruby = facts
        .iter()
        .find(|fact| fact["name"] == "ruby.version")
        .expect("it is listed");
    assert_eq!(ruby["value"], "3.4.10");
    assert_eq!(ruby["origin"]["path"], ".ruby-version");
    assert_eq!(ruby["origin"]["line"], 1);
}

#[test]
fn rules_are_explained() {
    let anywhere = tempfile::tempdir().expect("a temporary folder");
    let page = run(anywhere.path(), &["explain", "app-port-mismatch"], None).exits(0);
    assert!(
        page.out.contains("## Why it bites") && !page.out.contains("## Cases"),
        "{}",
        page.out
    );
    let all = run(anywhere.path(), &["explain"], None).exits(0);
    assert!(all.out.contains("solid/no-job-runner"), "{}", all.out);
    let json = run(
        anywhere.path(),
        &["explain", "kamal/placeholder-value", "--format", "json"],
        None,
    )
    .exits(0)
    .json();
    assert_eq!(json["rules"][0]["consequence"], "failed-deploy");
    let unknown = run(anywhere.path(), &["explain", "nothing"], None).exits(2);
    assert!(unknown.err.contains("`nothing`"), "{}", unknown.err);
    for (slip, meant) in [
        ("app-port-mismach", "kamal/app-port-mismatch"),
        ("kamal/app_port_mismatch", "kamal/app-port-mismatch"),
        ("build.args", "builder.args"),
        ("servers.web.proxxy.app_port", "servers.web.proxy.app_port"),
        ("app_port", "proxy.app_port"),
    ] {
        let unknown = run(anywhere.path(), &["explain", slip], None).exits(2);
        let hint = format!("`seaworthy explain {meant}`");
        assert!(unknown.err.contains(&hint), "{slip}: {}", unknown.err);
    }
}

#[test]
fn without_arguments_it_says_what_is_and_what_is_next() {
    let app = App::golden("postgresql-importmap");
    let before = app.run(&[]).exits(0);
    assert!(
        before.out.contains("Missing: ") && before.out.contains("Next: seaworthy init --diff"),
        "{}",
        before.out
    );
    app.run(&["init", "--yes"]).exits(0);
    let after = app.run(&[]).exits(0);
    assert!(after.out.contains("Next: kamal deploy"), "{}", after.out);
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let lost = run(elsewhere.path(), &[], None).exits(2);
    assert!(
        lost.err.contains("not in a Rails app") && lost.err.contains("seaworthy -C"),
        "{}",
        lost.err
    );
}

#[test]
fn colours_come_when_they_are_asked_for() {
    let app = App::golden("postgresql-importmap");
    assert!(!app.run(&["init", "--dry-run"]).out.contains('\u{1b}'));
    assert!(
        app.run(&["init", "--dry-run", "--color", "always"])
            .out
            .contains('\u{1b}')
    );
}

#[test]
fn a_closed_pipe_is_no_error() {
    let app = App::golden("postgresql-importmap");
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "'{}' facts | head -n 1 >/dev/null; exit 0",
            env!("CARGO_BIN_EXE_seaworthy")
        ))
        .current_dir(app.path())
        .stderr(Stdio::piped())
        .output()
        .expect("a shell starts");
    assert_eq!(String::from_utf8_lossy(&status.stderr), "");
}

#[test]
fn whoever_is_killed_leaves_files_old_or_new() {
    const FILES: [&str; 5] = [
        "Dockerfile",
        ".dockerignore",
        "bin/docker-entrypoint",
        "config/deploy.yml",
        ".kamal/secrets",
    ];
    let golden = App::golden("postgresql-importmap");
    golden.run(&["init", "--yes"]).exits(0);
    let new: Vec<String> = FILES.iter().map(|file| golden.read(file)).collect();
    let app = App::golden("postgresql-importmap");
    let mut was_killed = false;
    for delay in 0..40u64 {
        for file in FILES {
            app.write(file, "old");
        }
        let mut arguments = vec!["init", "--yes"];
        for file in FILES {
            arguments.extend(["--replace", file]);
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
            .args(&arguments)
            .current_dir(app.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(std::time::Duration::from_micros(delay * 400));
        let _ = child.kill();
        let status = child.wait().expect("it ends");
        was_killed |= status.code().is_none();
        for (file, new) in FILES.iter().zip(&new) {
            let text = app.read(file);
            assert!(
                text == "old" || text == *new,
                "{file} is neither old nor new: {text:?}"
            );
        }
    }
    assert!(was_killed, "it was never killed in time");
    // The next run takes away what was left behind.
    for file in FILES {
        app.write(file, "old");
    }
    app.run(&[
        "init",
        "--yes",
        "--replace",
        "Dockerfile",
        "--replace",
        ".dockerignore",
        "--replace",
        "bin/docker-entrypoint",
        "--replace",
        "config/deploy.yml",
        "--replace",
        ".kamal/secrets",
    ])
    .exits(0);
    let left: Vec<_> = app
        .snapshot()
        .into_iter()
        .filter(|(path, _)| path.to_string_lossy().contains(".seaworthy-"))
        .collect();
    assert!(
        left.iter()
            .all(|(path, _)| path.to_string_lossy().contains("seaworthy.yml")),
        "{left:?}"
    );
}

#[test]
fn an_app_in_a_folder_of_its_repository_is_built_with_the_gems_beside_it() {
    let repository = tempfile::tempdir().expect("a temporary folder");
    let app = repository.path().join("apps/web");
    copy(&workspace().join("tests/apps/path-gem/app"), &app);
    let lock = fs::read_to_string(app.join("Gemfile.lock")).expect("it is there");
    let lock = lock.replace("remote: engines/billing", "remote: ../../gems/billing");
    fs::write(app.join("Gemfile.lock"), lock).expect("it can be written");

    // Nothing says what the folders above are called where somebody else has them.
    let refused = run(&app, &["init", "--dry-run"], None);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(
        refused.err.contains("../../gems/billing") && refused.err.contains("git"),
        "{}",
        refused.err
    );

    fs::create_dir(repository.path().join(".git")).expect("it can be made");
    let written = run(
        &app,
        &[
            "init",
            "--yes",
            "--server",
            "203.0.113.10",
            "--domain",
            "app.example.org",
        ],
        None,
    );
    assert_eq!(written.code, 0, "{}", written.err);
    assert!(
        written
            .out
            .contains("docker build --check --file Dockerfile ../.."),
        "{}",
        written.out
    );
    let dockerfile = fs::read_to_string(app.join("Dockerfile")).expect("it was written");
    assert!(
        dockerfile.contains("COPY gems/billing /rails/gems/billing"),
        "{dockerfile}"
    );
    let facts = run(&app, &["facts"], None);
    assert!(facts.out.contains("apps/web"), "{}", facts.out);
}

#[test]
fn what_git_tracks_is_read_from_its_index() {
    let repository = tempfile::tempdir().expect("a temporary folder");
    let app = repository.path().join("web");
    copy(
        &workspace().join("tests/apps/postgresql-importmap/app"),
        &app,
    );
    fs::write(app.join("config/master.key"), "0b5e55ed").expect("it can be written");
    let git = |arguments: &[&str]| {
        let status = Command::new("git")
            .current_dir(repository.path())
            .args(arguments)
            .status();
        assert!(status.expect("git is there").success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    let check = ["check", "--select", "tracked-key"];
    let untracked = run(&app, &check, None);
    assert_eq!(untracked.code, 0, "{}", untracked.out);
    git(&["add", "--force", "web/config/master.key"]);
    let tracked = run(&app, &check, None);
    assert_eq!(tracked.code, 1, "{}", tracked.out);
    assert!(
        tracked.out.contains("config/master.key is tracked"),
        "{}",
        tracked.out
    );

    fs::write(
        repository.path().join(".git/index"),
        "DIRC, and then nothing",
    )
    .expect("it can be written");
    let broken = run(&app, &check, None);
    assert_eq!(broken.code, 0, "{}", broken.err);
}

#[test]
fn config_shows_what_kamal_is_told_and_where_it_stands() {
    let app = App::golden("postgresql-importmap");
    app.write(
        "config/deploy.yml",
        "service: harbour\nimage: harbour\nservers:\n  web:\n    - 203.0.113.1\n    - 203.0.113.2: canary\n\
         registry:\n  password: hunter2hunter2\n\
         env:\n  clear:\n    A: 1\n    HOST: <%= ENV[\"HOST\"] %>\n<% if ENV[\"X\"] %>\n    B: 2\n<% end %>\n",
    );
    app.write(
        "config/deploy.staging.yml",
        "servers:\n  web:\n    - 203.0.113.9\nenv:\n  clear:\n    A: 3\n",
    );
    let base = app.run(&["config"]);
    assert_eq!(base.code, 0, "{}", base.err);
    let line = |text: &str, key: &str| {
        let found = text.lines().find(|line| line.trim_start().starts_with(key));
        found
            .unwrap_or_else(|| panic!("{key} is not in\n{text}"))
            .to_owned()
    };
    assert!(
        line(&base.out, "service:").contains("harbour"),
        "{}",
        base.out
    );
    assert!(
        line(&base.out, "203.0.113.2:").ends_with("config/deploy.yml:6"),
        "{}",
        base.out
    );
    assert!(line(&base.out, "HOST:").contains("<%= ENV"), "{}", base.out);
    assert!(line(&base.out, "B:").contains("condition"), "{}", base.out);
    assert!(!base.out.contains("hunter2"), "{}", base.out);

    let staging = app.run(&["config", "-d", "staging", "--format", "json"]);
    assert_eq!(staging.code, 0, "{}", staging.err);
    assert!(!staging.out.contains("hunter2"), "{}", staging.out);
    let document: Value = serde_json::from_str(&staging.out).expect("it is JSON");
    let rows = document["configuration"].as_array().expect("a list");
    let row = |key: &str| {
        rows.iter()
            .find(|row| row["key"] == key)
            .expect("the key is there")
    };
    // Mappings merge, lists replace.
    assert_eq!(row("env.clear.A")["value"], "3");
    assert_eq!(
        row("env.clear.A")["origin"]["path"],
        "config/deploy.staging.yml"
    );
    assert_eq!(row("servers.web[0]")["value"], "203.0.113.9");
    assert!(rows.iter().all(|row| row["key"] != "servers.web[1]"));

    let unknown = app.run(&["config", "-d", "nowhere"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("staging"), "{}", unknown.err);

    // Aliases that stand for more than anybody can read.
    let mut bomb = "service: x\na0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}", level - 1);
        let many = [below.as_str(); 9].join(", ");
        bomb = format!("{bomb}a{level}: &a{level} [{many}]\n");
    }
    app.write("config/deploy.yml", bomb);
    let bomb = app.run(&["config"]);
    assert_eq!(bomb.code, 0, "{}", bomb.err);
    assert!(bomb.out.lines().count() < 100_000);
}

#[test]
fn check_ends_with_the_posture_and_says_what_to_try_again() {
    let app = App::golden("postgresql-importmap");
    let server = [
        "init",
        "--yes",
        "--server",
        "203.0.113.10",
        "--domain",
        "app.example.org",
    ];
    assert_eq!(app.run(&server).code, 0);
    let closed = app.run(&["check"]);
    for side in ["secrets  ok", "user     ok", "base     ok", "ports    ok"] {
        assert!(closed.out.contains(side), "{}", closed.out);
    }
    app.edit("Dockerfile", "USER 1000:1000", "USER root");
    app.edit(".dockerignore", "**/*.key\n", "");
    app.edit(
        "config/deploy.yml",
        "    image: postgres:17\n",
        "    image: postgres:17\n    port: 5432\n",
    );
    let open = app.run(&["check"]);
    for side in ["secrets  open", "user     open", "ports    open"] {
        assert!(open.out.contains(side), "{}", open.out);
    }
    assert!(open.out.contains("Then `kamal deploy`"), "{}", open.out);
    let json = app.run(&["check", "--format", "json"]);
    let document: Value = serde_json::from_str(&json.out).expect("it is JSON");
    let sides = document["posture"].as_array().expect("a list");
    assert_eq!(sides.len(), 4);
    assert_eq!(sides[1]["closed"], false);
    assert_eq!(sides[1]["origin"]["path"], "Dockerfile");
    assert!(!app.run(&["check", "--quiet"]).out.contains("secrets "));
    // A file on its own has no posture.
    assert!(!app.run(&["check", "Dockerfile"]).out.contains("secrets "));
}

#[test]
fn apps_that_are_checked_together_are_compared() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["shop", "store"] {
        let app = folder.path().join(name);
        copy(
            &workspace().join("tests/apps/postgresql-importmap/app"),
            &app,
        );
        let init = [
            "init",
            "--yes",
            "--server",
            "203.0.113.10",
            "--domain",
            "app.example.org",
        ];
        assert_eq!(run(&app, &init, None).code, 0);
    }
    let alone = run(folder.path(), &["check", "shop"], None);
    assert_eq!(alone.code, 0, "{}", alone.out);
    let both = run(folder.path(), &["check", "."], None);
    assert_eq!(both.code, 1, "{}", both.out);
    for found in [
        "lighthouse-web on 203.0.113.10 are also the containers of ./shop",
        "app.example.org leads to ./shop on 203.0.113.10 already",
    ] {
        assert!(both.out.contains(found), "{found}\n{}", both.out);
    }
    let json = run(
        folder.path(),
        &["check", "shop", "store", "--format", "json"],
        None,
    );
    let document: Value = serde_json::from_str(&json.out).expect("it is JSON");
    let findings = document["findings"].as_array().expect("a list");
    assert!(
        findings.iter().all(|finding| finding["app"] == "store"),
        "{}",
        json.out
    );

    let deploy = folder.path().join("store/config/deploy.yml");
    let text = fs::read_to_string(&deploy).expect("it is there");
    fs::write(&deploy, text.replace("203.0.113.10", "203.0.113.20")).expect("it can be written");
    let apart = run(folder.path(), &["check", "."], None);
    assert_eq!(apart.code, 0, "{}", apart.out);
}

#[test]
fn keys_of_kamal_are_explained() {
    let anywhere = tempfile::tempdir().unwrap();
    let key = run(anywhere.path(), &["explain", "proxy.app_port"], None).exits(0);
    assert!(
        key.out.contains("a whole number · default: 80"),
        "{}",
        key.out
    );
    assert!(
        key.out.contains("Used by: `kamal-proxy deploy --target`")
            && key
                .out
                .contains("Rules that look at it: kamal/app-port-mismatch"),
        "{}",
        key.out
    );
    let json = run(
        anywhere.path(),
        &["explain", "env.secret", "--format", "json"],
        None,
    )
    .exits(0)
    .json();
    assert!(json["used"].as_str().unwrap().contains("--env-file"));
    let rules = json["rules"].as_array().unwrap();
    assert!(rules.contains(&"secrets/not-found".into()), "{json}");
    let config = anywhere.path().join("config");
    std::fs::create_dir(&config).unwrap();
    std::fs::write(config.join("application.rb"), "").unwrap();
    std::fs::write(
        config.join("deploy.yml"),
        "service: a\nservers: [203.0.113.10]\nregistry:\n  password: hunter2\nproxy:\n  app_port: 3000\n",
    )
    .unwrap();
    let here = run(
        anywhere.path(),
        &["explain", "servers.web.proxy.app_port"],
        None,
    )
    .exits(0);
    assert!(
        here.out
            .contains("config/deploy.yml: 3000 [config/deploy.yml:6]"),
        "{}",
        here.out
    );
    let secret = run(anywhere.path(), &["explain", "registry.password"], None).exits(0);
    assert!(!secret.out.contains("hunter2"), "{}", secret.out);
}
