//! The rules: two files each, a function and a page.
//!
//! A rule is a plain function over the smallest subject that it speaks of. It asks facts and
//! reports; `?` passes over one subject, never its siblings. Its page beside it is the
//! documentation, what `explain` prints, and its tests.

mod docs;

pub use docs::Docs;

use crate::facts::App;
use crate::facts::claims::{Deploy, Neighbours};
use crate::facts::kamal::{Accessory, Destination, Role};
use crate::finding::{Consequence, Finding, Layer, Report, Safety, Severity};

/// What is known of a rule besides what it looks for.
#[derive(Debug)]
pub struct Meta {
    /// How loud its findings are.
    pub severity: Severity,
    /// What happens to the user.
    pub consequence: Consequence,
    /// When it happens.
    pub layer: Layer,
    /// Who applies its fixes.
    pub safety: Safety,
    /// The first version that had it.
    pub since: &'static str,
    /// What other tools call it.
    pub aliases: &'static [&'static str],
}

impl Meta {
    /// A rule whose findings are errors.
    pub const fn error(consequence: Consequence, layer: Layer) -> Self {
        Self {
            severity: Severity::Error,
            consequence,
            layer,
            safety: Safety::Manual,
            since: "0.1",
            aliases: &[],
        }
    }

    /// A rule whose findings are warnings.
    pub const fn warning(consequence: Consequence, layer: Layer) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(consequence, layer)
        }
    }

    /// A rule whose findings are notes.
    pub const fn note(consequence: Consequence, layer: Layer) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(consequence, layer)
        }
    }

    /// The same rule, with what other tools call it.
    #[must_use]
    pub const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// The same rule, with fixes that are applied as `safety` says.
    #[must_use]
    pub const fn fix(self, safety: Safety) -> Self {
        Self { safety, ..self }
    }

    /// The same rule, first released in `version`.
    #[must_use]
    pub const fn since(self, version: &'static str) -> Self {
        Self {
            since: version,
            ..self
        }
    }
}

/// A rule's function, by the subject that it looks at.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// The whole app.
    App(fn(&App<'_>, &mut Report) -> Option<()>),
    /// Each destination, and the base file where it can be deployed alone.
    Destination(fn(&Destination<'_>, &mut Report) -> Option<()>),
    /// Each role of each destination.
    Role(fn(&Role<'_>, &mut Report) -> Option<()>),
    /// Each accessory of each destination.
    Accessory(fn(&Accessory<'_>, &mut Report) -> Option<()>),
    /// Each destination with those before it, of this app and of others that are checked with it.
    Neighbours(fn(&Neighbours<'_>, &mut Report) -> Option<()>),
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    group: &'static str,
    module: &'static str,
    /// What is known of it.
    pub meta: &'static Meta,
    markdown: &'static str,
    check: Check,
}

pub(crate) use kamal::placeholder_value::is_placeholder;

/// Declares the modules of a group and lists their rules: the only list there is.
macro_rules! rules {
    ($($group:ident { $($rule:ident: $subject:ident),* $(,)? })*) => {
        $(mod $group { $(pub(super) mod $rule;)* })*

        /// All rules, by group and name.
        pub static RULES: &[Rule] = &[
            $($(Rule {
                group: stringify!($group),
                module: stringify!($rule),
                meta: &$group::$rule::META,
                markdown: include_str!(concat!(stringify!($group), "/", stringify!($rule), ".md")),
                check: Check::$subject($group::$rule::check),
            },)*)*
        ];
    };
}

rules! {
    assets {
        bundle_not_bridged: Role,
        path_mismatch: Role,
        two_manifests: Role,
    }
    build {
        agent_not_forwarded: Destination,
        another_ruby: Destination,
        assets_without_key: Destination,
        gem_file_not_copied: Destination,
        hidden_file: Destination,
        history_in_image: Destination,
        image_without_account: Destination,
        invalid_image_name: Destination,
        local_registry_without_port: Destination,
        missing_dockerfile: Destination,
        missing_library: Destination,
        missing_platform: Destination,
        missing_source: Destination,
        no_actions: Destination,
        parallel_bootsnap: Destination,
        prefixed_ruby_version: Destination,
        refused_ruby: Destination,
        registry_url: Destination,
        secret_in_image: Destination,
        secret_not_given: Destination,
        shallow_cache: Destination,
        unfit_driver: Destination,
        unknown_stage: Destination,
        unmounted_secret: Destination,
        unread_dockerignore: Destination,
        untracked_source: Destination,
        unused_argument: Destination,
    }
    cable {
        adapter_in_one_process: Destination,
        missing_redis: Role,
        origin_refused: Role,
    }
    ci {
        missing_program: App,
        no_ssh_key: App,
        removed_command: App,
        secret_not_given: App,
    }
    database {
        accessory_database_mismatch: Role,
        accessory_off_volume: Accessory,
        accessory_out_of_reach: Role,
        accessory_user_mismatch: Role,
        fewer_connections_than_threads: Role,
        missing_gem: App,
        missing_schema: App,
        no_migrations_path: App,
        no_server: Role,
        postgres_18_mount: Accessory,
        several_on_one_url: Role,
        shared_database: App,
        sqlite_off_volume: Role,
        sqlite_on_several_hosts: Destination,
        unknown_database: App,
        unknown_host: Role,
        unpinned_accessory: Accessory,
        unset_variable: Destination,
    }
    env {
        empty_value: Destination,
        gems_elsewhere: Destination,
        hidden_secret: Destination,
        unknown_environment: Destination,
        unknown_tag: Destination,
    }
    files {
        syntax_error: App,
        unreadable: App,
    }
    jobs {
        cut_off: Role,
        missing_program: Role,
        no_cron: Destination,
        shell_syntax_in_command: Role,
    }
    kamal {
        accessory_without_host: Accessory,
        app_port_mismatch: Role,
        broken_alias: Destination,
        conflicting_keys: Destination,
        conflicting_proxies: Destination,
        invalid_name: Destination,
        invalid_value: Destination,
        missing_key: Destination,
        no_hosts: Destination,
        outdated_kamal: Destination,
        owner_without_root: Accessory,
        placeholder_value: Destination,
        public_accessory_port: Accessory,
        reserved_label: Destination,
        tag_below_hosts: Accessory,
        tls_on_several_servers: Role,
        tls_without_host: Destination,
        traefik_hook: Destination,
        traefik_label: Role,
        unknown_key: Destination,
        unknown_role: Destination,
        wrong_type: Destination,
    }
    logs {
        file_in_container: Role,
        unlimited_size: Role,
    }
    mail {
        placeholder_host: Destination,
    }
    proxy {
        acme_unreachable: Role,
        client_address_lost: Role,
        health_host_refused: Role,
        health_not_routed: Role,
        health_redirected: Role,
        host_without_certificate: Role,
        https_not_forced: Role,
        malformed_host: Role,
        no_error_pages: Destination,
        server_on_loopback: Role,
        thruster_bypassed: Role,
        thruster_times_out_first: Role,
        tls_on_path_prefix: Role,
        unbuffered_body_limit: Role,
        wildcard_certificate: Role,
    }
    recurring {
        incomplete_task: App,
        invalid_schedule: App,
        unknown_environment: App,
        unknown_job: App,
    }
    rollout {
        fixed_name: Role,
        healthcheck_too_late: Role,
        healthcheck_without_server: Role,
        host_network: Role,
        migrations_at_once: Role,
        published_port: Role,
    }
    scripts {
        carriage_return: Destination,
        hook_not_executable: App,
        misnamed_hook: App,
        missing_exec: Role,
        missing_interpreter: Destination,
        missing_shebang: Destination,
        not_executable: Destination,
        skipped_db_prepare: Destination,
    }
    secrets {
        file_not_in_ci: Destination,
        key_in_image: Destination,
        literal_value: Destination,
        missing_master_key: Destination,
        multiline_value: Destination,
        not_found: Destination,
        replaced_list: Destination,
        tracked_key: App,
        unread_file: Destination,
        wrong_master_key: Destination,
    }
    server {
        host_taken: Neighbours,
        image_shared: Destination,
        port_taken: Neighbours,
        service_taken: Neighbours,
        volume_shared: Neighbours,
    }
    solid {
        no_job_runner: Destination,
        pool_too_small: Role,
        truthy_false: Role,
        two_job_runners: Destination,
    }
    storage {
        unwritable_volume: Role,
        uploads_off_volume: Role,
        uploads_on_several_hosts: Destination,
        volume_over_code: Role,
    }
}

impl Rule {
    /// The rule that `name` means: its id (`kamal/app-port-mismatch`), the id without its group,
    /// or what another tool calls it.
    pub fn named(name: &str) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.is_called(name))
    }

    /// Its id: group and name.
    pub fn id(&self) -> String {
        format!("{}/{}", self.group, self.name())
    }

    /// Its name: the defect, so that *allow app-port-mismatch* reads well.
    pub fn name(&self) -> String {
        self.module.replace('_', "-")
    }

    /// The group that it belongs to.
    pub fn group(&self) -> &'static str {
        self.group
    }

    /// Its page, as it is written.
    pub fn markdown(&self) -> &'static str {
        self.markdown
    }

    /// Its page, taken apart.
    pub fn docs(&self) -> Docs<'static> {
        Docs::parse(self.markdown)
    }

    /// Whether `name` means it.
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.strip_prefix("seaworthy/").unwrap_or(name);
        self.id() == name || self.name() == name || self.meta.aliases.contains(&name)
    }
}

/// What of an app is checked.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Names of rules, or of groups; empty is all rules.
    pub select: Vec<String>,
    /// Names of rules, or of groups, that are left out.
    pub ignore: Vec<String>,
    /// The one destination that is looked at, instead of all.
    pub destination: Option<String>,
}

impl Selection {
    /// The first name that is neither a rule nor a group.
    pub fn unknown(&self) -> Option<&str> {
        let is_known = |name: &&String| RULES.iter().any(|rule| matches(rule, name));
        self.select
            .iter()
            .chain(&self.ignore)
            .find(|name| !is_known(name))
            .map(String::as_str)
    }

    fn includes(&self, rule: &Rule) -> bool {
        (self.select.is_empty() || self.select.iter().any(|name| matches(rule, name)))
            && !self.ignore.iter().any(|name| matches(rule, name))
    }
}

fn matches(rule: &Rule, name: &str) -> bool {
    rule.group == name || rule.is_called(name)
}

/// Lets every selected rule look at the app.
pub fn check(app: &App<'_>, selection: &Selection) -> Report {
    check_beside(app, &[], selection)
}

/// What of an app can be deployed, to be compared with other apps' deploys.
pub fn deploys(app: &App<'_>) -> Vec<Deploy> {
    app.destinations().iter().map(Deploy::of).collect()
}

/// The same, where other apps may be deployed to the same servers.
pub fn check_beside(app: &App<'_>, others: &[Deploy], selection: &Selection) -> Report {
    let all = app.destinations();
    let has_destinations = all.iter().any(|destination| destination.name().is_some());
    let own: Vec<Deploy> = all.iter().map(Deploy::of).collect();
    // Roles remember what was worked out of them, so all rules are given the same.
    let looked_at: Vec<(&Destination<'_>, Vec<Role<'_>>, Vec<Accessory<'_>>)> = all
        .iter()
        .filter(|destination| match &selection.destination {
            Some(name) => destination.name() == Some(name),
            None => true,
        })
        .map(|destination| (destination, destination.roles(), destination.accessories()))
        .collect();
    let mut report = Report::default();
    for rule in RULES.iter().filter(|rule| selection.includes(rule)) {
        if let Check::App(check) = rule.check {
            report.look(rule, None);
            check(app, &mut report);
            continue;
        }
        for (destination, roles, accessories) in &looked_at {
            let name = destination.name().unwrap_or("base").to_owned();
            report.look(rule, has_destinations.then_some(name));
            match rule.check {
                Check::App(_) => {}
                Check::Destination(check) => drop(check(destination, &mut report)),
                Check::Role(check) => {
                    for role in roles {
                        check(role, &mut report);
                    }
                }
                Check::Accessory(check) => {
                    for accessory in accessories {
                        check(accessory, &mut report);
                    }
                }
                Check::Neighbours(check) => {
                    let number = own
                        .iter()
                        .position(|own| own.destination() == destination.name());
                    let (before, rest) = own.split_at(number.unwrap_or_default());
                    let before = others.iter().chain(before).collect();
                    check(&Neighbours::new(&rest[0], before), &mut report);
                }
            }
        }
    }
    order(&mut report.findings);
    report
}

/// Puts what comes first first, and makes one finding of equal ones.
fn order(findings: &mut Vec<Finding>) {
    let key = |finding: &Finding| {
        let place = &finding.primary.place;
        (
            finding.rule.meta.layer,
            finding.rule.meta.severity,
            place.path().cloned(),
            place.span(),
            finding.rule.id(),
            finding.message.clone(),
        )
    };
    findings.sort_by_key(key);
    findings.dedup_by(|later, first| {
        let is_same = key(later) == key(first);
        if is_same {
            for destination in later.destinations.drain(..) {
                if !first.destinations.contains(&destination) {
                    first.destinations.push(destination);
                }
            }
        }
        is_same
    });
}
