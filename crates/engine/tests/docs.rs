//! The generated documentation is what the program knows: `UPDATE=1 cargo test` writes it.

// Tests read and write what the engine may not.
#![allow(clippy::disallowed_methods)]

mod harness;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

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
    // Fenced blocks name their files in a way that renderers drop, so the names go above them.
    let mut body = String::new();
    let mut is_open = false;
    for line in rest.lines() {
        match line.strip_prefix("```") {
            Some(name) if !is_open => {
                is_open = true;
                let (language, shown) = match name.split_once(' ') {
                    Some(("diff", _)) => ("diff", Some("The fix:".to_owned())),
                    Some((language, path)) => (language, Some(format!("`{path}`"))),
                    None => ("text", Some("What `seaworthy check` says:".to_owned())),
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
    let body = body.replace(
        "What `seaworthy check` says:\n\n```text\n```\n",
        "`seaworthy check` says nothing.\n",
    );
    format!(
        "<!-- Generated from crates/engine/src/rules/{}.md; do not edit. -->\n{title}\n\n{facts}{body}",
        rule.id().replace('-', "_")
    )
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
}

#[test]
fn no_page_is_left_over() {
    let known: BTreeSet<String> = RULES
        .iter()
        .map(|rule| format!("{}.md", rule.id()))
        .collect();
    let folder = workspace().join("docs/rules");
    for group in fs::read_dir(&folder).expect("docs are there") {
        let group = group.expect("an entry").path();
        for page in fs::read_dir(&group).expect("a group is a folder") {
            let page = page.expect("an entry").path();
            let name = page
                .strip_prefix(&folder)
                .expect("it is below")
                .to_string_lossy()
                .into_owned();
            assert!(
                known.contains(&name),
                "docs/rules/{name} belongs to no rule"
            );
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
