//! What holds for databases, their users and URLs.

use std::collections::BTreeSet;

use engine::App;
use engine::plan::Choice;
use engine::tree::Source;
use syntax::yaml::Node;

use super::outcome::{dig, ensure, holds, scalar};
use super::secrets::secret_files;
use super::shape::{Database, Own, Trio};

#[test]
fn the_trio_has_all_its_databases_or_none() {
    holds(|shape, planned| {
        // Half of them is what the user wrote, and stays until they say otherwise.
        let is_users = shape.trio == Trio::QueueAlone && !shape.chose(Choice::Solid, "separate");
        if !shape.has_trio() || is_users {
            return Ok(());
        }
        let app = App::new(&planned.plan.after);
        let databases = app
            .databases()
            .known()
            .map(|all| all.value)
            .unwrap_or_default();
        let names: BTreeSet<String> = databases
            .iter()
            .map(|database| database.name().value.clone())
            .collect();
        let has = |name: &str| names.contains(name);
        let trio = ["cache", "queue", "cable"];
        let count = trio.iter().filter(|name| has(name)).count();
        ensure(has("primary"), || format!("no primary among {names:?}"))?;
        ensure(count == 0 || count == 3, || format!("{names:?}"))?;
        let wants_all = shape.chose(Choice::Solid, "separate");
        ensure(!wants_all || count == 3, || {
            format!("chosen apart, and there is {names:?}")
        })?;
        // Two that are one in truth: the second finds the first one's tables, and loads no schema.
        let source = planned.plan.after.source("config/database.yml");
        let text = source.map(Source::text).unwrap_or_default();
        let yaml = syntax::yaml::parse(text);
        let written = |name: &str, key: &str| {
            let several = dig(yaml.root(), &["production", name, key]);
            let node = several.or_else(|| dig(yaml.root(), &["production", key]))?;
            Some(text[node.span().range()].to_owned())
        };
        let places: BTreeSet<Option<String>> = names
            .iter()
            .map(|name| written(name, "url").or_else(|| written(name, "database")))
            .collect();
        ensure(places.len() == databases.len(), || {
            format!("two share one of {places:?}")
        })
    });
}

#[test]
fn urls_lead_to_the_database_of_their_own_destination() {
    holds(|shape, planned| {
        for (path, destination, text) in secret_files(shape, planned) {
            let choices = match destination {
                None => &shape.choices,
                Some(name) => {
                    let found = shape.destinations.iter().find(|(own, _)| *own == name);
                    &found.expect("it was planned").1
                }
            };
            let given = |wanted| choices.iter().find(|(choice, _)| *choice == wanted);
            // A destination has the accessories of config/deploy.yml alone.
            let base = |wanted| shape.choices.iter().find(|(choice, _)| *choice == wanted);
            let has_none = base(Choice::DatabaseHost).is_some()
                || base(Choice::Servers).is_some_and(|(_, servers)| servers.len() > 1);
            let host = match (given(Choice::DatabaseHost), given(Choice::Servers)) {
                (Some((_, host)), _) => host[0].as_str(),
                _ if destination.is_some() && has_none => "<database-address>",
                (None, Some((_, servers))) if servers.len() > 1 => "<database-address>",
                _ => "harbour-db",
            };
            let deploy_is_users = shape.own.contains(&Own::Deploy);
            for line in text.lines().filter(|line| line.contains("DATABASE_URL=")) {
                ensure(
                    deploy_is_users || line.contains(&format!("@{host}/")),
                    || format!("{path}: {line}, and its database is {host}"),
                )?;
            }
        }
        Ok(())
    });
}

#[test]
fn urls_have_the_scheme_of_their_adapter() {
    holds(|shape, planned| {
        let scheme = match shape.database {
            Database::PostgreSql | Database::Url => "postgres",
            Database::MySql => "mysql2",
            Database::Trilogy => "trilogy",
            Database::Sqlite => return Ok(()),
        };
        for file in &planned.plan.files {
            for line in file.text.lines() {
                let Some((name, url)) = line.split_once('=') else {
                    continue;
                };
                let is_url = name.ends_with("DATABASE_URL") && url.contains("://");
                ensure(!is_url || url.starts_with(&format!("{scheme}://")), || {
                    format!("{}: {line}", file.path)
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn the_users_grants_are_for_all_its_databases() {
    holds(|_, planned| {
        let Some(grants) = planned.ours("config/mysql/grants.sql") else {
            return Ok(());
        };
        let patterns: Vec<String> = grants
            .text
            .split('`')
            .skip(1)
            .step_by(2)
            .map(|pattern| pattern.replace("\\_", "_"))
            .collect();
        let source = planned.plan.after.source("config/database.yml");
        let yaml = syntax::yaml::parse(source.map(Source::text).unwrap_or_default());
        let production = dig(yaml.root(), &["production"]);
        // The first is the image's own doing.
        let databases = production.map(Node::entries).unwrap_or_default();
        for entry in databases.into_iter().skip(1) {
            let Some(name) = dig(Some(entry.value), &["database"]).and_then(scalar) else {
                continue;
            };
            let is_granted = patterns
                .iter()
                .any(|pattern| match pattern.strip_suffix('%') {
                    Some(start) => name.starts_with(start),
                    None => name == *pattern,
                });
            ensure(is_granted, || format!("nothing of {patterns:?} is {name}"))?;
        }
        Ok(())
    });
}

#[test]
fn mysql_can_be_reached_without_a_certificate_that_nobody_signed() {
    const VARIABLE: &str = "MARIADB_TLS_DISABLE_PEER_VERIFICATION";
    holds(|shape, planned| {
        let Some(image) = planned.ours("Dockerfile") else {
            return Ok(());
        };
        let deploy = planned
            .ours("config/deploy.yml")
            .map_or("", |file| file.text.as_str());
        // MariaDB's library asks for one since 3.4, which Debian 13 has; MySQL's image signs its own.
        let is_old = shape.chose(Choice::Base, "bookworm") || image.text.contains("VERSION=3.2");
        if shape.database != Database::MySql || is_old || !deploy.contains("image: mysql:") {
            return Ok(());
        }
        let is_told = image.text.contains(VARIABLE) || deploy.contains(VARIABLE);
        ensure(is_told, || {
            "mysql2 refuses the accessory: self-signed certificate in certificate chain".to_owned()
        })
    });
}
