//! What a failure looks like in a log, and what may have caused it: one page each, no logic.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use crate::near;
use crate::page;
use crate::rules::Rule;

/// When a failure happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// While the image is built.
    Build,
    /// While the image is pushed or pulled.
    Registry,
    /// While Kamal talks to servers.
    Deploy,
    /// While Rails boots.
    Boot,
    /// In front of the app: kamal-proxy, Thruster, Traefik.
    Proxy,
    /// While the app runs.
    Runtime,
    /// While Compose runs the app, or what is beside it.
    Compose,
}

impl Phase {
    /// The word for it: the group of its signatures.
    pub fn word(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Registry => "registry",
            Self::Deploy => "deploy",
            Self::Boot => "boot",
            Self::Proxy => "proxy",
            Self::Runtime => "runtime",
            Self::Compose => "compose",
        }
    }
}

/// How sure a diagnosis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rank {
    /// The log alone proves it, or the log and the app's files agree.
    Confirmed,
    /// The log says so, and hardly anything else would say the same.
    Likely,
    /// One of several causes, or a symptom.
    Possible,
}

impl Rank {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

/// A line of a log.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What it surely has in it: only lines with such a text are looked at.
    pub has: String,
    /// What it is like, where the text alone does not tell; names what it captures.
    #[serde(default, deserialize_with = "pattern")]
    pub like: Option<Regex>,
}

fn pattern<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Regex>, D::Error> {
    let text = String::deserialize(from)?;
    Regex::new(&text)
        .map(Some)
        .map_err(serde::de::Error::custom)
}

/// What stands above a page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    message: String,
    alone: Rank,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    causes: Vec<String>,
    #[serde(default)]
    explains: Vec<String>,
    #[serde(default)]
    is_noise: bool,
    #[serde(default)]
    differ: Vec<[String; 2]>,
    line: Vec<Line>,
    #[serde(default)]
    beside: Vec<Line>,
    #[serde(default)]
    never: Vec<Line>,
}

/// A failure that is known.
#[derive(Debug)]
pub struct Signature {
    /// When it happens.
    pub phase: Phase,
    name: &'static str,
    markdown: &'static str,
    front: Front,
}

impl Signature {
    fn of(phase: Phase, name: &'static str, page: &'static str) -> Self {
        let (front, markdown) = page::with_front(name, page);
        let front = toml::from_str(front).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            phase,
            name,
            markdown,
            front,
        }
    }

    /// Its name: the phase and what is wrong, `build/libyaml-missing`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.phase.word(), self.name.replace('_', "-"))
    }

    /// Other names that people know it by.
    pub fn aliases(&self) -> &[String] {
        &self.front.aliases
    }

    /// What is wrong, with `{name}` for what a line captured.
    pub fn message(&self) -> &str {
        &self.front.message
    }

    /// How sure it is by the log alone.
    pub fn alone(&self) -> Rank {
        self.front.alone
    }

    /// The rules that find what causes it.
    ///
    /// # Panics
    ///
    /// If there is no such rule, which a test rules out.
    pub fn causes(&self) -> impl Iterator<Item = &'static Rule> {
        self.front.causes.iter().map(|name| {
            Rule::named(name)
                .unwrap_or_else(|| panic!("{name}, a cause of {}, is a rule", self.id()))
        })
    }

    /// Whether another one is no failure of its own, but follows from this.
    pub fn explains(&self, other: &Signature) -> bool {
        let id = other.id();
        self.front
            .explains
            .iter()
            .any(|name| match name.strip_suffix('*') {
                Some(prefix) => id.starts_with(prefix),
                None => *name == id,
            })
    }

    /// The names of those that follow from it.
    pub fn explained(&self) -> &[String] {
        &self.front.explains
    }

    /// Whether it looks like a failure and is none.
    pub fn is_noise(&self) -> bool {
        self.front.is_noise
    }

    /// Lines of which one is enough.
    pub fn lines(&self) -> &[Line] {
        &self.front.line
    }

    /// Lines that must all be somewhere in the log, too.
    pub fn beside(&self) -> &[Line] {
        &self.front.beside
    }

    /// Lines that must be nowhere in the log.
    pub fn never(&self) -> &[Line] {
        &self.front.never
    }

    /// Pairs of names of what lines capture: the log proves it where the two are not the same.
    pub fn differ(&self) -> &[[String; 2]] {
        &self.front.differ
    }

    /// Its page, without what stands above it.
    pub fn markdown(&self) -> &'static str {
        self.markdown
    }

    /// What happened, in one sentence.
    pub fn what(&self) -> &'static str {
        page::what(self.markdown)
    }

    /// Why it happens, in Markdown.
    pub fn why(&self) -> &'static str {
        page::section(self.markdown, "Why it happens")
    }

    /// What to do where no rule has a fix, one step each.
    pub fn steps(&self) -> Vec<&'static str> {
        page::items(self.markdown, "What to do")
    }

    /// How to see that it is gone.
    pub fn verify(&self) -> Vec<&'static str> {
        page::items(self.markdown, "How to verify")
    }

    /// What to look at next.
    pub fn next(&self) -> Vec<&'static str> {
        page::items(self.markdown, "What next")
    }

    /// Where the facts are from.
    pub fn sources(&self) -> Vec<&'static str> {
        page::items(self.markdown, "Sources")
    }

    /// The one of a name or of another name.
    pub fn named(name: &str) -> Option<&'static Signature> {
        SIGNATURES.iter().find(|signature| {
            signature.id() == name || signature.aliases().iter().any(|alias| alias == name)
        })
    }

    /// One whose name is like a misspelled one.
    pub fn near(name: &str) -> Option<String> {
        let ids: Vec<String> = SIGNATURES.iter().map(Signature::id).collect();
        near::nearest(name, ids.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// The list: one word for each page, in its group.
macro_rules! signatures {
    ($($phase:ident $group:literal { $($name:literal)* })*) => {
        /// All signatures.
        pub static SIGNATURES: LazyLock<Vec<Signature>> = LazyLock::new(|| vec![
            $($(Signature::of(
                Phase::$phase,
                $name,
                include_str!(concat!("../../knowledge/signatures/", $group, "/", $name, ".md")),
            ),)*)*
        ]);
    };
}

signatures! {
    Build "build" {
        "another_ruby"
        "assets_without_key"
        "corepack_of_another_user"
        "crashed_in_emulation"
        "disk_full"
        "dockerfile_broken"
        "file_not_in_context"
        "file_unseen_in_emulation"
        "gem_not_compiled"
        "gem_server_login"
        "git_missing"
        "javascript_lockfile"
        "key_required"
        "killed"
        "libmysqlclient_missing"
        "libpq_missing"
        "libyaml_missing"
        "lockfile_frozen"
        "lockfile_missing"
        "lockfile_without_platform"
        "musl_gem"
        "no_compiler"
        "no_corepack"
        "no_dockerfile"
        "no_javascript_runtime"
        "package_unknown"
        "path_gem_missing"
        "two_asset_pipelines"
        "wrong_yarn"
        "yarn_key_expired"
    }
    Registry "registry" {
        "no_credential_helper"
        "no_service_label"
        "no_such_image"
        "plain_http"
        "pull_denied"
        "push_denied"
        "rate_limit"
        "refused"
        "unreachable"
    }
    Deploy "deploy" {
        "bitwarden_asked_for_nothing"
        "bitwarden_two_of_a_name"
        "builder_made"
        "bws_of_another_version"
        "container_not_ready"
        "docker_from_snap"
        "docker_not_allowed"
        "docker_not_allowed_here"
        "docker_not_running"
        "env_file_missing"
        "hook_failed"
        "host_unknown"
        "invalid_configuration"
        "lock_held"
        "name_taken"
        "no_docker_here"
        "no_docker_there"
        "no_git_here"
        "no_proxy"
        "no_such_accessory"
        "no_such_configuration"
        "no_such_version"
        "not_healthy"
        "port_taken"
        "proxy_host_taken"
        "proxy_jump_refused"
        "proxy_too_old"
        "remote_builder_refused"
        "secret_not_found"
        "secrets_by_hand"
        "server_unreachable"
        "ssh_asks_for_password"
        "ssh_closed"
        "ssh_refused"
    }
    Boot "boot" {
        "carriage_return"
        "configuration_of_no_database"
        "database_host_unknown"
        "database_login_guessed"
        "database_missing"
        "database_not_configured"
        "database_on_socket"
        "database_password"
        "database_password_missing"
        "database_refused"
        "database_url_invalid"
        "gem_left_out"
        "health_host_refused"
        "key_length"
        "key_missing"
        "may_not_create_database"
        "may_not_write"
        "mysql_without_tls"
        "newer_libc"
        "no_such_program"
        "not_executable"
        "port_in_use"
        "server_already_running"
        "sqlite_read_only"
        "thruster_without_command"
        "thruster_without_program"
        "variable_missing"
        "wrong_architecture"
        "wrong_key"
    }
    Proxy "proxy" {
        "another_port"
        "answer_too_late"
        "certificates_used_up"
        "no_certificate"
        "redirect_loop"
        "thruster_no_port"
        "thruster_waits"
        "tls_below_path"
        "tls_to_plain_port"
        "traefik_default_certificate"
        "traefik_upstream_refused"
    }
    Runtime "runtime" {
        "asset_not_in_load_path"
        "cable_origin_refused"
        "cors_refused"
        "ended_by_force"
        "jemalloc_not_loaded"
        "killed"
        "libvips_missing"
        "log_not_writable"
        "pool_too_small"
        "solid_tables_missing"
        "sqlite_busy"
    }
    Compose "compose" {
        "dependency_unhealthy"
        "invalid_file"
        "pg_isready_as_root"
        "postgres_of_another_version"
    }
}
