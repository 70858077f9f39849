//! What holds for secrets and variables.

use std::collections::BTreeSet;

use engine::plan::Choice;
use syntax::yaml::Node;

use super::outcome::{Planned, dig, ensure, holds, list};
use super::shape::{SECRETS, Shape};

#[test]
fn a_secret_of_the_users_is_in_no_text() {
    holds(|_, planned| {
        for (name, text) in planned.texts() {
            for (path, value) in SECRETS {
                ensure(!text.contains(value), || {
                    format!("{name} has what {path} hides")
                })?;
            }
        }
        Ok(())
    });
}

/// Names of secrets that a deploy file speaks of.
pub(super) fn secrets_of(root: Option<Node<'_>>) -> BTreeSet<String> {
    let mut names = Vec::new();
    for keys in [
        &["env", "secret"][..],
        &["registry", "password"],
        &["builder", "secrets"],
        &["proxy", "ssl", "certificate_pem"],
        &["proxy", "ssl", "private_key_pem"],
    ] {
        names.extend(list(dig(root, keys)));
    }
    for section in ["accessories", "servers"] {
        for entry in dig(root, &[section]).map(Node::entries).unwrap_or_default() {
            names.extend(list(dig(Some(entry.value), &["env", "secret"])));
        }
    }
    // `NAME:SOURCE` looks up the second.
    names
        .into_iter()
        .map(|name| name.rsplit(':').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn each_secret_that_a_deploy_names_is_looked_up() {
    holds(|shape, planned| {
        let Some(deploy) = planned.ours("config/deploy.yml") else {
            return Ok(());
        };
        let base = syntax::yaml::parse(&deploy.text);
        let base = secrets_of(base.root());
        let looked_up = |path: &str| -> Option<BTreeSet<String>> {
            let text = &planned.ours(path)?.text;
            let lines = text.lines().filter_map(|line| line.split_once('='));
            Some(lines.map(|(name, _)| name.to_owned()).collect())
        };
        let covers = |path: &str, names: &BTreeSet<String>| {
            let Some(known) = looked_up(path) else {
                return Ok(());
            };
            let missing: Vec<&String> = names.difference(&known).collect();
            ensure(missing.is_empty(), || {
                format!("{path} does not look up {missing:?}")
            })
        };
        let is_kamal_1 = shape.chose(Choice::Kamal, "1");
        covers(
            if is_kamal_1 {
                ".env.erb"
            } else {
                ".kamal/secrets"
            },
            &base,
        )?;
        for (name, _) in &shape.destinations {
            let path = format!("config/deploy.{name}.yml");
            let file = planned
                .ours(&path)
                .ok_or_else(|| format!("{path} was not planned"))?;
            let own = syntax::yaml::parse(&file.text);
            let mut names: BTreeSet<String> =
                base.union(&secrets_of(own.root())).cloned().collect();
            // `ssl: true` takes the place of the base's certificate.
            if dig(own.root(), &["proxy", "ssl"]).is_some_and(|ssl| ssl.scalar().is_some()) {
                names.retain(|name| !name.ends_with("_PEM"));
            }
            covers(&format!(".kamal/secrets.{name}"), &names)?;
        }
        Ok(())
    });
}

/// The files of secrets that are ours, each with the destination that reads it.
pub(super) fn secret_files<'p>(
    shape: &Shape,
    planned: &'p Planned,
) -> Vec<(String, Option<&'static str>, &'p str)> {
    let mut all = vec![(".kamal/secrets".to_owned(), None)];
    for (name, _) in &shape.destinations {
        all.push((format!(".kamal/secrets.{name}"), Some(*name)));
    }
    all.into_iter()
        .filter_map(|(path, name)| {
            let text = planned.ours(&path)?.text.as_str();
            Some((path, name, text))
        })
        .collect()
}

#[test]
fn each_variable_that_a_lookup_reads_comes_from_somewhere() {
    holds(|shape, planned| {
        let given = |wanted| shape.choices.iter().find(|(choice, _)| *choice == wanted);
        let is_environment =
            given(Choice::Secrets).is_none_or(|(_, values)| values[0] == "environment");
        let workflow = planned.ours(".github/workflows/deploy.yml");
        for (path, _, text) in secret_files(shape, planned) {
            let secrets = syntax::dotenv::parse(text);
            ensure(secrets.errors.is_empty(), || {
                format!("{path}: {:?}", secrets.errors)
            })?;
            let mut known = BTreeSet::new();
            for entry in &secrets.entries {
                for variable in entry.value.variables() {
                    let name = variable.value.as_str();
                    if known.contains(name) {
                        continue;
                    }
                    ensure(is_environment, || {
                        format!("{path}: no password manager is asked for {name}")
                    })?;
                    let is_handed_over =
                        workflow.is_none_or(|file| file.text.contains(&format!("{name}:")));
                    ensure(is_handed_over, || {
                        format!("{path}: the workflow does not hand over {name}")
                    })?;
                }
                known.insert(entry.key.value.clone());
            }
        }
        Ok(())
    });
}
