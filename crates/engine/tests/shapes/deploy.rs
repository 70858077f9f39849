//! What holds for every `deploy.yml`: ports, folders, destinations, accessories.

use engine::plan::Choice;
use syntax::dockerfile::Keyword;
use syntax::yaml::Node;

use super::outcome::{Planned, dig, ensure, holds, last, list, stages, words};
use super::secrets::secret_files;
use super::shape::Shape;

#[test]
fn all_speak_of_one_port() {
    holds(|shape, planned| {
        let (Some(image), Some(deploy)) = (planned.image(), planned.ours("config/deploy.yml"))
        else {
            return Ok(());
        };
        let command = last(&image, &Keyword::Cmd).unwrap_or_default();
        let starts = command.iter().any(|word| word.ends_with("rails"));
        ensure(starts, || format!("CMD {command:?} starts no server"))?;
        let port = if command.first().is_some_and(|word| word.ends_with("thrust")) {
            "80".to_owned()
        } else {
            shape.port.to_string()
        };
        let exposed = last(&image, &Keyword::Expose).unwrap_or_default();
        ensure(exposed == [port.clone()], || {
            format!("EXPOSE {exposed:?}, and the command listens on {port}")
        })?;
        let yaml = syntax::yaml::parse(&deploy.text);
        let asked = if shape.chose(Choice::Kamal, "1") {
            list(dig(yaml.root(), &["healthcheck", "port"]))
        } else {
            list(dig(yaml.root(), &["proxy", "app_port"]))
        };
        let asked = asked.first().map_or("80", String::as_str);
        ensure(asked == port, || {
            format!("Kamal asks {asked}, and the command listens on {port}")
        })
    });
}

#[test]
fn folders_of_the_deploy_are_folders_of_the_image() {
    holds(|_, planned| {
        let Some(deploy) = planned.ours("config/deploy.yml") else {
            return Ok(());
        };
        let Some(image) = planned.plan.after.source("Dockerfile") else {
            return Ok(());
        };
        let image = syntax::dockerfile::parse(image.text());
        // Further stages, as of a client, have folders of their own.
        let stages = stages(&image);
        let folder = stages
            .first()
            .and_then(|stage| stage.iter().rfind(|one| *one.keyword == Keyword::Workdir))
            .map(|folder| words(folder).concat())
            .unwrap_or_default();
        ensure(folder.starts_with('/'), || format!("WORKDIR `{folder}`"))?;
        let yaml = syntax::yaml::parse(&deploy.text);
        let root = yaml.root();
        let mut paths = list(dig(root, &["asset_path"]));
        for volume in list(dig(root, &["volumes"])) {
            paths.extend(volume.split(':').nth(1).map(str::to_owned));
        }
        for path in &paths {
            ensure(path.starts_with(&format!("{folder}/")), || {
                format!("{path} is not below {folder}")
            })?;
        }
        let entrypoint = last(&image, &Keyword::Entrypoint)
            .unwrap_or_default()
            .concat();
        ensure(entrypoint.starts_with(&folder), || {
            format!("ENTRYPOINT {entrypoint} is not below {folder}")
        })
    });
}

/// What a destination merges: its own value, else the base's.
pub(super) fn merged(base: Option<Node<'_>>, own: Option<Node<'_>>, keys: &[&str]) -> Vec<String> {
    match dig(own, keys) {
        None => list(dig(base, keys)),
        own => list(own),
    }
}

/// The deploy files that are merged for `config/deploy.yml` alone, and for each destination.
pub(super) fn deploys(shape: &Shape, planned: &Planned) -> Vec<(String, String, String)> {
    let Some(base) = planned.ours("config/deploy.yml") else {
        return Vec::new();
    };
    let mut all = vec![(
        "config/deploy.yml".to_owned(),
        base.text.clone(),
        String::new(),
    )];
    for (name, _) in &shape.destinations {
        let path = format!("config/deploy.{name}.yml");
        if let Some(own) = planned.ours(&path) {
            all.push((path, base.text.clone(), own.text.clone()));
        }
    }
    all
}

/// The servers that requests go to.
pub(super) fn web(base: Option<Node<'_>>, own: Option<Node<'_>>) -> Vec<String> {
    let web = dig(own, &["servers", "web"]).or_else(|| dig(base, &["servers", "web"]));
    match list(dig(web, &["hosts"])) {
        none if none.is_empty() => list(web),
        hosts => hosts,
    }
}

#[test]
fn several_servers_neither_fetch_certificates_nor_prepare_databases_at_once() {
    holds(|shape, planned| {
        for (path, base, own) in deploys(shape, planned) {
            let (base, own) = (syntax::yaml::parse(&base), syntax::yaml::parse(&own));
            let (base, own) = (base.root(), own.root());
            let count = web(base, own).len();
            if count < 2 {
                continue;
            }
            let ssl = merged(base, own, &["proxy", "ssl"]).concat();
            ensure(ssl != "true", || {
                format!("{path}: {count} servers fetch one certificate")
            })?;
            let limit = merged(base, own, &["boot", "limit"]).concat();
            ensure(limit == "1", || {
                format!("{path}: {count} servers boot at once, and each runs db:prepare")
            })?;
        }
        Ok(())
    });
}

#[test]
fn what_the_locked_kamal_cannot_read_is_not_written() {
    holds(|shape, planned| {
        if shape.kamal != Some("2.3.0") || shape.chose(Choice::Kamal, "1") {
            return Ok(());
        }
        for (path, base, own) in deploys(shape, planned) {
            for text in [base, own] {
                let yaml = syntax::yaml::parse(&text);
                let root = yaml.root();
                for keys in [
                    &["proxy", "run"][..],
                    &["proxy", "ssl", "certificate_pem"],
                    &["proxy", "path_prefix"],
                    &["stop_timeout"],
                    &["error_pages_path"],
                ] {
                    ensure(dig(root, keys).is_none(), || {
                        format!("{path}: {}", keys.join("."))
                    })?;
                }
                let registry = dig(root, &["registry"]);
                let has_user = registry.is_none() || dig(registry, &["username"]).is_some();
                ensure(has_user, || format!("{path}: a registry without a user"))?;
            }
        }
        for (path, _, text) in secret_files(shape, planned) {
            let adapter = text.split_once("--adapter ").map(|(_, rest)| rest);
            let is_known = adapter.is_none_or(|rest| {
                let old = ["1password ", "bitwarden ", "lastpass "];
                old.iter().any(|name| rest.starts_with(name))
            });
            ensure(is_known, || format!("{path}: {text}"))?;
        }
        Ok(())
    });
}

#[test]
fn nothing_that_a_deploy_needs_is_empty() {
    holds(|shape, planned| {
        for (path, base, own) in deploys(shape, planned) {
            let (base, own) = (syntax::yaml::parse(&base), syntax::yaml::parse(&own));
            let (base, own) = (base.root(), own.root());
            for keys in [&["service"][..], &["image"], &["env", "secret"]] {
                let value = merged(base, own, keys).concat();
                ensure(!value.is_empty(), || {
                    format!("{path}: {} is empty", keys.join("."))
                })?;
            }
            for keys in [
                &["registry", "username"][..],
                &["registry", "server"],
                &["proxy", "host"],
            ] {
                let node = dig(base, keys);
                let is_said = node.is_none_or(|node| !list(Some(node)).concat().is_empty());
                ensure(is_said, || format!("{path}: {} is empty", keys.join(".")))?;
            }
            let image = merged(base, own, &["image"]).concat();
            ensure(image.split('/').all(|part| !part.is_empty()), || {
                format!("{path}: image {image}")
            })?;
        }
        Ok(())
    });
}

#[test]
fn accessories_run_on_servers_of_their_own_destination() {
    holds(|shape, planned| {
        for (path, base, own) in deploys(shape, planned) {
            let (base, own) = (syntax::yaml::parse(&base), syntax::yaml::parse(&own));
            let (base, own) = (base.root(), own.root());
            let servers = web(base, own);
            for accessory in ["db", "redis", "traefik"] {
                for key in ["host", "hosts"] {
                    let hosts = merged(base, own, &["accessories", accessory, key]);
                    let strange = hosts.iter().find(|host| !servers.contains(host));
                    ensure(strange.is_none(), || {
                        format!("{path}: {accessory} runs elsewhere than the app")
                    })?;
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a_destination_takes_no_requests_for_another_and_trusts_no_stranger() {
    holds(|shape, planned| {
        for (path, base, own) in deploys(shape, planned) {
            let is_base = own.is_empty();
            let (base, own) = (syntax::yaml::parse(&base), syntax::yaml::parse(&own));
            let (base, own) = (base.root(), own.root());
            let own_host = list(dig(own, &["proxy", "host"]));
            let host = merged(base, own, &["proxy", "host"]);
            ensure(is_base || host == own_host, || {
                format!("{path}: the proxy answers for the other domain")
            })?;
            let labels = merged(base, own, &["proxy", "run", "options", "label"]);
            let rule = labels.iter().find(|label| label.contains(".rule="));
            let leads_here = rule.is_none_or(|rule| rule.contains(&format!("`{}`", host.concat())));
            ensure(leads_here, || {
                format!("{path}: Traefik leads another domain here")
            })?;
            // kamal-proxy would believe what a browser says of where a request comes from.
            let ends_tls = merged(base, own, &["proxy", "ssl"]).concat() != "false"
                && dig(base, &["proxy"]).is_some();
            let believes = merged(base, own, &["proxy", "forward_headers"]).concat() == "true";
            ensure(!(ends_tls && believes), || {
                format!("{path}: TLS ends here, and X-Forwarded-For is believed")
            })?;
        }
        Ok(())
    });
}

#[test]
fn kamal_1_leads_to_accessories_by_an_address_that_there_is() {
    holds(|shape, planned| {
        if !shape.chose(Choice::Kamal, "1") {
            return Ok(());
        }
        for path in ["config/deploy.yml", ".env.erb"] {
            let text = planned.ours(path).map_or("", |file| file.text.as_str());
            for line in text
                .lines()
                .filter(|line| !line.trim_start().starts_with('#'))
            {
                // Containers of Kamal 1 are on Docker's first network, which knows no names.
                let is_named = line.contains("harbour-db") || line.contains("harbour-redis");
                ensure(!is_named, || format!("{path}: {}", line.trim()))?;
            }
        }
        Ok(())
    });
}

#[test]
fn an_accessory_that_is_spoken_of_runs_where_the_app_does() {
    holds(|shape, planned| {
        for (path, base, own) in deploys(shape, planned) {
            let (base, own) = (syntax::yaml::parse(&base), syntax::yaml::parse(&own));
            let (base, own) = (base.root(), own.root());
            let servers = web(base, own);
            let texts = [
                ("DB_HOST", "db"),
                ("PGHOST", "db"),
                ("REDIS_URL", "redis"),
                ("DATABASE_HOST", "db"),
            ];
            for (variable, accessory) in texts {
                let value = merged(base, own, &["env", "clear", variable]).concat();
                if !value.contains(&format!("harbour-{accessory}")) {
                    continue;
                }
                let hosts = merged(base, own, &["accessories", accessory, "host"]);
                ensure(
                    hosts.first().is_some_and(|host| servers == [host.clone()]),
                    || {
                        format!(
                            "{path}: {variable} is {value}, which runs on {hosts:?}, and the app on {servers:?}"
                        )
                    },
                )?;
            }
        }
        Ok(())
    });
}
