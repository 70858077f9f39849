//! What many recipes have, and these files have not.

use super::basis::Basis;
use super::image::ImageView;
use crate::facts::database::Adapter;

/// Something that is left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What it is, as recipes write it.
    pub what: &'static str,
    /// Why it is not there.
    pub why: &'static str,
}

pub(super) fn think(basis: &Basis<'_>, image: &ImageView) -> Vec<LeftOut> {
    let mut all = vec![
        (
            "HEALTHCHECK",
            "kamal-proxy asks the app itself; and Kamal waits for a role of jobs, which has the same image, until Docker calls it healthy, which it never does (kamal 2.12 `lib/kamal/cli/healthcheck/poller.rb`)",
        ),
        (
            "RAILS_LOG_TO_STDOUT, RAILS_SERVE_STATIC_FILES",
            "the files of Rails 7.1 and later do not read them (rails 7.1 `config/environments/production.rb.tt`); what this app's production.rb reads is set",
        ),
        (
            "bundle install --deployment --without",
            "Bundler 4 refuses the flags; the variables mean the same to every version (rubygems `doc/bundler/UPGRADING.md`)",
        ),
        (
            "bundle install of the test group",
            "a gem is installed if any of its groups is wanted, so `development` alone leaves test gems in; `development:test` does not (rubygems `bundler/lib/bundler/definition.rb`)",
        ),
        (
            "chown -R over the code",
            "it stores every file a second time, and lets whoever breaks in change the code",
        ),
        (
            "rm -rf /var/lib/apt/lists/*",
            "the lists are in a cache on the builder, and never in a layer",
        ),
    ];
    if !basis.kamal.is_one() {
        all.push(("traefik: and traefik.* labels", "Kamal 2 has a proxy of its own and stops at the key; the labels have no effect (kamal 2.12 `lib/kamal/configuration/validator.rb`)"));
    }
    if basis.adapter.value == Adapter::PostgreSql
        && !image
            .runtime_packages
            .iter()
            .any(|name| name == "postgresql-client")
    {
        all.push((
            "postgresql-client",
            "the pg gem needs its library alone; the client brings perl, 60 MB in all",
        ));
    }
    if basis.gem("sidekiq").is_none() && basis.gem("solid_queue").is_some() {
        all.push(("SOLID_QUEUE_IN_PUMA: false", "before Rails 8.2 any value runs jobs in Puma, `false` as well; leaving the key away turns it off (rails 8.1 `config/puma.rb.tt`)"));
    }
    if image.has_thruster {
        all.push((
            "TLS_DOMAIN",
            "the proxy in front ends TLS; Thruster would ask for a certificate that it cannot get",
        ));
    }
    if image.javascript.is_some() {
        all.push((
            "node-build or a setup script from the net",
            "Node comes out of its official image, at an exact version that Docker verifies",
        ));
    }
    all.into_iter()
        .map(|(what, why)| LeftOut { what, why })
        .collect()
}
