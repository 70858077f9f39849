//! Versions for apps that name none, and when they were looked up.

/// The table's name, as origins show it.
pub(super) const TABLE: &str = "releases of 2026-08";

/// Ruby, where the app names none: the newest 3.4, which every Rails since 7.1 runs on
/// (docker-library official-images, 2026-08-21).
pub(super) const RUBY: &str = "3.4.10";

/// Node, where the app names none: a long-term line whose image still has corepack.
pub(super) const NODE: &str = "24";

/// Yarn 1, where `packageManager` names none: its last release.
pub(super) const YARN: &str = "1.22.22";

/// PostgreSQL as an accessory. 18 moved its data directory; 17 is what `libpq5` of the base image's
/// Debian was built for, and is supported until 2029.
pub(super) const POSTGRESQL: &str = "17";

/// Where PostgreSQL 17's image keeps its data (docker-library/postgres).
pub(super) const POSTGRESQL_FOLDER: &str = "/var/lib/postgresql/data";

/// The first Kamal that starts a registry by itself for `localhost:PORT`.
pub(super) const KAMAL_LOCAL_REGISTRY: [u64; 2] = [2, 8];
