//! The generated documentation is what the program knows: `UPDATE=1 cargo test` writes it.

// Tests read and write what the engine may not.
#![allow(clippy::disallowed_methods)]

mod harness;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use engine::ask::TOPICS;
use engine::diagnose::{SIGNATURES, Signature};
use engine::rules::{Meta, Profile, RULES, Rule};
use harness::{assert_file, workspace};

fn page(rule: &Rule) -> String {
    let meta = rule.meta;
    let facts = format!(
        "| severity | consequence | when | fix | profile | also called | since |\n\
         |---|---|---|---|---|---|---|\n| {} | {} | {} | {} | {} | {} | {} |\n",
        meta.severity.word(),
        meta.consequence.word(),
        meta.layer.word(),
        meta.safety.word(),
        meta.profile.word(),
        meta.aliases.join(", "),
        meta.since
    );
    let (title, rest) = rule
        .markdown()
        .split_once('\n')
        .expect("a page has a title");
    let body = shown(
        rest,
        "What `seaworthy check` says:",
        "`seaworthy check` says nothing.",
    );
    format!(
        "<!-- Generated from crates/engine/src/rules/{}.md; do not edit. -->\n{title}\n\n{facts}{body}",
        rule.id().replace('-', "_")
    )
}

/// A page's text, with what its blocks are above each. Fenced blocks name their files in a way that renderers
/// drop.
fn shown(text: &str, says: &str, says_nothing: &str) -> String {
    let mut body = String::new();
    let mut is_open = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(name) if !is_open => {
                is_open = true;
                let (language, shown) = match name.split_once(' ') {
                    Some(("diff", _)) => ("diff", Some("The fix:".to_owned())),
                    Some((language, path)) => (language, Some(format!("`{path}`"))),
                    None if name == "log" => ("text", Some("A log:".to_owned())),
                    None => ("text", Some(says.to_owned())),
                };
                if let Some(shown) = shown {
                    writeln!(body, "{shown}\n").expect("a string takes all");
                }
                writeln!(body, "```{language}").expect("a string takes all");
            }
            Some(_) => {
                is_open = false;
                body.push_str("```\n");
            }
            None => writeln!(body, "{line}").expect("a string takes all"),
        }
    }
    body.replace(
        &format!("{says}\n\n```text\n```\n"),
        &format!("{says_nothing}\n"),
    )
}

/// The page of a failure.
fn failure(signature: &Signature) -> String {
    let links: Vec<String> = signature
        .causes()
        .map(|rule| format!("[{0}](../../rules/{0}.md)", rule.id()))
        .collect();
    let facts = format!(
        "| phase | by the log alone | rules that find the cause | also called |\n\
         |---|---|---|---|\n| {} | {} | {} | {} |\n",
        signature.phase.word(),
        signature.alone().word(),
        links.join(", "),
        signature.aliases().join(", ")
    );
    let (title, rest) = signature
        .markdown()
        .split_once('\n')
        .expect("a page has a title");
    let body = shown(
        rest,
        "What `seaworthy diagnose` says:",
        "`seaworthy diagnose` knows no failure.",
    );
    format!(
        "<!-- Generated from crates/engine/knowledge/signatures/{}.md; do not edit. -->\n{title}\n\n{facts}{body}",
        signature.id().replace('-', "_")
    )
}

fn failures() -> String {
    let mut text = "<!-- Generated from the pages of signatures; do not edit. -->\n# Failures\n\n\
        What `seaworthy diagnose` knows by the lines that it leaves in a log. A rule that finds the cause in the app\n\
        confirms it. Logs that are marked *Constructed* have their wording from the source that is named.\n\n\
        | failure | what happened | by the log alone | also |\n|---|---|---|---|\n"
        .to_owned();
    for signature in SIGNATURES.iter() {
        let what = signature.what().replace('\n', " ");
        writeln!(
            text,
            "| [{0}](failures/{0}.md) | {what} | {1} | {2} |",
            signature.id(),
            if signature.is_noise() {
                "no failure"
            } else {
                signature.alone().word()
            },
            signature.aliases().join(", ")
        )
        .expect("a string takes all");
    }
    text
}

fn topics() -> String {
    let mut text = "<!-- Generated from the pages of topics; do not edit. -->\n# Questions\n\n\
        What `seaworthy ask` answers from an app's own files, and some of the words in which it is asked. In an app, `seaworthy ask\n\
        NAME` says what is so there, what to change, why, how to verify it, and what comes next.\n"
        .to_owned();
    for topic in TOPICS.iter() {
        let questions: Vec<String> = topic
            .questions()
            .iter()
            .map(|question| format!("- {question}\n"))
            .collect();
        write!(
            text,
            "\n## {}\n\n`seaworthy ask {}`\n\n{}",
            topic.title(),
            topic.name(),
            questions.concat()
        )
        .expect("a string takes all");
    }
    text
}

/// What other tools call a rule, and whether it wants to be asked for.
fn also(meta: &Meta) -> String {
    let pedantic = (meta.profile == Profile::Pedantic).then_some("`--pedantic`");
    let names = pedantic.into_iter().chain(meta.aliases.iter().copied());
    names.collect::<Vec<_>>().join(", ")
}

fn index() -> String {
    let mut text = "<!-- Generated from the rules' pages; do not edit. -->\n# Rules\n\n\
        | rule | what is wrong | severity | consequence | fix | also |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for rule in RULES {
        let what = rule.docs().what.replace('\n', " ");
        let meta = rule.meta;
        writeln!(
            text,
            "| [{0}](rules/{0}.md) | {what} | {1} | {2} | {3} | {4} |",
            rule.id(),
            meta.severity.word(),
            meta.consequence.word(),
            meta.safety.word(),
            also(meta)
        )
        .expect("a string takes all");
    }
    text
}

#[test]
fn docs_are_fresh() {
    let docs = workspace().join("docs");
    assert_file(&docs.join("rules.md"), &index());
    for rule in RULES {
        assert_file(&docs.join(format!("rules/{}.md", rule.id())), &page(rule));
    }
    assert_file(&docs.join("questions.md"), &topics());
    assert_file(&docs.join("failures.md"), &failures());
    for signature in SIGNATURES.iter() {
        let path = docs.join(format!("failures/{}.md", signature.id()));
        assert_file(&path, &failure(signature));
    }
}

#[test]
fn no_page_is_left_over() {
    let rules = RULES.iter().map(|rule| format!("rules/{}.md", rule.id()));
    let failures = SIGNATURES
        .iter()
        .map(|signature| format!("failures/{}.md", signature.id()));
    let known: BTreeSet<String> = rules.chain(failures).collect();
    let docs = workspace().join("docs");
    for kind in ["rules", "failures"] {
        for group in fs::read_dir(docs.join(kind)).expect("docs are there") {
            let group = group.expect("an entry").path();
            for page in fs::read_dir(&group).expect("a group is a folder") {
                let page = page.expect("an entry").path();
                let name = page
                    .strip_prefix(&docs)
                    .expect("it is below")
                    .to_string_lossy()
                    .into_owned();
                assert!(known.contains(&name), "docs/{name} belongs to nothing");
            }
        }
    }
}

/// The names in a field of a gem's row: the same for both releases of Debian, or one list for each.
fn names(row: &toml::Table, field: &str) -> String {
    let list = |value: &toml::Value| {
        let names = value.as_array().expect("names are a list");
        let names: Vec<&str> = names.iter().filter_map(toml::Value::as_str).collect();
        names.join(" ")
    };
    match row.get(field) {
        None => String::new(),
        Some(toml::Value::Table(releases)) => {
            let each: Vec<String> = releases
                .iter()
                .map(|(release, value)| format!("{} ({release})", list(value)))
                .collect();
            each.join(", ")
        }
        Some(same) => list(same),
    }
}

#[test]
fn the_table_of_packages_is_fresh() {
    let table: toml::Table =
        toml::from_str(include_str!("../knowledge/tables/gems.toml")).expect("the table is valid");
    let rows = table["gem"].as_array().expect("gems are a list");
    let mut text = "<!-- Generated from crates/engine/knowledge/tables/gems.toml; do not edit. -->\n\
        # Packages that gems need\n\n\
        What `seaworthy init` installs of Debian for a gem of the production bundle, besides the compiler\n\
        and headers that every build stage has. `proof/packages` holds every name against the indexes of\n\
        bookworm and trixie, for amd64 and arm64. Where Gemfile.lock has a gem that is marked *ready-made*\n\
        for the servers' platform, nothing is installed for it.\n\n\
        | gem | in the build | in the image | ready-made | why |\n|---|---|---|---|---|\n"
        .to_owned();
    for row in rows {
        let row = row.as_table().expect("a row is a table");
        let is_ready = ["precompiled", "platform_only"]
            .iter()
            .any(|field| row.get(*field).and_then(toml::Value::as_bool) == Some(true));
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            row["name"].as_str().expect("a row has a name"),
            names(row, "build"),
            names(row, "runtime"),
            if is_ready { "yes" } else { "" },
            row["why"].as_str().expect("a row says why")
        )
        .expect("a string takes all");
    }
    assert_file(&workspace().join("docs/packages.md"), &text);
}
