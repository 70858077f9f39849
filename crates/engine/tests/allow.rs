//! What the user allows is put aside, with its reason, and nothing else is.

use engine::finding::{Report, Severity, Suppressed};
use engine::rules::Profile;
use engine::tree::{Path, Source, Tree};
use engine::{App, Selection, check};

const DEPLOY: &str = "service: harbour\nimage: harbour\nservers: [203.0.113.10]\naccessories:\n  db:\n    \
                      image: postgres:17\n    host: 203.0.113.10\n";

fn report(files: &[(&'static str, String)], selection: &Selection) -> Report {
    let sources = files
        .iter()
        .map(|(path, text)| Source::new(Path::from(*path), text.clone()));
    check(&App::new(&Tree::of(sources)), selection)
}

fn select(rules: &[&str]) -> Selection {
    Selection {
        select: rules.iter().map(|rule| (*rule).to_owned()).collect(),
        ..Selection::default()
    }
}

/// How many ports are told of and how many are allowed, with `lines` as the accessory's last ones.
fn ports(lines: &str) -> (usize, Vec<Option<String>>) {
    let files = [("config/deploy.yml", format!("{DEPLOY}{lines}\n"))];
    let report = report(&files, &select(&["public-accessory-port"]));
    (report.findings.len(), reasons(&report))
}

fn reasons(report: &Report) -> Vec<Option<String>> {
    let suppressed = report.suppressed.iter();
    suppressed
        .map(|finding| match &finding.suppressed {
            Some(Suppressed::Allowed { reason, .. }) => reason.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

/// How many findings of a rule a Dockerfile has that are told of, and that are allowed.
fn image(rule: &str, text: &str) -> (usize, usize) {
    let report = report(&[("Dockerfile", text.to_owned())], &select(&[rule]));
    (report.findings.len(), report.suppressed.len())
}

#[test]
fn a_comment_is_about_its_line_or_the_next() {
    let reason = |text: &str| vec![Some(text.to_owned())];
    assert_eq!(ports("    port: 5432"), (1, vec![]));
    assert_eq!(
        ports("    # seaworthy: allow public-accessory-port -- the firewall\n    port: 5432"),
        (0, reason("the firewall"))
    );
    assert_eq!(
        ports(
            "    # seaworthy: allow kamal/public-accessory-port -- a\n    # and more\n\n    port: 5432"
        ),
        (0, reason("a"))
    );
    assert_eq!(
        ports("    port: 5432 # seaworthy: allow public-accessory-port -- b -- c"),
        (0, reason("b -- c"))
    );
}

#[test]
fn nothing_is_allowed_without_a_reason_elsewhere_or_of_another_rule() {
    for lines in [
        "    # seaworthy: allow public-accessory-port\n    port: 5432",
        "    # seaworthy: allow public-accessory-port --\n    port: 5432",
        "    # seaworthy: allowing public-accessory-port -- a reason\n    port: 5432",
        "    # seaworthy: allow app-port-mismatch -- a reason\n    port: 5432",
        "    # seaworthy: allow public-accessory-port -- a reason\n    labels: {}\n    port: 5432",
        "    port: 5432\n    # seaworthy: allow public-accessory-port -- a reason",
        "    cmd: \"seaworthy: allow public-accessory-port -- a reason\"\n    port: 5432",
    ] {
        assert_eq!(ports(lines), (1, vec![]), "{lines}");
    }
}

#[test]
fn the_configuration_allows_what_is_about_no_line() {
    let with = |entry: &str| {
        let files = [
            ("config/deploy.yml", format!("{DEPLOY}    port: 5432\n")),
            ("config/seaworthy.yml", format!("allow:\n  - {entry}\n")),
        ];
        let report = report(&files, &select(&["public-accessory-port"]));
        (report.findings.len(), report.suppressed.len())
    };
    let rule = "rule: kamal/public-accessory-port";
    assert_eq!(with(&format!("{{{rule}, reason: a firewall}}")), (0, 1));
    assert_eq!(
        with(&format!("{{{rule}, reason: a, path: config/deploy.yml}}")),
        (0, 1)
    );
    assert_eq!(
        with(&format!("{{{rule}, reason: a, path: Dockerfile}}")),
        (1, 0)
    );
    assert_eq!(with(&format!("{{{rule}}}")), (1, 0));
}

#[test]
fn what_other_tools_are_told_counts_for_their_names() {
    let command = "FROM ruby:3.4.10-slim\n";
    let asks = "RUN apt-get update && \\\n    apt-get install curl\n";
    for (comment, allowed) in [
        ("# hadolint ignore=DL3014", 1),
        ("# hadolint ignore=DL3008,DL3014", 1),
        ("#hadolint ignore = DL3014 # not here", 1),
        ("# tally ignore=hadolint/DL3014;reason=a reason", 1),
        ("# seaworthy: allow DL3014 -- a reason", 1),
        ("# hadolint ignore=DL3008", 0),
        ("# nolint DL3014", 0),
    ] {
        let text = format!("{command}{comment}\n{asks}");
        assert_eq!(
            image("install-asks", &text),
            (1 - allowed, allowed),
            "{text}"
        );
    }
    for global in ["hadolint", "tally"] {
        let text = format!("# {global} global ignore=DL3014\n{command}RUN true\n{asks}");
        assert_eq!(image("install-asks", &text), (0, 1), "{text}");
    }
    let text = format!("{command}# hadolint ignore=DL3014\nRUN true\n{asks}");
    assert_eq!(image("install-asks", &text), (1, 0), "{text}");
    for (skip, allowed) in [
        ("JSONArgsRecommended", 1),
        ("all", 1),
        ("StageNameCasing", 0),
    ] {
        let text = format!("# check=skip={skip}\n{command}CMD bin/rails server\n");
        assert_eq!(image("shell-form", &text), (1 - allowed, allowed), "{text}");
    }
    let reason = "JSONArgsRecommended for now";
    let text = format!("{command}# check=skip={reason}\nCMD bin/rails server\n");
    assert_eq!(image("shell-form", &text), (0, 1), "{text}");
    // A directive is none behind an instruction.
    let text = format!("{command}CMD bin/rails server\n# check=skip=all\n");
    assert_eq!(image("shell-form", &text), (1, 0), "{text}");
}

#[test]
fn pedantic_rules_wait_to_be_asked() {
    let files = [(
        "Dockerfile",
        "FROM ruby:3.4.10-slim\nCMD exec bin/rails server\n".to_owned(),
    )];
    let found = |selection: &Selection| {
        let findings = report(&files, selection).findings;
        let is_meant =
            |name: &&engine::finding::Finding| name.rule.name() == "shell-form-with-exec";
        findings.iter().filter(is_meant).count()
    };
    let pedantic = Selection {
        profile: Profile::Pedantic,
        ..Selection::default()
    };
    assert_eq!(found(&Selection::default()), 0);
    assert_eq!(found(&select(&["dockerfile"])), 0);
    assert_eq!(found(&pedantic), 1);
    assert_eq!(found(&select(&["shell-form-with-exec"])), 1);
    assert_eq!(found(&select(&["DL3025"])), 1);
}

#[test]
fn docker_s_checks_are_errors_where_the_file_says_so() {
    let severity = |directive: &str| {
        let text = format!("{directive}FROM ruby:3.4.10-slim\nCMD exec bin/rails server\n");
        let findings = report(&[("Dockerfile", text)], &Selection::default()).findings;
        let told = findings
            .iter()
            .filter(|finding| finding.rule.group() == "dockerfile");
        told.map(|finding| finding.severity).collect::<Vec<_>>()
    };
    assert_eq!(severity(""), []);
    assert_eq!(severity("# check=error=true\n"), [Severity::Error]);
    assert_eq!(severity("# check=error=false\n"), []);
    assert_eq!(
        severity("# check=skip=JSONArgsRecommended;error=true\n"),
        []
    );
}
