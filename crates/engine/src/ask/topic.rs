//! What can be asked: one page each, no logic.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::condition::Condition;
use crate::facts::listing::Row;
use crate::page;
use crate::tree::Tree;

/// What stands above a page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    questions: Vec<String>,
    #[serde(default)]
    words: String,
    #[serde(default)]
    facts: Vec<String>,
    #[serde(default)]
    so: Vec<String>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    choose: BTreeMap<String, String>,
    #[serde(default)]
    is_about_size: bool,
    #[serde(default)]
    deploy: BTreeMap<String, String>,
    #[serde(default)]
    production: BTreeMap<String, String>,
}

/// Something that people ask.
#[derive(Debug)]
pub struct Topic {
    name: &'static str,
    markdown: &'static str,
    front: Front,
}

impl Topic {
    fn of(name: &'static str, page: &'static str) -> Self {
        let (front, markdown) = page::with_front(name, page);
        let front = toml::from_str(front).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            name,
            markdown,
            front,
        }
    }

    /// Its name: `image-size`.
    pub fn name(&self) -> String {
        self.name.replace('_', "-")
    }

    /// What it is about, as a title.
    pub fn title(&self) -> &'static str {
        page::title(self.markdown)
    }

    /// In which words it is asked.
    pub fn questions(&self) -> &[String] {
        &self.front.questions
    }

    /// Further words that belong to it.
    pub(super) fn words(&self) -> &str {
        &self.front.words
    }

    /// The facts that an answer begins with, as patterns.
    pub fn facts(&self) -> &[String] {
        &self.front.facts
    }

    /// The rules whose findings belong to it.
    pub fn rules(&self) -> &[String] {
        &self.front.rules
    }

    /// The files of `init`'s that belong to it.
    pub fn files(&self) -> &[String] {
        &self.front.files
    }

    /// What `init` is told, by its names in `config/seaworthy.yml`.
    pub(super) fn chosen(&self) -> &BTreeMap<String, String> {
        &self.front.choose
    }

    /// The choices that `init` is told.
    pub fn choices(&self) -> impl Iterator<Item = &str> {
        self.front.choose.keys().map(String::as_str)
    }

    /// Keys of `config/deploy.yml` that it sets where they are absent.
    pub fn deploy(&self) -> &BTreeMap<String, String> {
        &self.front.deploy
    }

    /// Settings of `config/environments/production.rb` that it makes where they are absent.
    pub fn production(&self) -> &BTreeMap<String, String> {
        &self.front.production
    }

    /// Whether it is about the size of the image.
    pub(super) fn is_about_size(&self) -> bool {
        self.front.is_about_size
    }

    /// The conditions for an app to have it already, besides that nothing is found.
    pub fn conditions(&self) -> &[String] {
        &self.front.so
    }

    /// Whether an app has what belongs to it.
    pub(super) fn is_in(&self, tree: &Tree, rows: &[Row]) -> bool {
        self.front.has.iter().all(|path| tree.has(path))
            && self
                .front
                .so
                .iter()
                .all(|condition| Condition::of(condition).holds(rows))
    }

    /// Whether anything tells that an app has it already.
    pub fn can_be_so(&self) -> bool {
        let front = &self.front;
        let tells = [&front.so, &front.has, &front.rules, &front.files];
        let sets = [&front.deploy, &front.production];
        tells.iter().any(|list| !list.is_empty()) || sets.iter().any(|set| !set.is_empty())
    }

    /// Its page, without what stands above it.
    pub fn markdown(&self) -> &'static str {
        self.markdown
    }

    /// The answer in a sentence or two, as a template.
    pub(super) fn what(&self) -> &'static str {
        page::what(self.markdown)
    }

    /// Why it is so, Markdown.
    pub fn why(&self) -> &'static str {
        page::section(self.markdown, "Why")
    }

    /// Where the facts are from.
    pub fn sources(&self) -> Vec<&'static str> {
        page::items(self.markdown, "Sources")
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<&'static Topic> {
        TOPICS.iter().find(|topic| topic.name() == name)
    }
}

/// The list: one word for each page.
macro_rules! topics {
    ($($name:literal)*) => {
        /// All topics, in the order of their names.
        pub static TOPICS: LazyLock<Vec<Topic>> = LazyLock::new(|| vec![
            $(Topic::of($name, include_str!(concat!("../../knowledge/topics/", $name, ".md"))),)*
        ]);
    };
}

topics! {
    "accessory_boot"
    "alpine"
    "assets_404"
    "backups"
    "base_image"
    "bootsnap"
    "build_speed"
    "ci_deploy"
    "compose_development"
    "connection_pool"
    "console"
    "database_console"
    "database_errors"
    "database_outside"
    "database_port"
    "database_upgrade"
    "deploy"
    "destinations"
    "dockerfile"
    "dockerignore"
    "domains"
    "entrypoint"
    "environment_variables"
    "health_check"
    "hooks"
    "image_size"
    "javascript"
    "jemalloc"
    "jobs_in_puma"
    "jobs_not_running"
    "jobs_role"
    "kamal_setup"
    "kamal_upgrade"
    "lock"
    "log_size"
    "logs"
    "mail"
    "maintenance"
    "master_key"
    "memory"
    "migrations"
    "move_to_kamal"
    "multi_arch"
    "multi_arch_fails"
    "multi_stage"
    "new_project"
    "one_database"
    "own_certificate"
    "packages"
    "permission_denied"
    "placeholder_values"
    "prepare_cable_database"
    "prepare_cache_database"
    "prepare_queue_database"
    "private_gems"
    "production_database"
    "read_only"
    "recurring"
    "redis"
    "registry"
    "roll_back"
    "ruby_version"
    "run_command"
    "secrets"
    "several_apps"
    "several_servers"
    "shell"
    "solid_suite"
    "sqlite"
    "thruster"
    "tls"
    "traefik"
    "uploads"
    "websockets"
    "zero_downtime"
}
