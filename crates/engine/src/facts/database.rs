//! Production's databases, resolved as Rails resolves `config/database.yml`.
//!
//! Upstream: rails 8.1 `activerecord/lib/active_record/database_configurations.rb` and
//! `database_configurations/{hash_config,url_config}.rb`.

use std::fmt;

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::setting::{Setting, Value};

/// Where Rails reads its databases.
pub const FILE: &str = "config/database.yml";

/// Rails' defaults, as origins name them.
const DEFAULTS: &str = "Rails' defaults";

/// What a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    /// PostgreSQL, with PostGIS or without.
    PostgreSql,
    /// MySQL or MariaDB through `mysql2`.
    MySql,
    /// MySQL or MariaDB through `trilogy`.
    Trilogy,
    /// A file.
    Sqlite,
}

impl Adapter {
    /// The adapter that `database.yml` or a URL's scheme names.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "postgresql" | "postgres" | "postgis" => Some(Self::PostgreSql),
            "mysql2" | "mysql" => Some(Self::MySql),
            "trilogy" => Some(Self::Trilogy),
            "sqlite3" | "sqlite" => Some(Self::Sqlite),
            _ => None,
        }
    }

    /// The gem that speaks to it.
    pub fn gem(self) -> &'static str {
        match self {
            Self::PostgreSql => "pg",
            Self::MySql => "mysql2",
            Self::Trilogy => "trilogy",
            Self::Sqlite => "sqlite3",
        }
    }
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PostgreSql => "PostgreSQL",
            Self::MySql => "MySQL (mysql2)",
            Self::Trilogy => "MySQL (trilogy)",
            Self::Sqlite => "SQLite",
        })
    }
}

/// One database of production.
#[derive(Clone, Debug)]
pub struct Database<'a> {
    app: &'a App<'a>,
    /// `primary`, `cache`, `queue`…
    name: Fact<String>,
    /// Whether Rails' own files are this database's: it is called `primary`, or the first.
    is_primary: bool,
    setting: Setting<'a>,
}

impl<'a> App<'a> {
    /// Production's databases: several if all values of `production` are mappings, else one that
    /// is called `primary`.
    pub fn databases(&'a self) -> Answer<Vec<Database<'a>>> {
        let source = match self.file(FILE) {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        Setting::of_file(source)
            .and_then(|root| root.get("production"))
            .and_then(|production| {
                if !production.is_mapping() {
                    return Answer::Unknown(
                        production.place(),
                        Why::NotRead("`production` is no mapping".to_owned()),
                    );
                }
                let members = production.members();
                let is_several =
                    !members.is_empty() && members.iter().all(|member| member.value.is_mapping());
                let origin = Origin::at(production.name(), "production's databases");
                let databases = if is_several {
                    members
                        .into_iter()
                        .enumerate()
                        .map(|(index, member)| Database {
                            app: self,
                            is_primary: index == 0 || *member.name == "primary",
                            name: member.name,
                            setting: member.value,
                        })
                        .collect()
                } else {
                    let name = Fact::new("primary".to_owned(), origin.clone());
                    vec![Database {
                        app: self,
                        name,
                        is_primary: true,
                        setting: production.value,
                    }]
                };
                Answer::Is(Fact::new(databases, origin))
            })
    }

    /// Whether production surely has no database of that name; where they are named.
    pub fn lacks_database(&'a self, name: &str) -> Option<Fact<Vec<String>>> {
        let root = Setting::of_file(self.file::<()>(FILE).ok()?).known()?;
        let production = root.get("production").known()?;
        if !root.is_settled() || !production.is_settled() {
            return None;
        }
        let databases = self.databases().known()?;
        let names: Vec<String> = databases
            .iter()
            .map(|database| database.name.value.clone())
            .collect();
        let is_missing = names.iter().all(|known| known != name);
        is_missing.then(|| databases.map(|_| names))
    }

    /// One of production's databases.
    pub fn database(&'a self, name: &str) -> Option<Database<'a>> {
        let databases = self.databases().known()?.value;
        databases
            .into_iter()
            .find(|database| database.name.value == name)
    }

    /// What the primary database is; where `database.yml` leaves that to a URL, the one database
    /// gem that ships tells it.
    pub fn adapter(&'a self) -> Answer<Adapter> {
        let named = match self.databases() {
            Answer::Is(databases) => match databases.value.into_iter().next() {
                Some(primary) => primary.adapter(),
                None => Answer::Absent(Place::File(FILE.into())),
            },
            Answer::Absent(place) => Answer::Absent(place),
            Answer::Unknown(place, why) => Answer::Unknown(place, why),
        };
        // An adapter that is named, but not known here, is no reason to guess another.
        if matches!(named, Answer::Is(_) | Answer::Unknown(_, Why::NotRead(_))) {
            return named;
        }
        let all = [
            Adapter::PostgreSql,
            Adapter::MySql,
            Adapter::Trilogy,
            Adapter::Sqlite,
        ];
        let locked: Vec<Fact<Adapter>> = all
            .into_iter()
            .filter_map(|adapter| {
                Some(self.gems().shipped(adapter.gem()).known()?.map(|_| adapter))
            })
            .collect();
        match <[Fact<Adapter>; 1]>::try_from(locked) {
            Ok([only]) => Answer::Is(only),
            Err(_) => named,
        }
    }
}

impl<'a> Database<'a> {
    /// The app that it is of.
    pub fn app(&self) -> &'a App<'a> {
        self.app
    }

    /// Its name among production's databases.
    pub fn name(&self) -> &Fact<String> {
        &self.name
    }

    /// Whether the app's own migrations and schema are its: it is called `primary`, or the first.
    pub fn is_primary(&self) -> bool {
        self.is_primary
    }

    /// The folders that its migrations are in: `db/migrate` where none is named.
    pub fn migration_folders(&self) -> Answer<Vec<String>> {
        self.setting.get("migrations_paths").and_then(|paths| {
            let texts = if paths.is_sequence() {
                paths.items()
            } else {
                vec![paths.value.clone()]
            };
            let known: Option<Vec<String>> = texts
                .iter()
                .map(|text| Some(text.text().known()?.value))
                .collect();
            match known {
                Some(known) => Answer::Is(paths.map(|_| known)),
                None => Answer::Unknown(paths.origin.place, Why::Dynamic),
            }
        })
    }

    /// What `database.yml` says of it.
    pub fn setting(&self) -> &Setting<'a> {
        &self.setting
    }

    /// What it is.
    pub fn adapter(&self) -> Answer<Adapter> {
        let scheme = |url: &str| url.split_once("://").map(|(scheme, _)| scheme.to_owned());
        let from_url =
            self.url()
                .and_then(|url| match url.value.text_or_default().and_then(scheme) {
                    Some(scheme) => Answer::Is(url.map(|_| scheme)),
                    None => Answer::Absent(url.origin.place),
                });
        let named = || {
            let adapter = self.setting.get("adapter");
            adapter.and_then(|adapter| adapter.text())
        };
        let adapter = match from_url {
            // Whatever is worked out there, its scheme is the one that the file is written for.
            Answer::Unknown(..) if named().is_known() => named(),
            from_url => from_url.or_else(named),
        };
        adapter.and_then(|adapter| match Adapter::named(&adapter) {
            Some(known) => Answer::Is(adapter.map(|_| known)),
            None => {
                let why = Why::NotRead(format!("`{}` is no adapter known here", adapter.value));
                Answer::Unknown(adapter.origin.place, why)
            }
        })
    }

    /// An adapter that is in a gem of its own, which no file of Rails names.
    pub fn adapter_gem(&self) -> Option<Fact<&'static str>> {
        const GEMS: [(&str, &str); 3] = [
            ("oracle_enhanced", "activerecord-oracle_enhanced-adapter"),
            ("postgis", "activerecord-postgis-adapter"),
            ("sqlserver", "activerecord-sqlserver-adapter"),
        ];
        let adapter = self
            .setting
            .get("adapter")
            .and_then(|adapter| adapter.text());
        let adapter = adapter.known()?;
        let (_, gem) = GEMS.into_iter().find(|(name, _)| *name == *adapter)?;
        Some(adapter.map(|_| gem))
    }

    /// The database's name on its server, or its file.
    pub fn database(&self) -> Answer<Value> {
        self.value("database")
    }

    /// The server.
    pub fn host(&self) -> Answer<Value> {
        self.value("host")
    }

    /// The server's port.
    pub fn port(&self) -> Answer<Value> {
        self.value("port")
    }

    /// The user on the server.
    pub fn username(&self) -> Answer<Value> {
        self.value("username")
    }

    /// The password: where it comes from. Its origin is what may be shown.
    pub fn password(&self) -> Answer<Value> {
        self.value("password")
    }

    /// The URL, whose parts win over all other keys.
    pub fn url(&self) -> Answer<Value> {
        self.value("url")
    }

    /// Connections that each process may hold: `max_connections` (Rails 8.1), `pool`, else 5.
    pub fn pool(&self) -> Answer<Value> {
        self.value("max_connections")
            .or_else(|| self.value("pool"))
            .or_else(|| {
                Answer::Is(Fact::default(
                    Value::Text("5".to_owned()),
                    DEFAULTS,
                    "max_connections",
                ))
            })
    }

    /// The file that `db:prepare` creates its tables from; absent where Rails leaves the database
    /// alone, as it leaves replicas (rails 8.1 `hash_config.rb`, `schema_dump`, `database_tasks?`).
    pub fn schema_file(&self) -> Answer<String> {
        for (key, is_left_alone) in [("replica", true), ("database_tasks", false)] {
            match self.setting.get(key).and_then(|setting| setting.boolean()) {
                Answer::Is(told) if told.value == is_left_alone => {
                    return Answer::Absent(told.origin.place);
                }
                Answer::Unknown(place, why) => return Answer::Unknown(place, why),
                Answer::Is(_) | Answer::Absent(_) => {}
            }
        }
        match self.setting.get("schema_dump") {
            Answer::Is(named) if named.boolean().known().is_some_and(|dumped| !*dumped) => {
                return Answer::Absent(named.place());
            }
            Answer::Absent(_) => {}
            named => {
                return named
                    .and_then(|file| file.text())
                    .map(|file| format!("db/{file}"));
            }
        }
        let format = self
            .setting
            .get("schema_format")
            .and_then(|format| format.text())
            .or_else(|| {
                self.app
                    .rails()
                    .symbol("config.active_record.schema_format")
            })
            .or_else(|| Answer::Is(Fact::default("ruby".to_owned(), DEFAULTS, "schema_format")));
        let prefix = if self.is_primary {
            String::new()
        } else {
            format!("{}_", self.name.value)
        };
        format.and_then(|format| match format.value.trim_start_matches(':') {
            "ruby" => Answer::Is(format.map(|_| format!("db/{prefix}schema.rb"))),
            "sql" => Answer::Is(format.map(|_| format!("db/{prefix}structure.sql"))),
            _ => Answer::Unknown(format.origin.place, Why::Dynamic),
        })
    }

    fn value(&self, key: &str) -> Answer<Value> {
        self.setting.get(key).and_then(|setting| setting.value())
    }

    /// Whether it is meant to have tables that the primary database has not.
    pub fn has_own_tables(&self) -> bool {
        self.schema_file().is_known() && !self.setting().get("migrations_paths").is_absent()
    }

    /// Whether it is the database of another entry, read through a server of its own.
    pub fn is_replica(&self) -> bool {
        let replica = self
            .setting
            .get("replica")
            .and_then(|replica| replica.boolean());
        replica.known().is_some_and(|replica| *replica)
    }

    /// Whether it holds nothing that is missed: the cache, or messages that were delivered.
    pub fn is_expendable(&self) -> bool {
        ["cache", "cable"].contains(&self.name().as_str())
    }
}
