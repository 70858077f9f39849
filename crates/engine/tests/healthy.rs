//! Logs in which nothing failed: nothing is diagnosed, and nothing is told as noise.

// Tests read what the engine may not.
#![allow(clippy::disallowed_methods)]

mod harness;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use engine::diagnose::{Diagnoses, Listener, Status, diagnose};
use harness::workspace;

fn folder() -> PathBuf {
    workspace().join("crates/engine/tests/healthy")
}

/// The rows of the table: a log's name, and whether it says itself that all went well.
fn rows() -> Vec<(String, bool)> {
    let text = fs::read_to_string(folder().join("README.md")).expect("the table is there");
    let of_row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.split('|').map(str::trim).collect();
        let name = cells.first()?;
        name.strip_suffix(".log")?;
        assert!(
            !cells[1].is_empty() && !cells[2].is_empty(),
            "{name}: what happened, and with which tools"
        );
        Some(((*name).to_owned(), cells[3] == "healthy"))
    };
    text.lines().filter_map(of_row).collect()
}

fn heard(log: &str) -> Diagnoses {
    let mut listener = Listener::new("log");
    listener.feed(log.as_bytes());
    diagnose(&listener.finish(), None)
}

#[test]
fn nothing_is_said_of_a_log_in_which_nothing_failed() {
    let mut wrong = Vec::new();
    for (name, says_so) in rows() {
        let log = fs::read_to_string(folder().join(&name)).expect("the log is there");
        let diagnoses = heard(&log);
        for own in diagnoses.all.iter().chain(&diagnoses.noise) {
            let line = own.lines.first().map_or(0, |line| line.line);
            wrong.push(format!("{name}:{line}: {}", own.signature.id()));
        }
        let wanted = if says_so {
            Status::Healthy
        } else {
            Status::Unknown
        };
        if diagnoses.status() != wanted {
            wrong.push(format!(
                "{name}: {:?}, and not {wanted:?}",
                diagnoses.status()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_log_is_in_the_table() {
    let entries = fs::read_dir(folder()).expect("the logs are there");
    let files: BTreeSet<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("names are text")
        })
        .filter(|name| name != "README.md")
        .collect();
    let named: BTreeSet<String> = rows().into_iter().map(|(name, _)| name).collect();
    assert_eq!(files, named);
    assert!(named.len() >= 40, "logs are gone");
}

/// Kamal tells how long a deploy took, whether it went well or not.
#[test]
fn a_deploy_that_failed_is_not_healthy_because_nobody_knows_why() {
    let log = "  Finished all in 30.7 seconds\n  ERROR (Tide::TooLow): the pier is dry\n";
    assert_eq!(heard(log).status(), Status::Unknown);
    assert_eq!(
        heard("  Finished all in 30.7 seconds\n").status(),
        Status::Healthy
    );
}
