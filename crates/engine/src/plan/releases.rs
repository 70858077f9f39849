//! Versions for apps that name none, and when they were looked up.

/// The table's name, as origins show it.
pub(super) const TABLE: &str = "releases of 2026-09";

/// Ruby, where the app names none: the newest 3.4, which every Rails since 7.1 runs on
/// (docker-library official-images, 2026-09-23).
pub(super) const RUBY: &str = "3.4.11";

/// Node, where the app names none: of a long-term line (docker-library official-images, `node`).
pub(super) const NODE: &str = "24.19.0";

/// Yarn 1, where `packageManager` names none: its last release.
pub(super) const YARN: &str = "1.22.22";

/// Yarn 2 and later, where `packageManager` names none. `yarnPath` wins over it.
pub(super) const YARN_BERRY: &str = "4";

/// pnpm, where `packageManager` names none: the line that reads lockfiles of version 9.
pub(super) const PNPM: &str = "10";

/// pnpm for lockfiles of version 6 and older, which pnpm 9 writes anew.
pub(super) const PNPM_OF_OLD_LOCKFILES: &str = "8";

/// Bun, where the app names none: the image's tag of its first major version.
pub(super) const BUN: &str = "1";

/// PostgreSQL as an accessory. 18 moved its data directory; 17 is supported until 2029.
pub(super) const POSTGRESQL: &str = "17";

/// MySQL as an accessory: the long-term line.
pub(super) const MYSQL: &str = "8.4";

/// Valkey as an accessory, which answers what Redis 7.2 answers.
pub(super) const VALKEY: &str = "8";

/// Traefik in front of kamal-proxy.
pub(super) const TRAEFIK: &str = "v3.6";

/// Traefik as Kamal 1 runs it (kamal 1.9 `lib/kamal/configuration/traefik.rb`).
pub(super) const TRAEFIK_OF_KAMAL_1: &str = "v2.11";

/// Where PostgreSQL's image keeps its data: since 18 each major version has a folder of its own
/// below the volume (docker-library/postgres, `18/trixie/Dockerfile`).
pub(super) fn postgresql_folder(major: &str) -> &'static str {
    match major
        .split(['.', '-'])
        .next()
        .unwrap_or(major)
        .parse::<u64>()
    {
        Ok(major) if major < 18 => "/var/lib/postgresql/data",
        _ => "/var/lib/postgresql",
    }
}

/// Whether `ruby:X.Y.Z-slim` is built on Debian 13: releases that were current when
/// docker-library/ruby made trixie its default in August 2025, and later ones. Tags of older
/// releases are as they were.
pub(super) fn is_built_on_trixie(version: [u64; 3]) -> bool {
    match version {
        [3, 2 | 3, patch] => patch >= 9,
        [3, 4, patch] => patch >= 5,
        [major, minor, _] => [major, minor] > [3, 4],
    }
}

/// The first Kamal that starts a registry by itself for `localhost:PORT`.
pub(super) const KAMAL_LOCAL_REGISTRY: [u64; 2] = [2, 8];

/// Password managers that came after Kamal 2.0, with the first Kamal that has their adapter
/// (kamal 2.4 to 2.7, `lib/kamal/secrets/adapters`).
pub(super) const KAMAL_SECRET_STORES: [(&str, [u64; 2]); 6] = [
    ("aws_secrets_manager", [2, 4]),
    ("doppler", [2, 4]),
    ("bitwarden-sm", [2, 5]),
    ("enpass", [2, 5]),
    ("gcp", [2, 5]),
    ("passbolt", [2, 7]),
];

/// The first Kamal whose adapter of AWS does without an account.
pub(super) const KAMAL_AWS_WITHOUT_ACCOUNT: [u64; 2] = [2, 5];
