//! Accessories that keep data in files: which server it is, and where its image keeps them.
//!
//! Upstream: docker-library `postgres/{17,18}/trixie/Dockerfile`, `mysql`, `mariadb`, `mongo`.

use crate::change::Changes;
use crate::fact::{Answer, Fact};
use crate::facts::accessory::names_host;
use crate::facts::database::Database;
use crate::facts::kamal::{Accessory, Destination, Role};
use crate::facts::mounts::{Mount, is_below};
use crate::facts::setting::Value;

/// The first PostgreSQL whose image keeps its data below the folder that is meant to be mounted
/// (docker-library `postgres/18/trixie/Dockerfile`).
const POSTGRES_WITH_VERSIONED_FOLDER: u32 = 18;

/// A database server of an accessory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// What it is called: `PostgreSQL`, `MySQL`…
    pub service: &'static str,
    /// Its major version, as far as the tag says it.
    pub major: Option<u32>,
    /// Whether the tag says a version at all.
    pub is_pinned: bool,
    /// Whether what is pulled today is the newest PostgreSQL.
    is_newest: bool,
    /// Where the data is; several where that depends on a version which the tag does not say.
    pub folders: Vec<String>,
    /// The folder that the image declares as a volume, and that is meant to be mounted.
    pub volume: &'static str,
}

/// Images of database servers with the folder that each declares as a volume.
const IMAGES: [(&str, &str, &str); 8] = [
    ("mariadb", "MariaDB", "/var/lib/mysql"),
    ("mongo", "MongoDB", "/data/db"),
    ("mysql", "MySQL", "/var/lib/mysql"),
    ("percona", "Percona Server", "/var/lib/mysql"),
    ("pgvector/pgvector", "PostgreSQL", POSTGRES),
    ("postgis/postgis", "PostgreSQL", POSTGRES),
    ("postgres", "PostgreSQL", POSTGRES),
    ("timescale/timescaledb", "PostgreSQL", POSTGRES),
];

/// Where PostgreSQL's images up to 17 keep their data.
const POSTGRES: &str = "/var/lib/postgresql/data";

/// What is mounted since 18.
pub(crate) const POSTGRES_18: &str = "/var/lib/postgresql";

/// What may stand before the name of an official image.
const OFFICIAL: [&str; 4] = [
    "docker.io/library/",
    "docker.io/",
    "public.ecr.aws/docker/library/",
    "library/",
];

impl Accessory<'_> {
    /// The database server that it is; nothing if its image is not known here, or if it is told to
    /// keep its data in a place that cannot be told.
    pub fn store(&self) -> Option<Fact<Store>> {
        let command = self.get("cmd").and_then(|cmd| cmd.text());
        let folder = self.environment().text("PGDATA");
        Store::of(self.image().known()?, &command, folder)
    }

    /// The user that its image creates when it first boots; nothing where a script may create
    /// others.
    pub fn created_user(&self) -> Option<Fact<String>> {
        let store = self.store()?;
        match self.made_at_first("USER", "USER")? {
            Answer::Is(user) => Some(user.labelled("the accessory's user")),
            // docker-library postgres, `docker-entrypoint.sh`: `file_env 'POSTGRES_USER' 'postgres'`.
            Answer::Absent(_) if store.service == "PostgreSQL" => Some(
                store
                    .map(|_| "postgres".to_owned())
                    .labelled("creates the user postgres"),
            ),
            Answer::Absent(_) | Answer::Unknown(..) => None,
        }
    }

    /// The one database that the user which its image creates may use; nothing where it may use all,
    /// or a script may grant others.
    pub fn granted_database(&self) -> Option<Fact<String>> {
        // PostgreSQL's image makes its user a superuser.
        if self.store()?.service == "PostgreSQL" {
            return None;
        }
        let database = self.made_at_first("DATABASE", "DB")?.known()?;
        Some(database.labelled("the database that it may use"))
    }

    /// What the image is told to make when it first boots, by MySQL's word for it and PostgreSQL's;
    /// nothing where a script may make more.
    fn made_at_first(&self, mysql: &str, postgres: &str) -> Option<Answer<String>> {
        let mounts = self.mounts()?;
        if mounts.iter().any(|mount| mount.target.contains("initdb")) {
            return None;
        }
        let environment = self.environment();
        let named = |prefix: &str, name: &str| environment.text(&format!("{prefix}_{name}"));
        match self.store()?.service {
            "PostgreSQL" => Some(named("POSTGRES", postgres)),
            "MySQL" | "Percona Server" => Some(named("MYSQL", mysql)),
            "MariaDB" => Some(named("MARIADB", mysql).or_else(|| named("MYSQL", mysql))),
            _ => None,
        }
    }

    /// Whether it is a database for trying things out: nothing of it outlives it, nothing outside reaches
    /// it, and each of the app's own databases is surely on another server.
    pub fn is_scratch(&self) -> bool {
        let databases = self.destination().app().databases().known();
        let (Some(name), Some(databases)) = (self.host_name(), databases) else {
            return false;
        };
        let is_elsewhere = |role: &Role<'_>, database: &Database<'_>| {
            let environment = role.environment();
            let host = match database.host().known().map(|host| host.value) {
                Some(Value::Text(host)) => Some(host),
                Some(Value::Variable { name, .. }) => {
                    let mut clear = environment.clear().iter();
                    let given = clear.find(|(variable, _)| variable.value == name);
                    given.map(|(_, setting)| setting.written().to_owned())
                }
                None => None,
            };
            let urls = database.url_variables();
            let has_url = |url: &String| !environment.variable(url).is_absent();
            database.url().is_absent()
                && !urls.iter().any(has_url)
                && host.is_some_and(|host| !names_host(&host, &name))
        };
        let roles = self.destination().roles();
        let are_elsewhere = |role: &Role<'_>| {
            databases
                .iter()
                .all(|database| is_elsewhere(role, database))
        };
        self.mounts().is_some_and(|mounts| mounts.is_empty())
            && self.get("port").is_absent()
            && self.get("options").is_absent()
            && !databases.is_empty()
            && !roles.is_empty()
            && roles.iter().all(are_elsewhere)
    }

    /// Adds a list to it that is not there yet.
    pub fn add_list(&self, key: &str, items: Vec<String>) -> Option<Changes> {
        self.setting().add_list(key, items)
    }
}

impl<'a> Destination<'a> {
    /// The accessory that containers on its server reach by a name.
    pub fn accessory_called(&self, host: &str) -> Option<Accessory<'a>> {
        self.accessories()
            .into_iter()
            .find(|accessory| accessory.host_name().is_some_and(|name| *name == host))
    }

    /// The one accessory that is a database server.
    pub fn database_accessory(&self) -> Option<Accessory<'a>> {
        let servers: Vec<Accessory<'a>> = self
            .accessories()
            .into_iter()
            .filter(|accessory| accessory.store().is_some())
            .collect();
        <[Accessory<'a>; 1]>::try_from(servers)
            .ok()
            .map(|[only]| only)
    }

    /// Whether an accessory lets users in without a password.
    pub fn has_open_database(&self) -> bool {
        const OPEN: [&str; 4] = [
            "POSTGRES_HOST_AUTH_METHOD",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
            "MARIADB_ALLOW_EMPTY_PASSWORD",
        ];
        self.accessories().iter().any(|accessory| {
            let environment = accessory.environment();
            OPEN.iter()
                .any(|name| !environment.variable(name).is_absent())
        })
    }
}

/// An image's name, without what official images may have before it, and its tag.
pub(super) fn name_and_tag(image: &str) -> (&str, Option<&str>) {
    let name = OFFICIAL
        .iter()
        .find_map(|prefix| image.strip_prefix(prefix))
        .unwrap_or(image);
    match name.split_once(['@', ':']) {
        Some((name, tag)) => (name, Some(tag)),
        None => (name, None),
    }
}

impl Store {
    /// The server of an image, with the command that it is started by and the folder that `PGDATA`
    /// names.
    pub(super) fn of(
        image: Fact<String>,
        command: &Answer<String>,
        folder: Answer<String>,
    ) -> Option<Fact<Self>> {
        let (name, tag) = name_and_tag(&image);
        let (_, service, volume) = IMAGES.into_iter().find(|(known, ..)| *known == name)?;
        // A server is told by its command, too.
        let is_moved = match command {
            Answer::Is(command) => ["-D", "data_directory", "datadir", "dbpath"]
                .iter()
                .any(|option| command.contains(option)),
            Answer::Absent(_) => false,
            Answer::Unknown(..) => true,
        };
        if is_moved {
            return None;
        }
        let mut store = Self {
            service,
            major: tag.and_then(major),
            is_pinned: tag.is_some_and(|tag| tag.contains(|c: char| c.is_ascii_digit())),
            is_newest: name == "postgres" && tag.is_none_or(|tag| tag == "latest"),
            folders: vec![volume.to_owned()],
            volume,
        };
        if service == "PostgreSQL" {
            store.place_postgres();
            match folder {
                Answer::Is(folder) => store.folders = vec![folder.value],
                Answer::Absent(_) => {}
                Answer::Unknown(..) => return None,
            }
        }
        Some(image.map(|_| store).labelled("the image"))
    }

    /// The mount that the image refuses to start with: where 17 kept its data
    /// (docker-library postgres, `docker-entrypoint.sh`, `docker_setup_env`).
    pub fn refused_mount<'m>(&self, mounts: &'m [Fact<Mount>]) -> Option<&'m Fact<Mount>> {
        let is_new = self.service == "PostgreSQL"
            && self.major.map_or(self.is_newest, |major| {
                major >= POSTGRES_WITH_VERSIONED_FOLDER
            });
        let is_default = self
            .folders
            .iter()
            .any(|folder| folder.ends_with("/docker"));
        if !is_new || !is_default {
            return None;
        }
        mounts.iter().find(|mount| mount.target == POSTGRES)
    }

    /// Since 18 the data is below the folder that is mounted, one folder for each major version.
    fn place_postgres(&mut self) {
        let versioned = |major: u32| format!("/var/lib/postgresql/{major}/docker");
        match self.major {
            Some(major) if major >= POSTGRES_WITH_VERSIONED_FOLDER => {
                self.folders = vec![versioned(major)];
                self.volume = POSTGRES_18;
            }
            Some(_) => {}
            None => self.folders.push(versioned(POSTGRES_WITH_VERSIONED_FOLDER)),
        }
    }

    /// Whether the data outlives the container. What is mounted above the image's own volume does
    /// not reach it.
    pub fn is_kept_by(&self, mounts: &[Fact<Mount>]) -> bool {
        self.folders.iter().any(|folder| {
            mounts.iter().any(|mount| {
                let hides_it = is_below(folder, self.volume)
                    && mount.target != self.volume
                    && is_below(self.volume, &mount.target);
                mount.has(folder) && (!hides_it || self.major.is_none())
            })
        })
    }
}

/// The major version in `17`, `17.2-alpine`, `pg17` or `0.8.0-pg17-trixie`.
fn major(tag: &str) -> Option<u32> {
    let after = tag.split('-').find_map(|part| part.strip_prefix("pg"));
    let digits: String = after
        .unwrap_or(tag)
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn a_tag_tells_the_major_version() {
        for (tag, known) in [
            ("17", Some(17)),
            ("17.2-alpine", Some(17)),
            ("18-3.6", Some(18)),
            ("pg18", Some(18)),
            ("0.8.1-pg17-trixie", Some(17)),
            ("latest", None),
            ("alpine", None),
        ] {
            assert_eq!(major(tag), known, "{tag}");
        }
    }
}
