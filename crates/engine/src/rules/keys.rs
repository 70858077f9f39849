//! Which rules look at a key of Kamal's configuration.
//!
//! A rule's page shows what its findings point at, and tests hold that against the rule: so the pages are
//! asked, and no list of keys has to be kept.

use syntax::yaml::{self, Node};

use super::{Docs, RULES, Rule};
use crate::facts::kamal_keys::Key;

/// Rules that look at every key alike.
const OF_ALL_KEYS: [&str; 5] = [
    "files/syntax-error",
    "files/unused-allow",
    "kamal/placeholder-value",
    "kamal/unknown-key",
    "kamal/wrong-type",
];

impl Key {
    /// The rules that look at it, or at a key below it: their pages name it, or have a finding that points
    /// at it.
    pub fn rules(&self) -> Vec<&'static Rule> {
        let below = format!("{}.", self.path);
        let is_meant = |path: &String| *path == self.path || path.starts_with(&below);
        let is_named = |rule: &Rule| {
            let prose = Docs::prose(rule.markdown());
            self.path.contains('.') && prose.contains(&format!("`{}`", self.path))
        };
        RULES
            .iter()
            .filter(|rule| !OF_ALL_KEYS.contains(&rule.id().as_str()))
            .filter(|rule| is_named(rule) || keys_pointed_at(rule.markdown()).iter().any(is_meant))
            .collect()
    }
}

/// The paths of the keys that a page's findings point at, as the table of keys has them.
fn keys_pointed_at(markdown: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut files: Vec<(&str, &str)> = Vec::new();
    let cases = markdown
        .split_once("\n## Cases")
        .map_or("", |(_, cases)| cases);
    for case in cases.split("\n### ").skip(1) {
        files.clear();
        // Every other part stands in a fence.
        for block in case.split("\n```").skip(1).step_by(2) {
            let (name, text) = block.split_once('\n').unwrap_or((block, ""));
            match name.split_once(' ') {
                Some((_, path)) if is_deploy_file(path) => files.push((path, text)),
                None if name == "findings" => {
                    for (path, line, column) in pointed_at(text) {
                        let file = files.iter().find(|(known, _)| *known == path);
                        keys.extend(file.and_then(|(_, text)| key_at(text, line, column)));
                    }
                }
                _ => {}
            }
        }
    }
    keys
}

fn is_deploy_file(path: &str) -> bool {
    let name = path.strip_prefix("config/deploy.");
    name.is_some_and(|name| name.ends_with("yml"))
}

/// Where the labels of findings stand, as they are shown: file, line and column, both from 1.
fn pointed_at(findings: &str) -> Vec<(&str, usize, usize)> {
    let mut found = Vec::new();
    let (mut file, mut line) = ("", 0);
    for row in findings.lines() {
        let trimmed = row.trim_start();
        let place = ["--> ", "::: "]
            .into_iter()
            .find_map(|arrow| trimmed.strip_prefix(arrow));
        if let Some(place) = place {
            let mut parts = place.split(':');
            file = parts.next().unwrap_or_default();
            continue;
        }
        let Some((number, rest)) = trimmed.split_once('|') else {
            continue;
        };
        match number.trim().parse() {
            Ok(number) => line = number,
            // A row of marks below a line.
            Err(_) if number.trim().is_empty() => {
                let marks = rest.strip_prefix(' ').unwrap_or(rest);
                let mark = marks.find(|c: char| !" |".contains(c));
                let mark = mark.filter(|&at| marks[at..].starts_with(['^', '-']));
                found.extend(mark.map(|at| (file, line, at + 1)));
            }
            Err(_) => {}
        }
    }
    found
}

/// The path of the key that stands at a place of `config/deploy.yml`, or whose value does.
fn key_at(text: &str, line: usize, column: usize) -> Option<String> {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let offset = start + column - 1;
    let document = yaml::parse(text);
    let mut names: Vec<String> = Vec::new();
    let mut node = document.root();
    while let Some(inner) = node {
        let has = |node: Node<'_>| node.span().range().contains(&offset);
        node = inner.items().into_iter().find(|item| has(*item));
        if let Some(entry) = inner
            .own_entries()
            .into_iter()
            .find(|entry| has(entry.key) || has(entry.value))
        {
            names.push(entry.key.scalar()?.text()?.to_owned());
            node = has(entry.value).then_some(entry.value);
        }
    }
    // What is below may be the user's own.
    (1..=names.len()).rev().find_map(|count| {
        let rows = Key::named(&names[..count].join("."));
        rows.last().map(|key| key.path.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_where_they_are_shown() {
        let findings = "error[x/y]: no\n --> config/deploy.yml:3:10\n  |\n3 |   hosts: [a, b]\n  |          ^^^^^^ set here\n4 |   port: 1\n  \
                        |         - too\n  |\n ::: Dockerfile:2:1\n  |\n2 | CMD x\n  | ----- it runs\n  = help: do\n";
        assert_eq!(
            pointed_at(findings),
            [
                ("config/deploy.yml", 3, 10),
                ("config/deploy.yml", 4, 9),
                ("Dockerfile", 2, 1)
            ]
        );
    }

    #[test]
    fn a_place_leads_to_its_key() {
        let text = "service: a\nservers:\n  web:\n    - 203.0.113.10\n    - b: [c]\nproxy:\n  app_port: 80\nenv:\n  secret:\n    - KEY\n";
        for (line, column, key) in [
            (1, 1, Some("service")),
            (4, 7, Some("servers.*")),
            (7, 3, Some("proxy.app_port")),
            (7, 13, Some("proxy.app_port")),
            (10, 7, Some("env.secret")),
            (12, 1, None),
        ] {
            assert_eq!(
                key_at(text, line, column).as_deref(),
                key,
                "{line}:{column}"
            );
        }
    }

    #[test]
    fn rules_are_found_by_what_their_pages_point_at() {
        let rules = |path: &str| -> Vec<String> {
            let key = Key::named(path).pop().expect("it is a key");
            key.rules().into_iter().map(Rule::id).collect()
        };
        for (path, rule) in [
            ("proxy.app_port", "kamal/app-port-mismatch"),
            ("servers.web.proxy.app_port", "kamal/app-port-mismatch"),
            ("proxy", "proxy/thruster-bypassed"),
            ("env.secret", "secrets/not-found"),
            ("builder.cache.type", "ci/unreachable-cache"),
            ("accessories.db.port", "kamal/public-accessory-port"),
            ("servers", "kamal/no-hosts"),
        ] {
            assert!(
                rules(path).contains(&rule.to_owned()),
                "{path}: {:?}",
                rules(path)
            );
        }
        assert!(!rules("builder.cache.type").contains(&"kamal/app-port-mismatch".to_owned()));
        assert!(rules("sshkit.dns_retries").is_empty());
    }
}
