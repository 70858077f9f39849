//! What stands in front of the app: where TLS ends, for which domain, and how health is asked.

use serde::Serialize;

use super::Notebook;
use super::basis::{self, Basis};
use crate::fact::Answer;
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
    /// Whether Rails looks for the visitor in what a CDN in front says.
    is_behind_cdn: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct TraefikView {
    version: &'static str,
}

/// Where TLS ends.
pub(super) fn tls(basis: &Basis<'_>, intent: &Intent, notebook: &mut Notebook) -> TlsView {
    let several = basis::servers(intent).len() > 1;
    // Where the user's own deploy.yml stays, this one is only offered.
    if !basis.app.tree().has("config/deploy.yml") {
        rails_behind_tls(basis, notebook);
    }
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
    let is_behind_cdn = basis.app.middleware().behind_cdn().is_some();
    let view = |ends| TlsView {
        ends,
        is_behind_cdn,
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
    view(Tls::LetsEncrypt)
}

/// Says so where Rails would redirect the proxy's health check, or lets cookies go without TLS.
fn rails_behind_tls(basis: &Basis<'_>, notebook: &mut Notebook) {
    let rails = basis.app.rails();
    let forced = rails.boolean("config.force_ssl");
    let is_off = match &forced {
        Answer::Is(forced) => !forced.value,
        Answer::Absent(_) => true,
        Answer::Unknown(..) => false,
    };
    let is_forced = forced.known().is_some_and(|forced| forced.value);
    let assumes = rails.boolean("config.assume_ssl");
    let assumes = assumes.known().is_some_and(|assumed| assumed.value);
    if is_forced && !assumes && rails.setting("config.ssl_options").is_absent() {
        notebook.note("`config.force_ssl` without `config.assume_ssl = true` in production.rb answers the proxy's health check with a redirect, and the deploy fails.");
    } else if is_off {
        notebook.note("Set `config.assume_ssl = true` and `config.force_ssl = true` in production.rb: cookies are secure only then.");
    }
}

/// Says so where Rails refuses requests for the domain.
fn host_is_let_in(basis: &Basis<'_>, domain: &str, notebook: &mut Notebook) {
    let Some(hosts) = basis.app.middleware().hosts().known() else {
        return;
    };
    // What is no plain name may be a pattern that it matches.
    let lets_in = |host: &str| {
        let host = host.trim_matches(['"', '\'']);
        let is_plain = host
            .chars()
            .all(|c| c.is_alphanumeric() || ".-".contains(c));
        !is_plain || host == domain || (host.starts_with('.') && domain.ends_with(host))
    };
    if !hosts.iter().any(|host| lets_in(host)) {
        notebook.note(format!(
            "`config.hosts` does not let {domain} in, so that each request is answered with 403: add it there."
        ));
    }
}

pub(super) fn domain(
    basis: &Basis<'_>,
    intent: &Intent,
    tls: &TlsView,
    notebook: &mut Notebook,
) -> Option<String> {
    let domain = intent.one(Choice::Domain);
    if let Some(domain) = &domain {
        notebook.decide("domain", domain, "the proxy answers for it");
        host_is_let_in(basis, domain, notebook);
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

/// Where the app answers that it is well, if not at `/up`: the route to `rails/health#show`, else the path that
/// Rails keeps out of its log.
pub(super) fn health_path(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<String> {
    let rails = basis.app.rails();
    let routes = basis.app.routes();
    let up = routes.get("/up");
    if up.is_known() {
        return None;
    }
    if let Some(found) = routes.to("rails/health#show") {
        let found = found.labelled("the health check's route");
        notebook.decide(
            "health check",
            &found,
            "the proxy asks there before it switches; its default is /up",
        );
        return Some(found.value);
    }
    let quiet = rails.symbol("config.silence_healthcheck_path").known();
    let quiet = quiet.filter(|path| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        path.starts_with('/') && path.chars().all(is_plain) && path.value != "/up"
    });
    if let Some(quiet) = quiet.filter(|path| !routes.get(path).is_absent()) {
        notebook.decide(
            "health check",
            &quiet,
            "no route surely answers /up, and production.rb keeps this path out of the log, as a health check's",
        );
        return Some(quiet.value);
    }
    let what = if up.is_absent() {
        "No route"
    } else {
        "Nothing that can be told from the files"
    };
    let line = if rails.has_health_controller() {
        "get \"up\" => \"rails/health#show\""
    } else {
        "get \"up\", to: proc { [200, {}, []] }"
    };
    notebook.note(format!("{what} answers `/up`, which the proxy asks before it switches: add `{line}` to config/routes.rb."));
    None
}
