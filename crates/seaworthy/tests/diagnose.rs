//! `seaworthy diagnose`: logs of any kind, from files and pipes.

mod harness;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use harness::{App, run};
use serde_json::Value;

const NO_KEY: &str = "#17 [build 6/6] RUN ./bin/rails assets:precompile\n\
    #17 3.8 ArgumentError: Missing `secret_key_base` for 'production' environment, set this string\n";

fn ids(value: &Value, list: &str) -> Vec<String> {
    let all = value[list].as_array().expect("a list");
    all.iter()
        .map(|own| own["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn a_log_is_read_from_files_and_from_a_pipe() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("build.log"), NO_KEY).expect("it can be written");
    fs::write(
        folder.path().join("well.log"),
        "  Finished all in 52.6 seconds\n",
    )
    .expect("it can be written");
    let of_file = run(
        folder.path(),
        &["diagnose", "well.log", "build.log", "--format", "json"],
        None,
    );
    assert_eq!(of_file.code, 0, "{}", of_file.err);
    let value = of_file.json();
    assert_eq!(value["status"], "failed");
    assert_eq!(ids(&value, "diagnoses"), ["build/assets-without-key"]);
    let own = &value["diagnoses"][0];
    assert_eq!(own["rank"], "confirmed");
    assert_eq!(own["phase"], "build");
    assert_eq!(own["lines"][0]["path"], "build.log");
    assert_eq!(own["lines"][1]["line"], 2);
    assert!(own["fix"].is_null());

    let piped = run(
        folder.path(),
        &["diagnose", "--format", "json"],
        Some(NO_KEY.as_bytes()),
    );
    assert_eq!(
        ids(&piped.json(), "diagnoses"),
        ["build/assets-without-key"]
    );

    let well = run(
        folder.path(),
        &["diagnose", "well.log", "--format", "json"],
        None,
    );
    assert_eq!(well.code, 1);
    assert_eq!(well.json()["status"], "healthy");

    let unknown = run(
        folder.path(),
        &["diagnose", "-"],
        Some(b"nothing of interest\n"),
    );
    assert_eq!(unknown.code, 1);
    assert_eq!(unknown.out, "");
    assert!(unknown.err.contains("no failure that is known"));

    let missing = run(folder.path(), &["diagnose", "missing.log"], None);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("missing.log"), "{}", missing.err);
}

#[test]
fn the_apps_files_confirm_what_a_log_says_and_have_the_fix() {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes", "--server", "203.0.113.10"]);
    app.edit(
        "config/deploy.yml",
        "  ssl: true\n",
        "  ssl: true\n  app_port: 4000\n",
    );
    let log =
        "docker stderr: Error: target failed to become healthy within configured timeout (30s)\n";
    let alone = run(
        tempfile::tempdir().expect("a temporary folder").path(),
        &["diagnose", "--format", "json"],
        Some(log.as_bytes()),
    );
    assert_eq!(alone.json()["diagnoses"][0]["rank"], "possible");
    let value = run(
        app.path(),
        &["diagnose", "--format", "json"],
        Some(log.as_bytes()),
    )
    .json();
    let own = &value["diagnoses"][0];
    assert_eq!(own["id"], "deploy/not-healthy");
    assert_eq!(own["rank"], "confirmed");
    assert_eq!(own["findings"][0]["path"], "config/deploy.yml");
    let diff = own["fix"]["changes"][0]["diff"].as_str().expect("a diff");
    assert!(diff.contains("app_port"), "{diff}");
    let text = run(app.path(), &["diagnose"], Some(log.as_bytes())).out;
    assert!(text.contains("The app's files say so, too:"), "{text}");
}

#[test]
fn nothing_of_a_log_reaches_the_terminal_as_it_is() {
    let log = "\u{1b}]0;title\u{7}\u{1b}[31mkey not found: \"PUSH_KEY\" (KeyError)\u{1b}[0m token=ghp_0123456789abcdefghijABCDEFGHIJ012345 postgres://harbour:tide-and-time@db/x \u{9b}2J\u{202e}\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    for format in ["text", "json"] {
        let out = run(
            folder.path(),
            &["diagnose", "--format", format],
            Some(log.as_bytes()),
        )
        .out;
        assert!(out.contains("PUSH_KEY"), "{out}");
        for hidden in [
            "ghp_0123",
            "tide-and-time",
            "\u{1b}",
            "\u{9b}",
            "\u{202e}",
            "title",
        ] {
            assert!(!out.contains(hidden), "{format}: {hidden:?} in {out}");
        }
    }
}

#[test]
fn logs_may_be_anything() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut binary: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    binary.extend_from_slice(b"\nno space left on device\r\n");
    fs::write(folder.path().join("binary"), binary).expect("it can be written");
    let out = run(
        folder.path(),
        &["diagnose", "binary", "--format", "json"],
        None,
    );
    assert_eq!(ids(&out.json(), "diagnoses"), ["build/disk-full"]);

    fs::write(folder.path().join("empty"), "").expect("it can be written");
    assert_eq!(run(folder.path(), &["diagnose", "empty"], None).code, 1);

    assert_eq!(run(folder.path(), &["diagnose", "."], None).code, 2);
    let elsewhere = run(folder.path(), &["-C", "missing", "diagnose", "empty"], None);
    assert_eq!(elsewhere.code, 2);
    assert!(elsewhere.err.contains("missing"), "{}", elsewhere.err);
}

/// A line without an end takes no more memory than one with.
#[test]
fn a_line_of_any_length_is_heard_in_little_memory() {
    let program = env!("CARGO_BIN_EXE_seaworthy");
    let mut child = Command::new(program)
        .args(["diagnose", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("a pipe");
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..24 {
        input.write_all(&piece).expect("it is read");
    }
    input
        .write_all(b" toomanyrequests: You have reached your pull rate limit ")
        .expect("it is read");
    for _ in 0..24 {
        input.write_all(&piece).expect("it is read");
    }
    let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(ids(&value, "diagnoses"), ["registry/rate-limit"]);
    if let Ok(status) = status {
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok())
            .expect("Linux tells the peak");
        assert!(peak < 60_000, "{peak} kB");
    }
}

#[test]
fn a_failure_is_explained_by_any_of_its_names() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let by_id = run(folder.path(), &["explain", "deploy/lock-held"], None);
    assert!(by_id.out.contains("kamal lock release"), "{}", by_id.out);
    assert!(!by_id.out.contains("```log"), "{}", by_id.out);
    let by_alias = run(
        folder.path(),
        &["explain", "lock-held", "--format", "json"],
        None,
    );
    assert_eq!(by_alias.json()["failures"][0]["id"], "deploy/lock-held");
    let near = run(folder.path(), &["explain", "deploy/lock-helt"], None);
    assert!(near.err.contains("deploy/lock-held"), "{}", near.err);
}

#[test]
fn a_command_has_a_terminal_and_keeps_its_status() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script =
        "tty >/dev/null && echo on a terminal; echo 'toomanyrequests: You have reached'; exit 7";
    let failed = run(folder.path(), &["diagnose", "--", "sh", "-c", script], None);
    assert_eq!(failed.code, 7, "{}", failed.err);
    let told = failed
        .out
        .find("[registry/rate-limit]")
        .expect("a diagnosis");
    let said = failed
        .out
        .find("on a terminal")
        .expect("what the command says");
    assert!(said < told, "{}", failed.out);

    let json = run(
        folder.path(),
        &["diagnose", "--format", "json", "--", "sh", "-c", script],
        None,
    );
    assert_eq!(ids(&json.json(), "diagnoses"), ["registry/rate-limit"]);
    assert!(json.err.contains("on a terminal"), "{}", json.err);

    assert_eq!(
        run(folder.path(), &["diagnose", "--", "true"], None).code,
        0
    );
    let missing = run(folder.path(), &["diagnose", "--", "no-such-program"], None);
    assert_eq!(missing.code, 2);
    assert_eq!(missing.err.lines().count(), 1, "{}", missing.err);
}

/// A log that never ends is told of on Ctrl-C.
#[test]
fn ctrl_c_ends_with_what_was_heard_so_far() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .args(["diagnose", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("a pipe");
    let filler = vec![b'\n'; 1 << 20];
    input
        .write_all(b"toomanyrequests: You have reached your pull rate limit\n")
        .expect("it is read");
    // Once more than a pipe holds is gone, the first line was read.
    input.write_all(&filler).expect("it is read");
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill is there");
    assert!(killed.success());
    let output = child.wait_with_output().expect("it ends");
    drop(input);
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(ids(&value, "diagnoses"), ["registry/rate-limit"]);
    assert_eq!(output.status.code(), Some(0));
}
