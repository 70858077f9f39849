//! What an app is.

use engine::plan::{Choice, Values};
use proptest::prelude::*;

/// Values that must never be seen again, by the file that has them.
pub(super) const SECRETS: [(&str, &str); 4] = [
    ("config/master.key", "0b5e55ed0b5e55ed0b5e55ed0b5e55ed"),
    (".env", "gulls-over-the-breakwater-at-dawn"),
    (".kamal/secrets", "moored-beside-the-old-customs-house"),
    ("config/deploy.yml", "tar-and-oakum-in-the-lower-hold"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Database {
    PostgreSql,
    MySql,
    Trilogy,
    Sqlite,
    /// PostgreSQL, of which `database.yml` says a URL alone.
    Url,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JavaScript {
    ImportMaps,
    Npm,
    Yarn,
    YarnBerry,
    Pnpm,
    Bun,
}

/// How far the Solid trio is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trio {
    Missing,
    /// As its installers leave it.
    Separate,
    /// The gems and the schemas are there, and nothing uses them.
    GemsAlone,
    /// One entry of three, and schemas of all.
    QueueAlone,
    /// Tables in the app's own database.
    Single,
}

/// A file of the user's that init writes as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Own {
    Dockerfile,
    DockerfileElsewhere,
    /// Puma alone, whether Thruster is in the bundle or not.
    DockerfileOfPuma,
    Dockerignore,
    Entrypoint,
    Deploy,
    Secrets,
    Compose,
}

pub(super) const OWN: [Own; 8] = [
    Own::Dockerfile,
    Own::DockerfileElsewhere,
    Own::DockerfileOfPuma,
    Own::Dockerignore,
    Own::Entrypoint,
    Own::Deploy,
    Own::Secrets,
    Own::Compose,
];

/// What was said on the command line.
pub(super) type Choices = Vec<(Choice, Vec<String>)>;

#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) database: Database,
    /// What the database is called on its server.
    pub(super) name: &'static str,
    pub(super) javascript: JavaScript,
    pub(super) trio: Trio,
    pub(super) ruby: Option<&'static str>,
    pub(super) kamal: Option<&'static str>,
    pub(super) thruster: bool,
    pub(super) bootsnap: bool,
    pub(super) credentials: bool,
    /// Puma's port where `PORT` is not set.
    pub(super) port: u16,
    pub(super) uploads: bool,
    /// The app's folder in its repository, and one with a gem, seen from there.
    pub(super) beside: Option<(&'static str, &'static str)>,
    pub(super) gems: Vec<&'static str>,
    pub(super) own: Vec<Own>,
    /// Whether the user's own files may be overwritten.
    pub(super) replace: bool,
    pub(super) choices: Choices,
    pub(super) destinations: Vec<(&'static str, Choices)>,
}

/// Gems with what they are locked at, besides those that every shape has.
pub(super) const GEMS: [(&str, &str); 12] = [
    ("redis", "5.4.1"),
    ("sidekiq", "8.1.6"),
    ("good_job", "4.13.0"),
    ("image_processing", "1.14.0"),
    ("ruby-vips", "2.3.0"),
    ("rmagick", "6.1.5"),
    ("charlock_holmes", "0.7.9"),
    ("grover", "1.2.6"),
    ("nokogiri", "1.19.4"),
    ("sassc", "2.4.0"),
    ("mini_racer", "0.19.1"),
    ("vite_rails", "3.0.20"),
];

/// All of some things or none, each as likely as the next.
pub(super) fn some<T: Clone + std::fmt::Debug + 'static>(
    all: Vec<T>,
    sizes: impl Into<prop::sample::SizeRange>,
) -> BoxedStrategy<Vec<T>> {
    prop::sample::subsequence(all, sizes).boxed()
}

pub(super) fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|&text| text.to_owned()).collect()
}

/// Values that a choice may have.
pub(super) fn values(choice: Choice) -> BoxedStrategy<Vec<String>> {
    let one_of = |all: &[&str]| {
        prop::sample::select(texts(all))
            .prop_map(|one| vec![one])
            .boxed()
    };
    match (choice, choice.values()) {
        (Choice::Arch | Choice::Hooks, Values::Of(known)) => some(texts(known), 1..=known.len()),
        (_, Values::Of(known)) => one_of(known),
        (Choice::Servers, _) => some(texts(&["203.0.113.1", "203.0.113.2", "203.0.113.3"]), 1..=3),
        (Choice::Service, _) => one_of(&["harbour"]),
        (Choice::Workdir, _) => one_of(&["/srv/app"]),
        (Choice::Domain, _) => one_of(&["harbour.example.org"]),
        (Choice::Email, _) => one_of(&["harbour-master@example.org"]),
        (Choice::Registry, _) => one_of(&["localhost:5000", "docker.io", "registry.example.org"]),
        (Choice::RegistryUser, _) => one_of(&["marina"]),
        (Choice::DatabaseHost, _) => one_of(&["10.0.0.5"]),
        (Choice::DatabaseVersion, _) => one_of(&["16", "18"]),
        (Choice::Packages, _) => some(texts(&["poppler-utils", "ffmpeg"]), 1..=2),
        (Choice::Without, _) => one_of(&["libvips42", "libvips42t64"]),
        (Choice::SecretsAccount, _) => one_of(&["harbour"]),
        (Choice::SecretsVault, _) => one_of(&["Production"]),
        (other, Values::Any) => panic!("say what {} may be", other.key()),
    }
}

/// Some of these choices, each seldom enough that most of a plan stays as it is by default.
pub(super) fn choices(all: Vec<Choice>, likely: f64) -> BoxedStrategy<Choices> {
    let each: Vec<_> = all
        .into_iter()
        .map(|choice| {
            let given = values(choice).prop_map(move |values| (choice, values));
            prop::option::weighted(likely, given).boxed()
        })
        .collect();
    each.prop_map(|given| given.into_iter().flatten().collect())
        .boxed()
}

pub(super) fn shapes() -> BoxedStrategy<Shape> {
    let of_destination: Vec<Choice> = Choice::ALL
        .into_iter()
        .filter(|choice| choice.is_of_destination())
        .collect();
    let one = choices(of_destination.clone(), 0.5);
    let other = choices(of_destination, 0.5);
    let app = (
        prop::sample::select(vec![
            Database::PostgreSql,
            Database::Url,
            Database::MySql,
            Database::Trilogy,
            Database::Sqlite,
        ]),
        prop::sample::select(vec![
            JavaScript::ImportMaps,
            JavaScript::Npm,
            JavaScript::Yarn,
            JavaScript::YarnBerry,
            JavaScript::Pnpm,
            JavaScript::Bun,
        ]),
        prop::sample::select(vec![
            Trio::Missing,
            Trio::Separate,
            Trio::GemsAlone,
            Trio::QueueAlone,
            Trio::Single,
        ]),
        prop::sample::select(vec![
            Some("3.4.10"),
            Some("4.0.6"),
            Some("3.3.12"),
            Some("3.2.9"),
            None,
        ]),
        prop::sample::select(vec![Some("2.12.0"), Some("2.3.0"), None]),
        prop::sample::select(vec![3000_u16, 8080]),
        prop::sample::select(vec!["harbour_production", "boats"]),
    );
    let flags = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    let rest = (
        some(GEMS.iter().map(|(name, _)| *name).collect(), 0..=3),
        prop_oneof![2 => Just(Vec::new()), 1 => some(OWN.to_vec(), 1..=3)],
        choices(Choice::ALL.to_vec(), 0.18),
        prop::option::weighted(0.25, one),
        prop::option::weighted(0.1, other),
        prop::option::weighted(
            0.15,
            prop::sample::select(vec![
                ("web", "../berths"),
                ("apps/web", "../../gems/berths"),
            ]),
        ),
    );
    (app, flags, rest)
        .prop_map(
            |(app, flags, (gems, own, choices, staging, canary, beside))| {
                let (database, javascript, trio, ruby, kamal, port, name) = app;
                let (thruster, bootsnap, credentials, uploads, replace) = flags;
                let named = [("staging", staging), ("canary", canary)];
                Shape {
                    database,
                    name,
                    javascript,
                    trio,
                    ruby,
                    kamal,
                    thruster,
                    bootsnap,
                    credentials,
                    port,
                    uploads,
                    beside,
                    gems,
                    own,
                    replace,
                    choices,
                    destinations: named
                        .into_iter()
                        .filter_map(|(name, choices)| Some((name, choices?)))
                        .collect(),
                }
            },
        )
        .boxed()
}
