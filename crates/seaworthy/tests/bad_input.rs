//! Bad input is normal: always a clear message, never a panic, never a lost file.

mod harness;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use harness::{copy, workspace};
use tempfile::TempDir;

const FILES: [&str; 9] = [
    "Gemfile",
    "Gemfile.lock",
    "Dockerfile",
    ".dockerignore",
    "config/deploy.yml",
    "config/database.yml",
    "config/puma.rb",
    "config/environments/production.rb",
    "package.json",
];

fn app() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let golden = workspace().join("tests/apps/postgresql-importmap/app");
    copy(&golden, folder.path());
    assert_eq!(
        run(folder.path(), &["init", "--yes"]).status.code(),
        Some(0)
    );
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

/// Runs every verb and expects an answer, a negative one or a reason, and never a panic.
fn survives(folder: &Path, what: &str) {
    for arguments in [
        &["check"][..],
        &["check", "--format", "json"],
        &["facts"],
        &["init", "--dry-run"],
        &["check", "--fix"],
        &[],
    ] {
        let output = run(folder, arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0..=2)),
            "{what}: {arguments:?}: {errors}"
        );
        assert!(
            !errors.contains("panicked"),
            "{what}: {arguments:?}: {errors}"
        );
    }
}

/// Puts the same bytes in the place of each file in turn.
fn each_file_as(what: &str, bytes: &[u8]) {
    let app = app();
    for file in FILES {
        let path = app.path().join(file);
        let before = fs::read(&path).ok();
        fs::write(&path, bytes).expect("it can be written");
        survives(app.path(), &format!("{file} is {what}"));
        assert_eq!(
            fs::read(&path).expect("it is still there"),
            bytes,
            "{file} was changed"
        );
        match before {
            Some(before) => fs::write(&path, before).expect("it can be written"),
            None => fs::remove_file(&path).expect("it was there"),
        }
    }
}

#[test]
fn empty_files() {
    each_file_as("empty", b"");
}

#[test]
fn binary_files() {
    each_file_as("binary", b"\x7fELF\x02\x01\x01\0\0\0\0\0\xff\xfe");
}

#[test]
fn bytes_that_are_not_utf8() {
    each_file_as("not UTF-8", b"service: caf\xe9\nimage: \xff\xfe\n");
}

#[test]
fn files_that_only_hold_noise() {
    each_file_as(
        "noise",
        "<<: *\n&a [*a\n%>{{\t\u{feff}<%= \"\n<%\n:::\u{1b}[31m".as_bytes(),
    );
}

#[test]
fn deep_nesting_and_alias_bombs() {
    each_file_as("deeply nested", "[{(".repeat(20_000).as_bytes());
    let mut bomb = "a: &a [x, x]\n".to_owned();
    for (name, before) in ('b'..='z').zip('a'..) {
        let line = format!("{name}: &{name} [*{before}, *{before}, *{before}, *{before}]\n");
        bomb.push_str(&line);
    }
    bomb.push_str("servers: *z\naccessories: *z\nenv: *z\nproduction: *z\n");
    each_file_as("an alias bomb", bomb.as_bytes());
}

#[test]
fn carriage_returns_and_a_byte_order_mark() {
    let app = app();
    for file in FILES {
        let path = app.path().join(file);
        if let Ok(text) = fs::read_to_string(&path) {
            fs::write(&path, format!("\u{feff}{}", text.replace('\n', "\r\n")))
                .expect("it can be written");
        }
    }
    let check = run(app.path(), &["check"]);
    assert_eq!(
        check.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );
    survives(app.path(), "CRLF with a BOM");
}

#[test]
fn a_hundred_megabytes() {
    let app = app();
    for file in ["config/deploy.yml", "Gemfile.lock"] {
        let path = app.path().join(file);
        let before = fs::read(&path).expect("it is there");
        fs::File::create(&path)
            .and_then(|file| file.set_len(100 * 1024 * 1024))
            .expect("a sparse file");
        let check = run(app.path(), &["check"]);
        let said = String::from_utf8_lossy(&check.stdout).into_owned();
        assert_eq!(check.status.code(), Some(1), "{said}");
        assert!(
            said.contains(&format!("{file} could not be read")) && said.contains("104857600 bytes"),
            "{said}"
        );
        fs::write(&path, before).expect("it can be written");
    }
}

#[test]
fn folders_pipes_and_links_where_files_should_be() {
    let app = app();
    let path = app.path().join("Dockerfile");
    fs::remove_file(&path).expect("it was there");

    fs::create_dir(&path).expect("a folder");
    let check = run(app.path(), &["check"]);
    assert!(
        String::from_utf8_lossy(&check.stdout)
            .contains("Dockerfile could not be read: it is a folder")
    );
    survives(app.path(), "a folder called Dockerfile");
    fs::remove_dir(&path).expect("it was there");

    symlink("nowhere", &path).expect("a link");
    let check = run(app.path(), &["check"]);
    assert!(String::from_utf8_lossy(&check.stdout).contains("leads nowhere"));
    survives(app.path(), "a link that leads nowhere");
    fs::remove_file(&path).expect("it was there");

    symlink("Dockerfile", &path).expect("a link");
    survives(app.path(), "a link to itself");
    fs::remove_file(&path).expect("it was there");

    let made = Command::new("mkfifo")
        .arg(&path)
        .status()
        .expect("mkfifo is there");
    assert!(made.success());
    let check = run(app.path(), &["check"]);
    assert!(String::from_utf8_lossy(&check.stdout).contains("a device, a socket or a pipe"));
}

#[test]
fn files_that_may_not_be_read() {
    let app = app();
    let path = app.path().join("config/database.yml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("the mode can be set");
    // Root reads everything; then there is nothing to see.
    if fs::read(&path).is_err() {
        let check = run(app.path(), &["check"]);
        assert!(
            String::from_utf8_lossy(&check.stdout)
                .contains("config/database.yml could not be read")
        );
    }
    survives(app.path(), "no permission");
}

#[test]
fn terminal_escapes_are_not_passed_on() {
    let app = app();
    let deploy = app.path().join("config/deploy.yml");
    let text = fs::read_to_string(&deploy).expect("it is there");
    let text = text
        .replace(
            "  ssl: true",
            "  ssl: true\n  app_port: 8080 # \u{1b}]0;owned\u{7}\u{1b}[2J",
        )
        .replace(
            "host: lighthouse.example.org",
            "host: \"<x\u{1b}[31m>.example.com\"",
        );
    fs::write(&deploy, text).expect("it can be written");
    for arguments in [
        &["check"][..],
        &["facts"],
        &[],
        &["init", "--diff", "--replace", "config/deploy.yml"],
    ] {
        let output = run(app.path(), arguments);
        assert!(
            !output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b),
            "{arguments:?}"
        );
    }
}

#[test]
fn each_thing_that_is_in_the_way_has_its_own_help() {
    let app = app();
    fs::remove_file(app.path().join("Gemfile.lock")).expect("it is there");
    fs::remove_file(app.path().join("config/database.yml")).expect("it is there");
    let output = run(app.path(), &["init", "--dry-run"]);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines[0], "seaworthy: 2 things stand in the way");
    assert!(
        lines[1].starts_with("  there is no Gemfile.lock"),
        "{errors}"
    );
    assert!(lines[2].starts_with("    run `bundle lock`"), "{errors}");
    assert!(lines[3].starts_with("  config/database.yml"), "{errors}");
    assert_eq!(lines.len(), 5, "{errors}");
}
