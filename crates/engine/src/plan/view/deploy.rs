//! How Kamal deploys the app: servers, proxy, registry, builder, environment, accessories.

use serde::Serialize;

use super::basis::{self, Basis, Kamal};
use super::boot;
use super::database::{self, DatabaseView};
use super::image::ImageView;
use super::jobs::{self, JobsView};
use super::proxy::{self, Tls, TlsView, TraefikView};
use super::secrets::{SecretView, SecretsView};
use super::{Notebook, VariableView};
use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::assets::Pipeline;
use crate::facts::database::Adapter;
use crate::facts::logs::Target;
use crate::facts::placeholders::is_placeholder;
use crate::facts::redis::Part;
use crate::plan::intent::{Choice, Intent};
use crate::plan::releases;
use crate::tree::Path;
use crate::version::at_least;

/// Gems that speak to Redis, and what for.
const REDIS: [&str; 5] = ["sidekiq", "redis", "redis-client", "resque", "kredis"];

/// Gems that ask a server of their own, which server, and what `config/deploy.yml` calls it that has it.
const SEARCHES: [(&str, &str, &[&str]); 8] = [
    ("chewy", "Elasticsearch", &["elasticsearch"]),
    ("elasticsearch", "Elasticsearch", &["elasticsearch"]),
    ("meilisearch", "Meilisearch", &["meili"]),
    ("meilisearch-rails", "Meilisearch", &["meili"]),
    ("opensearch-ruby", "OpenSearch", &["opensearch"]),
    (
        "searchkick",
        "Elasticsearch or OpenSearch",
        &["elasticsearch", "opensearch"],
    ),
    ("sunspot_rails", "Solr", &["solr"]),
    ("typesense", "Typesense", &["typesense"]),
];

/// `config/deploy.yml`.
#[derive(Clone, Debug, Serialize)]
pub(in crate::plan) struct DeployView {
    pub(in crate::plan) is_kamal_1: bool,
    pub(super) service: String,
    image: String,
    pub(super) servers: Vec<String>,
    pub(super) jobs: JobsView,
    tls: TlsView,
    domain: Option<String>,
    port: Option<u16>,
    health_path: Option<String>,
    traefik: Option<TraefikView>,
    /// Whether `proxy.run` tells kamal-proxy how to start.
    proxy_run: bool,
    pub(super) registry: RegistryView,
    arches: Vec<String>,
    build_secrets: Vec<String>,
    ssh: bool,
    cache: bool,
    clear: Vec<VariableView>,
    env_secrets: Vec<String>,
    pub(in crate::plan) secrets: SecretsView,
    volumes: Vec<VolumeView>,
    asset_path: Option<String>,
    hardened: Option<HardenedView>,
    boot_limit: bool,
    /// Whether Kamal is to show what hooks say.
    shows_hooks: bool,
    stop_timeout: Option<StopView>,
    console: Option<&'static str>,
    pub(in crate::plan) database: Option<DatabaseView>,
    pub(super) redis: Option<RedisView>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct RegistryView {
    pub(super) is_local: bool,
    pub(super) server: Option<String>,
    username: String,
}

/// A folder that outlives a deploy.
#[derive(Clone, Debug, Serialize)]
struct VolumeView {
    name: String,
    /// Below the app's own.
    folder: String,
    what: &'static str,
}

impl VolumeView {
    fn new(service: &str, folder: String, what: &'static str) -> Self {
        let own = folder.rsplit('/').next().unwrap_or(&folder);
        Self {
            name: format!("{service}_{own}"),
            folder,
            what,
        }
    }
}

#[derive(Clone, Debug, Serialize)]
struct HardenedView {
    tmpfs: Vec<String>,
}

/// The time that containers get to end by themselves.
#[derive(Clone, Debug, Serialize)]
struct StopView {
    seconds: i64,
    /// The key that the locked Kamal reads it from.
    key: &'static str,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct RedisView {
    pub(super) image: String,
}

/// `config/deploy.NAME.yml` and its secrets: what is not as in `config/deploy.yml`.
#[derive(Debug, Serialize)]
pub(in crate::plan) struct DestinationView {
    pub(in crate::plan) name: String,
    servers: Vec<String>,
    domain: Option<String>,
    tls: TlsView,
    boot_limit: bool,
    job_role: bool,
    clear: Vec<VariableView>,
    pub(in crate::plan) secrets: SecretsView,
    has_database: bool,
    uses_database: bool,
    has_redis: bool,
    /// What accessories are called after, where another deploy is on the same server.
    own_names: Option<String>,
    volumes: Vec<VolumeView>,
}

pub(super) fn think(basis: &Basis<'_>, image: &ImageView, notebook: &mut Notebook) -> DeployView {
    service(basis, notebook);
    if basis.kamal.is_one() {
        kamal_1(basis, notebook);
    }
    schema_dump(basis, notebook);
    searches(basis, notebook);
    let registry = registry(basis, notebook);
    let arches = arches(basis, notebook);
    let tls = proxy::tls(basis, basis.intent, notebook);
    let domain = proxy::domain(basis, basis.intent, &tls, notebook);
    let accessories = Accessories {
        database: true,
        redis: true,
        service: &basis.name,
    };
    let mut environment = environment(basis, basis.intent, image, accessories, notebook);
    environment
        .secrets
        .extend(outside_of_containers(image, &registry, &tls));
    let tokens = image
        .javascript
        .iter()
        .flat_map(|javascript| &javascript.secrets);
    let mut build_secrets: Vec<String> = image.gems.secrets.iter().chain(tokens).cloned().collect();
    build_secrets.extend(image.boot.needs_key.then(|| boot::MASTER_KEY.to_owned()));
    let env_secrets = environment.of_containers();
    DeployView {
        is_kamal_1: basis.kamal.is_one(),
        service: basis.name.clone(),
        image: match &registry {
            RegistryView { is_local: true, .. } => basis.name.clone(),
            registry => format!("{}/{}", registry.username, basis.name),
        },
        servers: basis.servers.clone(),
        traefik: proxy::traefik(basis, notebook),
        proxy_run: basis.kamal.has([2, 10]),
        port: (image.port != 80).then_some(image.port),
        health_path: proxy::health_path(basis, notebook),
        volumes: volumes(basis, notebook),
        asset_path: asset_path(basis, image, notebook),
        hardened: hardened(basis, notebook),
        boot_limit: boot_limit(basis, notebook),
        shows_hooks: basis.intent.all(Choice::Hooks).is_some() && basis.kamal.has([2, 11]),
        stop_timeout: stop_timeout(basis, &environment.jobs, notebook),
        console: match basis.adapter.value {
            Adapter::Sqlite => Some("bin/rails dbconsole"),
            _ => image
                .runtime_packages
                .iter()
                .any(|package| package.ends_with("-client"))
                .then_some("bin/rails dbconsole --include-password"),
        },
        cache: basis
            .intent
            .one(Choice::Ci)
            .is_some_and(|ci| ci.value != "none")
            && !registry.is_local,
        build_secrets,
        ssh: image.gems.ssh,
        arches,
        registry,
        tls,
        domain,
        clear: environment.clear,
        env_secrets,
        secrets: SecretsView::of(basis, environment.secrets, notebook),
        jobs: environment.jobs,
        database: environment.database,
        redis: environment.redis,
    }
}

/// The destinations that have files of their own.
pub(super) fn destinations(
    basis: &Basis<'_>,
    image: &ImageView,
    base: &DeployView,
    notebook: &mut Notebook,
) -> Vec<DestinationView> {
    basis
        .intent
        .destinations()
        .map(|name| {
            let intent = basis.intent.of_destination(name);
            let mut quiet = Notebook::default();
            let tls = proxy::tls(basis, &intent, &mut quiet);
            let own = own_names(basis, name);
            let accessories = Accessories {
                database: base.database.is_some(),
                redis: base.redis.is_some(),
                service: own.as_deref().unwrap_or(&basis.name),
            };
            let environment =
                environment(basis, &intent, image, accessories, &mut quiet);
            let mut secrets = environment.secrets;
            // Kamal merges the base's accessory in, whether it is used here or not.
            let passwords = base.database.iter().flat_map(|database| &database.passwords);
            for password in passwords {
                if secrets.iter().all(|secret| secret.name != *password) {
                    let comment = "What the accessory of config/deploy.yml is created with; nothing uses it here.";
                    secrets.push(SecretView::from_outside(*password, comment).kept_from_containers());
                }
            }
            secrets.extend(outside_of_containers(image, &base.registry, &tls));
            let servers = basis::servers(&intent);
            let own_environment = format!("config/environments/{name}.rb");
            if name != "production" && basis.app.tree().has(&own_environment) {
                notebook.note(format!(
                    "{name} runs as production, as the image does, and {own_environment} is not read. `RAILS_ENV: {name}` under `env` in config/deploy.{name}.yml changes that; config/database.yml and its siblings need a section `{name}` then."
                ));
            }
            if environment.database.is_none() && base.database.is_some() {
                notebook.note(format!(
                    "Kamal merges the accessories of config/deploy.yml into {name}, which has its database elsewhere: never boot `db` there."
                ));
            }
            DestinationView {
                name: name.to_owned(),
                // Without one of its own it would answer for the base's.
                domain: proxy::domain(basis, &intent, &tls, &mut quiet)
                    .or_else(|| base.domain.as_ref().map(|_| "<domain>".to_owned())),
                tls,
                boot_limit: servers.len() > 1,
                job_role: base.jobs.role.is_some(),
                // Kamal merges `clear` key by key.
                clear: environment
                    .clear
                    .into_iter()
                    .filter(|variable| !base.clear.contains(variable))
                    .collect(),
                secrets: SecretsView::of(basis, secrets, &mut quiet),
                has_database: base.database.is_some(),
                uses_database: environment.database.is_some(),
                has_redis: base.redis.is_some(),
                volumes: own
                    .as_ref()
                    .map(|own| {
                        let service = own.replace('-', "_");
                        let volumes = base.volumes.iter();
                        let own = |volume: &VolumeView| {
                            VolumeView::new(&service, volume.folder.clone(), volume.what)
                        };
                        volumes.map(own).collect()
                    })
                    .unwrap_or_default(),
                own_names: own,
                servers,
            }
        })
        .collect()
}

/// Secrets that the build and Kamal itself need.
fn outside_of_containers(
    image: &ImageView,
    registry: &RegistryView,
    tls: &TlsView,
) -> Vec<SecretView> {
    let mut secrets = Vec::new();
    let mut add = |name: &str, comment: String| {
        secrets.push(SecretView::from_outside(name, comment).kept_from_containers());
    };
    for name in &image.gems.secrets {
        add(
            name,
            "Credentials of the gem server, `user:password`, from your environment.".to_owned(),
        );
    }
    for name in image
        .javascript
        .iter()
        .flat_map(|javascript| &javascript.secrets)
    {
        add(
            name,
            "A token of the package registry, from your environment.".to_owned(),
        );
    }
    if !registry.is_local {
        add(
            "KAMAL_REGISTRY_PASSWORD",
            "A token of the registry, from your environment.".to_owned(),
        );
    }
    if tls.ends == Tls::Certificate {
        for (name, what) in [
            ("CERTIFICATE_PEM", "The certificate with its chain"),
            ("PRIVATE_KEY_PEM", "Its key"),
        ] {
            add(name, format!("{what}, from your environment."));
        }
    }
    secrets
}

fn service(basis: &Basis<'_>, notebook: &mut Notebook) {
    notebook.decide(
        "service",
        &basis.service,
        "containers, volumes and accessories are named after it",
    );
}

/// Says so where `db:prepare` would write a schema into code that belongs to root.
fn schema_dump(basis: &Basis<'_>, notebook: &mut Notebook) {
    let dumps = basis
        .app
        .rails()
        .boolean("config.active_record.dump_schema_after_migration");
    if dumps.is_absent() || dumps.known().is_some_and(|dumps| dumps.value) {
        notebook.note("After migrating, production would write db/schema.rb, which belongs to root in the image: set `config.active_record.dump_schema_after_migration = false` in production.rb.");
    }
}

fn kamal_1(basis: &Basis<'_>, notebook: &mut Notebook) {
    if let Some(chosen) = basis.intent.one(Choice::Kamal) {
        notebook.decide(
            "Kamal",
            &chosen.map(|_| "1, with Traefik"),
            "as you said; Kamal 2 refuses these keys and has a proxy of its own",
        );
    }
    if let Some(locked) = basis.app.gems().locked("kamal").known()
        && at_least(&locked, [2, 0])
    {
        notebook.note(format!(
            "Gemfile.lock has Kamal {}, which refuses `traefik:` and `healthcheck:`: these files are for Kamal 1.9.",
            locked.value
        ));
    }
    notebook.note("Kamal 1 reads secrets from .env: `kamal envify` writes it out of .env.erb, and it never belongs into git.");
}

/// The accessories that there can be: a destination has those of `config/deploy.yml` alone.
#[derive(Clone, Copy)]
pub(super) struct Accessories<'a> {
    pub(super) database: bool,
    pub(super) redis: bool,
    /// What their names on the server begin with.
    pub(super) service: &'a str,
}

/// What is named after a destination of its own, as another deploy is on the same server: Kamal puts a
/// destination into the names of containers, and into no other.
fn own_names(basis: &Basis<'_>, name: &str) -> Option<String> {
    let servers = basis::servers(&basis.intent.of_destination(name));
    let before = basis
        .intent
        .destinations()
        .take_while(|other| *other != name);
    let taken = before
        .flat_map(|other| basis::servers(&basis.intent.of_destination(other)))
        .chain(basis.servers.iter().cloned());
    let is_shared = taken
        .into_iter()
        .any(|taken| servers.contains(&taken) && !is_placeholder(&taken));
    is_shared.then(|| format!("{}-{name}", basis.name))
}

struct Environment {
    clear: Vec<VariableView>,
    secrets: Vec<SecretView>,
    jobs: JobsView,
    database: Option<DatabaseView>,
    redis: Option<RedisView>,
}

impl Environment {
    fn of_containers(&self) -> Vec<String> {
        let of_containers = self.secrets.iter().filter(|secret| secret.is_of_containers);
        of_containers.map(|secret| secret.name.clone()).collect()
    }
}

fn environment(
    basis: &Basis<'_>,
    intent: &Intent,
    image: &ImageView,
    accessories: Accessories<'_>,
    notebook: &mut Notebook,
) -> Environment {
    let mut clear = Vec::new();
    let mut secrets = vec![key(basis, notebook)];
    let jobs = jobs::think(basis, &mut clear, notebook);
    let database = database::think(
        basis,
        intent,
        accessories,
        &mut clear,
        &mut secrets,
        notebook,
    );
    // Since 3.4 the library of mysql2 wants a certificate that it knows, and the image of MySQL makes
    // its own (brianmario/mysql2#1379).
    if database.is_some() && basis.adapter.value == Adapter::MySql {
        clear.push(VariableView {
            name: "MARIADB_TLS_DISABLE_PEER_VERIFICATION".to_owned(),
            value: "1".to_owned(),
            comment: "The accessory makes its own certificate, which nobody could know.".to_owned(),
        });
    }
    let redis = redis(basis, intent, accessories, &mut clear, notebook);
    if let Answer::Is(serving) = basis.app.assets().served_by_rails()
        && let Some(name) = serving.value
    {
        clear.push(VariableView {
            name,
            value: "true".to_owned(),
            comment: "production.rb has Rails serve the files in public only while this is set."
                .to_owned(),
        });
    }
    if let Answer::Is(target) = basis.app.logs().target()
        && let Target::FileUnless(name) = target.value
    {
        clear.push(VariableView {
            name,
            value: "true".to_owned(),
            comment: "production.rb has Rails log into a file in the container unless this is set."
                .to_owned(),
        });
    }
    boot::of_containers(basis, &clear, &mut secrets, notebook);
    let is_kamal_1 = basis.kamal.is_one();
    if is_kamal_1 && image.has_thruster {
        notebook.note("Thruster listens on port 80 behind Traefik: leave TLS_DOMAIN unset.");
    }
    Environment {
        clear,
        secrets,
        jobs,
        database,
        redis,
    }
}

/// The secret that Rails cannot boot without.
fn key(basis: &Basis<'_>, notebook: &mut Notebook) -> SecretView {
    let Some((credentials, key)) = basis.credentials() else {
        notebook.take(
            "key",
            "SECRET_KEY_BASE",
            "the app has no credentials file, so this is the key that Rails needs",
        );
        return SecretView::from_outside(
            "SECRET_KEY_BASE",
            "Signs cookies; `bin/rails secret` makes one. It comes from your environment.",
        );
    };
    let origin = Origin::at(Place::File(credentials.into()), "encrypted credentials");
    notebook.decide(
        "key",
        &Fact::new(boot::MASTER_KEY, origin),
        "it decrypts the credentials at boot",
    );
    SecretView::looked_up(
        boot::MASTER_KEY,
        format!("$(cat {key})"),
        format!("Decrypts {credentials}."),
    )
}

/// The image of a store for what speaks Redis, where anything does.
pub(super) fn redis_image(basis: &Basis<'_>) -> Option<String> {
    basis.first_gem(&REDIS)?;
    Some(format!("valkey/valkey:{}", releases::VALKEY))
}

/// A store for what speaks Redis.
fn redis(
    basis: &Basis<'_>,
    intent: &Intent,
    accessories: Accessories<'_>,
    clear: &mut Vec<VariableView>,
    notebook: &mut Notebook,
) -> Option<RedisView> {
    let gem = basis.first_gem(&REDIS)?;
    let read = basis.app.redis_variables();
    let mut names: Vec<(String, Part)> = read.iter().map(|read| read.value.clone()).collect();
    // What all of these gems ask for by themselves.
    if !names.iter().any(|(name, _)| name == "REDIS_URL") {
        names.insert(0, ("REDIS_URL".to_owned(), Part::Url));
    }
    let is_accessory = basis::servers(intent).len() == 1 && accessories.redis;
    let (host, comment) = if is_accessory {
        notebook.decide(
            "Redis",
            &gem.map(|gem| format!("Valkey {} for {gem}", releases::VALKEY)),
            "an accessory, reached by its name, without a port to the outside",
        );
        let host = if basis.kamal.is_one() {
            database::DOCKER_ADDRESS.to_owned()
        } else {
            format!("{}-redis", accessories.service)
        };
        (
            host,
            "The accessory below, by the name that containers on this server reach it by.",
        )
    } else {
        (
            "<redis-address>".to_owned(),
            "Where Redis is, for all servers alike.",
        )
    };
    names.retain(|(_, part)| *part != Part::Password);
    for (index, (name, part)) in names.into_iter().enumerate() {
        let (value, other) = match part {
            Part::Url => (
                format!("redis://{host}:6379/0"),
                "The same, by another name that the app reads.",
            ),
            Part::UrlWithoutDatabase => (
                format!("redis://{host}:6379"),
                "The same; the app puts a database's number behind it.",
            ),
            Part::UrlWithoutPort => (
                format!("redis://{host}"),
                "The same; the app puts a port behind it.",
            ),
            Part::Host => (host.clone(), "Its name alone, as the app reads it."),
            Part::Port | Part::Password => {
                ("6379".to_owned(), "Its port alone, as the app reads it.")
            }
        };
        clear.push(VariableView {
            name,
            value,
            comment: if index == 0 { comment } else { other }.to_owned(),
        });
    }
    if let Some(password) = read.iter().find(|read| read.value.1 == Part::Password) {
        notebook.note(format!(
            "{}: `{}` is read, and the Redis of config/deploy.yml asks for no password: give it one (`--requirepass`) and the containers the secret, or take the password out.",
            password.origin.place.describe(basis.app.tree()),
            password.value.0
        ));
    }
    if !is_accessory {
        return None;
    }
    Some(RedisView {
        image: redis_image(basis)?,
    })
}

/// Says so where the app searches on a server that nothing written here runs.
fn searches(basis: &Basis<'_>, notebook: &mut Notebook) {
    let deploy = basis.app.tree().source("config/deploy.yml");
    let deploy = deploy.map_or_else(String::new, |deploy| deploy.text().to_lowercase());
    let found = SEARCHES.iter().find_map(|(gem, server, names)| {
        let version = basis.gem(gem)?;
        let is_there = names.iter().any(|name| deploy.contains(name));
        (!is_there).then_some((gem, server, version))
    });
    if let Some((gem, server, version)) = found {
        notebook.note(format!(
            "{}: {gem} searches on a server, {server}, and init writes no accessory for it: give the containers the address of one, as they look for it in themselves otherwise.",
            version.origin.place.describe(basis.app.tree())
        ));
    }
}

fn registry(basis: &Basis<'_>, notebook: &mut Notebook) -> RegistryView {
    let chosen = basis.intent.one(Choice::Registry);
    let user = || {
        basis
            .intent
            .one(Choice::RegistryUser)
            .map_or_else(|| "<registry-user>".to_owned(), |user| user.value)
    };
    if let Some(chosen) = &chosen
        && !(chosen.value.starts_with("localhost:")
            && basis.kamal.has(releases::KAMAL_LOCAL_REGISTRY))
    {
        notebook.decide(
            "registry",
            chosen,
            "the image is pushed there, and pulled by the servers",
        );
        let server = (chosen.value != "docker.io").then(|| chosen.value.clone());
        return RegistryView {
            is_local: false,
            server,
            username: user(),
        };
    }
    if chosen.is_none() && !basis.kamal.has(releases::KAMAL_LOCAL_REGISTRY) {
        match &basis.kamal {
            Kamal::One => notebook.take(
                "registry",
                "Docker Hub",
                "Kamal 1 cannot run a registry of its own",
            ),
            Kamal::Two(Some(kamal)) => notebook.decide(
                "registry",
                &kamal.clone().map(|_| "Docker Hub"),
                "Kamal before 2.8 cannot run a registry of its own",
            ),
            Kamal::Two(None) => {}
        }
        return RegistryView {
            is_local: false,
            server: None,
            username: user(),
        };
    }
    let server = chosen.map_or_else(|| "localhost:5555".to_owned(), |chosen| chosen.value);
    let why = "Kamal starts it here and the servers pull through SSH: no account, no password";
    match &basis.kamal {
        Kamal::Two(Some(kamal)) => {
            notebook.decide("registry", &kamal.clone().map(|_| server.clone()), why);
        }
        _ => {
            notebook.note("Kamal is not in the bundle: `bundle add kamal --group development` pins its version.");
            notebook.take("registry", server.clone(), why);
        }
    }
    RegistryView {
        is_local: true,
        server: Some(server),
        username: String::new(),
    }
}

fn arches(basis: &Basis<'_>, notebook: &mut Notebook) -> Vec<String> {
    let arches = match basis.intent.all(Choice::Arch) {
        Some(arches) => arches,
        None => Fact::default(vec!["amd64".to_owned()], "seaworthy's default", "arch"),
    };
    notebook.decide(
        "architecture",
        &arches.clone().map(|arches| arches.join(", ")),
        "Kamal 2 builds nothing without it; most servers are amd64",
    );
    arches.value
}

/// What Kamal keeps of the version before: one folder, which it mounts over the image's with the
/// files of both versions in it, its own first (kamal 2.12 `lib/kamal/commands/app/assets.rb`,
/// `lib/kamal/configuration/role.rb`).
fn asset_path(basis: &Basis<'_>, image: &ImageView, notebook: &mut Notebook) -> Option<String> {
    let assets = basis.app.assets();
    let pipeline = assets.pipeline().known();
    let is_in_doubt = pipeline
        .as_ref()
        .is_some_and(|pipeline| pipeline.value == Pipeline::Sprockets)
        && assets.manifest().is_absent();
    let of_pipeline = image
        .assets
        .as_ref()
        .filter(|_| pipeline.is_some() && !is_in_doubt);
    let bundle = match assets.vite_folder() {
        Answer::Is(folder) => Some(folder),
        // Where it cannot be told, it is somewhere below `public`.
        Answer::Unknown(place, why) => {
            Some(Fact::new(String::new(), Origin::at(place, why.to_string())))
        }
        Answer::Absent(_) => basis.gem("shakapacker").map(|gem| {
            let folder = assets.packs_folder().known();
            folder.unwrap_or_else(|| gem.map(|_| "packs".to_owned()))
        }),
    };
    let public = format!("{}/public", basis.workdir.value);
    let below = |folder: &str| match folder {
        "" => public.clone(),
        folder => format!("{public}/{folder}"),
    };
    // A bundle below the pipeline's folder is in it.
    let bundle = bundle.filter(|bundle| {
        of_pipeline.is_none_or(|pipeline| {
            let rest = bundle.value.strip_prefix(pipeline.folder.as_str());
            !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    });
    // All of `public` has the manifests as well.
    let is_all = image.client.is_some()
        || bundle
            .as_ref()
            .is_some_and(|bundle| bundle.value.is_empty());
    if is_in_doubt {
        let what = if is_all || bundle.is_none() {
            "asset_path is left out"
        } else {
            "asset_path has the bundle alone"
        };
        notebook.note(format!("{what}: Sprockets would find the manifests of two versions there and take either. With `config.assets.manifest = Rails.root.join(\"config/manifest.json\")` in production.rb, the next `seaworthy init` writes it{}.", if bundle.is_some() { " for both" } else { "" }));
    }
    if is_in_doubt && is_all {
        return None;
    }
    // What the folder is there for, where it is above both.
    let both = match (of_pipeline, &bundle) {
        (Some(pipeline), Some(bundle)) if !bundle.value.is_empty() && image.client.is_none() => {
            format!(", for {} and {}", pipeline.folder, bundle.value)
        }
        _ => String::new(),
    };
    let (path, fact, why) = match (of_pipeline, bundle, &image.client) {
        (None, None, None) => return None,
        (Some(pipeline), None, None) => return Some(below(&pipeline.folder)),
        (None, Some(bundle), None) => {
            let path = below(&bundle.value);
            (path, bundle, "the bundle is all that pages ask for")
        }
        (Some(_), Some(bundle), None) => (
            public.clone(),
            bundle,
            "Kamal keeps one folder: only `public` as a whole has the pipeline's files and the bundle; a file that a version drops from it is served until the next one",
        ),
        (_, _, Some(client)) => {
            let manifest = Path::from(client.folder).join("package.json")?;
            let origin = Origin::at(Place::File(manifest), "the client");
            (
                public.clone(),
                Fact::new(String::new(), origin),
                "the client is copied into `public` itself; a file that a version drops from it is served until the next one",
            )
        }
    };
    notebook.decide("asset path", &fact.map(|_| format!("{path}{both}")), why);
    Some(path)
}

fn volumes(basis: &Basis<'_>, notebook: &mut Notebook) -> Vec<VolumeView> {
    let mut volumes = Vec::from_iter(storage(basis, notebook));
    for folder in basis.app.storage().of_uploaders() {
        match folder {
            Answer::Is(folder) => {
                let what = "CarrierWave's uploads";
                let volume = VolumeView::new(&basis.name, folder.value.clone(), what);
                notebook.decide(
                    "volume",
                    &folder.map(|_| volume.name.clone()),
                    format!("without it {what} are gone with every deploy"),
                );
                volumes.push(volume);
            }
            Answer::Unknown(place, _) => notebook.note(format!(
                "{}: uploads are kept on disk, in a folder that cannot be told. Give it a volume in config/deploy.yml, and to the user of the container in the Dockerfile, else no file is stored and none outlives a deploy.",
                place.describe(basis.app.tree())
            )),
            Answer::Absent(_) => {}
        }
    }
    if basis.servers.len() > 1 && !volumes.is_empty() {
        notebook.note("Uploads are kept on the disk of the server that took them: several servers need a service like S3.");
    }
    volumes
}

fn storage(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<VolumeView> {
    // The trio's databases may be files beside a server's.
    let databases = basis.app.databases().known();
    let mut adapters = databases
        .iter()
        .flat_map(|databases| databases.iter())
        .filter_map(|database| database.adapter().known());
    let sqlite = adapters.find(|adapter| adapter.value == Adapter::Sqlite);
    let kind = basis.app.storage().kind().known();
    let disk = kind.filter(|kind| kind.value == "Disk");
    let what = match (sqlite.is_some(), disk.is_some()) {
        (true, true) => "the SQLite databases and uploads",
        (true, false) => "the SQLite databases",
        (false, true) => "uploads",
        (false, false) => return None,
    };
    let origin = match (sqlite, disk) {
        (Some(sqlite), _) => sqlite.origin,
        (None, Some(disk)) => disk.origin,
        (None, None) => return None,
    };
    let volume = VolumeView::new(&basis.name, "storage".to_owned(), what);
    notebook.decide(
        "volume",
        &Fact::new(volume.name.clone(), origin),
        format!("without it {what} are gone with every deploy"),
    );
    Some(volume)
}

fn hardened(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<HardenedView> {
    let hardened = basis.intent.yes_or_no(Choice::Hardened)?;
    if !hardened.value {
        return None;
    }
    notebook.decide(
        "hardened",
        &hardened.map(|_| "read-only root filesystem"),
        "what breaks in can change nothing: only memory and the volume are writable, and no process gains rights",
    );
    let workdir = &basis.workdir.value;
    Some(HardenedView {
        tmpfs: vec![
            "/tmp".to_owned(),
            format!("{workdir}/tmp:uid=1000,gid=1000"),
            format!("{workdir}/log:uid=1000,gid=1000"),
        ],
    })
}

fn boot_limit(basis: &Basis<'_>, notebook: &mut Notebook) -> bool {
    let several = basis.servers.len() > 1;
    if several {
        notebook.take(
            "boot",
            "one server after the other",
            "two that start together would create and migrate the same databases at once",
        );
    }
    several
}

/// What Solid Queue takes to stop, plus some air, where the usual time is too short.
fn stop_timeout(basis: &Basis<'_>, jobs: &JobsView, notebook: &mut Notebook) -> Option<StopView> {
    let shutdown = basis.app.solid().shutdown_timeout().known()?;
    let usual = if jobs.in_puma { 10 } else { 30 };
    let seconds = shutdown.value + 5;
    if seconds <= usual || !(jobs.in_puma || jobs.role.is_some()) {
        return None;
    }
    let since = [2, 12];
    let key = if basis.kamal.has(since) {
        "stop_timeout"
    } else if basis.kamal.is_one() {
        "stop_wait_time"
    } else {
        basis.say_what_is_missed(
            since,
            "give containers that serve requests more than Docker's 10 seconds to stop",
            notebook,
        );
        if jobs.in_puma {
            return None;
        }
        // Roles without a proxy are stopped with this one (kamal 2 `lib/kamal/cli/app/boot.rb`).
        "drain_timeout"
    };
    notebook.decide(
        "stop timeout",
        &shutdown.map(|_| format!("{seconds} seconds")),
        "jobs get the time to end that production.rb promises them",
    );
    Some(StopView { seconds, key })
}
