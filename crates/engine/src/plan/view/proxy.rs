//! What stands in front of the app: where TLS ends, for which domain, and how health is asked.

use serde::Serialize;
use syntax::ruby::ExpressionKind;

use super::Notebook;
use super::basis::{self, Basis};
use crate::fact::Fact;
use crate::plan::intent::{Choice, Intent};
use crate::plan::releases;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tls {
    LetsEncrypt,
    Certificate,
    LoadBalancer,
    Traefik,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct TlsView {
    pub(super) ends: Tls,
    email: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct TraefikView {
    version: &'static str,
}

/// Where TLS ends.
pub(super) fn tls(basis: &Basis<'_>, intent: &Intent, notebook: &mut Notebook) -> TlsView {
    let several = basis::servers(intent).len() > 1;
    if let Some(servers) = intent.all(Choice::Servers) {
        notebook.decide(
            "servers",
            &servers.map(|servers| servers.join(", ")),
            "Kamal reaches them through SSH",
        );
    }
    let email = intent
        .one(Choice::Email)
        .or_else(|| basis.intent.one(Choice::Email));
    let view = |ends| TlsView {
        ends,
        email: email
            .as_ref()
            .map_or_else(|| "<email>".to_owned(), |email| email.value.clone()),
    };
    if basis.intent.is_yes(Choice::Traefik) || basis.kamal.is_one() {
        notebook.take(
            "TLS",
            "Let's Encrypt, by Traefik",
            "Traefik stands in front and fetches the certificate",
        );
        return view(Tls::Traefik);
    }
    let chosen = intent.one(Choice::Tls);
    let certificate_since = [2, 7];
    match chosen.as_ref().map(|chosen| chosen.value.as_str()) {
        Some("certificate") if basis.kamal.has(certificate_since) => {
            let fact = chosen
                .expect("it was chosen")
                .map(|_| "a certificate of your own");
            notebook.decide(
                "TLS",
                &fact,
                "kamal-proxy has it on every server; renewing it is yours",
            );
            return view(Tls::Certificate);
        }
        Some("certificate") => {
            basis.say_what_is_missed(
                certificate_since,
                "serve a certificate of your own, so that Let's Encrypt or a load balancer is written instead",
                notebook,
            );
        }
        Some("load-balancer") => {
            let fact = chosen
                .expect("it was chosen")
                .map(|_| "a load balancer in front");
            notebook.decide(
                "TLS",
                &fact,
                "it ends TLS and sets X-Forwarded-Proto, which kamal-proxy hands on",
            );
            return view(Tls::LoadBalancer);
        }
        _ => {}
    }
    if several {
        notebook.take(
            "TLS",
            "a load balancer in front",
            "several servers cannot share one automatic certificate; --tls certificate gives each your own",
        );
        notebook.note("Several servers share one app: TLS ends at a load balancer in front of them, which sets X-Forwarded-Proto; or say --tls certificate.");
        return view(Tls::LoadBalancer);
    }
    notebook.take(
        "TLS",
        "Let's Encrypt, by kamal-proxy",
        "one server, so it can fetch the certificate itself",
    );
    // Where the user's own deploy.yml stays, this one is only offered.
    if !basis.app.tree().has("config/deploy.yml") {
        rails_behind_tls(basis, notebook);
    }
    view(Tls::LetsEncrypt)
}

/// Says so where Rails would redirect kamal-proxy's health check.
fn rails_behind_tls(basis: &Basis<'_>, notebook: &mut Notebook) {
    let rails = basis.app.rails();
    let is_forced = rails
        .boolean("config.force_ssl")
        .known()
        .is_some_and(|forced| forced.value);
    let assumes = rails.boolean("config.assume_ssl");
    let assumes = assumes.known().is_some_and(|assumed| assumed.value);
    if is_forced && !assumes && rails.setting("config.ssl_options").is_absent() {
        notebook.note("`config.force_ssl` without `config.assume_ssl = true` in production.rb answers kamal-proxy's health check with a redirect, and the deploy fails.");
    } else if !is_forced && rails.setting("config.force_ssl").is_absent() {
        notebook.note("Set `config.assume_ssl = true` and `config.force_ssl = true` in production.rb: cookies are secure only then.");
    }
}

pub(super) fn domain(intent: &Intent, tls: &TlsView, notebook: &mut Notebook) -> Option<String> {
    let domain = intent.one(Choice::Domain);
    if let Some(domain) = &domain {
        notebook.decide("domain", domain, "the proxy answers for it");
    }
    match (domain, tls.ends) {
        (Some(domain), _) => Some(domain.value),
        // A load balancer may well hand over requests for any name.
        (None, Tls::LoadBalancer) => None,
        (None, _) => Some("<domain>".to_owned()),
    }
}

pub(super) fn traefik(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<TraefikView> {
    if basis.kamal.is_one() {
        return Some(TraefikView {
            version: releases::TRAEFIK_OF_KAMAL_1,
        });
    }
    if !basis.intent.is_yes(Choice::Traefik) {
        return None;
    }
    let since = [2, 10];
    if !basis.kamal.has(since) {
        basis.say_what_is_missed(
            since,
            "say in deploy.yml how kamal-proxy runs behind Traefik",
            notebook,
        );
        let service = &basis.name;
        let domain = basis
            .intent
            .one(Choice::Domain)
            .map_or_else(|| "<domain>".to_owned(), |domain| domain.value);
        let labels: String = [
            "traefik.enable=true".to_owned(),
            format!("traefik.http.routers.{service}.rule=Host(\\`{domain}\\`)"),
            format!("traefik.http.routers.{service}.entrypoints=https"),
            format!("traefik.http.routers.{service}.tls.certresolver=letsencrypt"),
            format!("traefik.http.services.{service}.loadbalancer.server.port=80"),
        ]
        .iter()
        .fold(String::new(), |labels, label| {
            labels + " \"label=" + label + "\""
        });
        notebook.note(format!("Before the first deploy: `kamal proxy boot_config set --publish false --docker-options{labels}`."));
    }
    notebook.take(
        "Traefik",
        releases::TRAEFIK,
        "an accessory in front of kamal-proxy, which stays and switches versions",
    );
    notebook.note("Traefik reads Docker's socket, which is root on that server: give it nothing but its own image.");
    Some(TraefikView {
        version: releases::TRAEFIK,
    })
}

/// Where the app answers that it is well, if not at `/up`: the route to `rails/health#show`.
pub(super) fn health_path(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<String> {
    let routes = basis.app.tree().source("config/routes.rb")?;
    let mut found = None;
    for call in routes.ruby().calls_named("get") {
        let Some(ExpressionKind::String(path)) = call.arguments.first().map(|path| &path.kind)
        else {
            continue;
        };
        let target = call.keyword("to").map(|target| &target.kind);
        let in_hash = call
            .arguments
            .iter()
            .find_map(|argument| match &argument.kind {
                ExpressionKind::Hash(pairs) => {
                    pairs
                        .iter()
                        .find_map(|(key, value)| match (&key.kind, &value.kind) {
                            (ExpressionKind::String(path), ExpressionKind::String(target))
                                if target == "rails/health#show" =>
                            {
                                Some(path.clone())
                            }
                            _ => None,
                        })
                }
                _ => None,
            });
        let is_health =
            matches!(target, Some(ExpressionKind::String(target)) if target == "rails/health#show");
        let path = if is_health {
            Some(path.clone())
        } else {
            in_hash
        };
        if let Some(path) = path {
            let path = format!("/{}", path.trim_start_matches('/'));
            found = Some(Fact::read(
                path,
                routes.path(),
                call.span,
                "the health check's route",
            ));
            break;
        }
    }
    let Some(found) = found else {
        let mentions_up = ["\"up\"", "'up'", "/up"]
            .iter()
            .any(|up| routes.text().contains(up));
        if !mentions_up {
            notebook.note("No route answers `/up`, which the proxy asks before it switches: add `get \"up\" => \"rails/health#show\"` to config/routes.rb.");
        }
        return None;
    };
    if found.value == "/up" {
        return None;
    }
    notebook.decide(
        "health check",
        &found,
        "the proxy asks there before it switches; its default is /up",
    );
    Some(found.value)
}
