//! Extensions of PostgreSQL that an app's databases are made with, and the images that have them.
//!
//! Upstream: docker-library postgres installs `postgresql-contrib` and nothing beyond it; the others are in
//! docker-postgis, pgvector and timescaledb-docker, `Dockerfile`.

use syntax::Span;

use crate::fact::Fact;
use crate::facts::App;
use crate::facts::database::{Adapter, Database};
use crate::facts::stores::name_and_tag;

/// Extensions that PostgreSQL's own image has not, each with the image that is made for it.
const IMAGES: [(&str, &str); 7] = [
    ("address_standardizer", POSTGIS),
    ("postgis", POSTGIS),
    ("postgis_raster", POSTGIS),
    ("postgis_tiger_geocoder", POSTGIS),
    ("postgis_topology", POSTGIS),
    ("timescaledb", TIMESCALE),
    ("vector", PGVECTOR),
];

/// The image of PostGIS.
pub const POSTGIS: &str = "postgis/postgis";
/// The image of pgvector.
pub const PGVECTOR: &str = "pgvector/pgvector";
/// The image of `TimescaleDB`.
pub const TIMESCALE: &str = "timescale/timescaledb";

/// An extension that PostgreSQL's own image has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// As `CREATE EXTENSION` has it.
    pub name: String,
    /// The image that is made for it, without a tag.
    pub image: &'static str,
}

impl Extension {
    fn named(name: &str) -> Option<Self> {
        let (_, image) = IMAGES.into_iter().find(|(known, _)| *known == name)?;
        Some(Self {
            name: name.to_owned(),
            image,
        })
    }

    /// The image that has it for a major version of PostgreSQL.
    pub fn image_with(&self, major: &str) -> String {
        let tag = match self.image {
            // 18 came with 3.6 (docker-postgis, `17-3.5` and `18-3.6`).
            POSTGIS if major.parse::<u64>().is_ok_and(|major| major < 18) => format!("{major}-3.5"),
            POSTGIS => format!("{major}-3.6"),
            TIMESCALE => format!("latest-pg{major}"),
            _ => format!("pg{major}"),
        };
        format!("{}:{tag}", self.image)
    }

    /// Whether a known image of PostgreSQL surely comes without it.
    pub fn is_missing_in(&self, image: &str) -> bool {
        let (name, _) = name_and_tag(image);
        // TimescaleDB's image has pgvector as well (timescaledb-docker, `Dockerfile`).
        let has_both = name == TIMESCALE && self.image == PGVECTOR;
        let is_known = ["postgres", POSTGIS, PGVECTOR, TIMESCALE].contains(&name);
        is_known && name != self.image && !has_both
    }
}

impl<'a> App<'a> {
    /// What its databases are made with and PostgreSQL's own image has not, each once.
    pub fn extensions(&'a self) -> Vec<Fact<Extension>> {
        let databases = self.databases().known();
        let mut found: Vec<Fact<Extension>> = Vec::new();
        for extension in databases
            .iter()
            .flat_map(|databases| databases.iter())
            .flat_map(Database::extensions)
        {
            if found.iter().all(|known| known.value != extension.value) {
                found.push(extension);
            }
        }
        found
    }
}

impl Database<'_> {
    /// What it is made with and PostgreSQL's own image has not: its schema enables it, or its adapter
    /// works with nothing else.
    pub fn extensions(&self) -> Vec<Fact<Extension>> {
        if self.adapter().known().as_deref() != Some(&Adapter::PostgreSql) {
            return Vec::new();
        }
        let mut found = self.enabled();
        let adapter = self.adapter_gem().filter(|gem| gem.contains("postgis"));
        if let (Some(adapter), Some(extension)) = (adapter, Extension::named("postgis"))
            && !found.iter().any(|known| known.value == extension)
        {
            found.push(adapter.map(|_| extension).labelled("it works with PostGIS"));
        }
        found
    }

    /// What its schema file enables: `enable_extension "vector"`, `CREATE EXTENSION IF NOT EXISTS vector`.
    fn enabled(&self) -> Vec<Fact<Extension>> {
        let schema = self.schema_file().known();
        let Some(source) = schema.and_then(|file| self.app().tree().source(&file)) else {
            return Vec::new();
        };
        let text = source.text();
        let mut found = Vec::new();
        for statement in ["enable_extension ", "CREATE EXTENSION "] {
            for (start, _) in text.match_indices(statement) {
                let is_first = text[..start]
                    .rsplit('\n')
                    .next()
                    .is_some_and(|before| before.trim().is_empty());
                let line = text[start..].lines().next().unwrap_or_default();
                let rest = line[statement.len()..].trim_start_matches("IF NOT EXISTS ");
                let name = rest
                    .trim_start_matches(['"', '\''])
                    .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.')
                    .next()
                    .unwrap_or_default();
                // Since Rails 8 the schema that it is in stands before it.
                let name = name.rsplit('.').next().unwrap_or_default();
                if let Some(extension) = Extension::named(name).filter(|_| is_first) {
                    let span = Span::new(start, start + line.trim_end_matches(';').len());
                    let path = source.path();
                    found.push(Fact::read(extension, path, span, "the schema enables it"));
                }
            }
        }
        found
    }
}
