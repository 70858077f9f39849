//! Apps that tests may change, and the program as it is run in them.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the workspace is there")
}

/// A copy of a golden app that a test may change.
pub struct App(TempDir);

impl App {
    pub fn golden(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(
            &workspace().join("tests/apps").join(name).join("app"),
            folder.path(),
        );
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("the file is there")
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }

    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, text.replacen(from, to, 1));
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        run(self.path(), arguments, None)
    }

    /// The names and texts of all files, to see that nothing was written.
    pub fn snapshot(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        collect(self.path(), &mut files);
        files.sort();
        files
    }
}

pub fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry"))
    {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).expect("the folder can be made");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("the file can be copied");
        }
    }
}

pub fn collect(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry"))
    {
        if entry.path().is_dir() {
            collect(&entry.path(), files);
        } else {
            files.push((entry.path(), fs::read(entry.path()).unwrap_or_default()));
        }
    }
}

pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn json(&self) -> Value {
        let value: Value =
            serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out));
        assert_eq!(value["version"], 1);
        value
    }

    pub fn rules(&self) -> Vec<String> {
        let findings = self.json()["findings"]
            .as_array()
            .expect("findings are a list")
            .clone();
        findings
            .iter()
            .map(|finding| finding["rule"].as_str().expect("a rule").to_owned())
            .collect()
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        self
    }
}

pub fn run(folder: &Path, arguments: &[&str], input: Option<&[u8]>) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .env_remove("COLUMNS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("its input is ours");
    // A program that does not read its input may be gone already.
    let _ = stdin.write_all(input.unwrap_or_default());
    drop(stdin);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("the program ends");
    Run {
        code: status.code().expect("it was not killed"),
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
    }
}
