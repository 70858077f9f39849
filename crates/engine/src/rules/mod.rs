//! The rules: two files each, a function and a page.
//!
//! A rule is a plain function over the smallest subject that it speaks of. It asks facts and
//! reports; `?` passes over one subject, never its siblings. Its page beside it is the
//! documentation, what `explain` prints, and its tests.

mod docs;
mod keys;

pub use docs::Docs;

use crate::allow::{Allow, allows, suppress};
use crate::facts::App;
use crate::facts::claims::{Deploy, Neighbours};
use crate::facts::compose::{Project, Service};
use crate::facts::dockerfile::Image;
use crate::facts::kamal::{Accessory, Destination, Role};
use crate::finding::{Consequence, Finding, Layer, Report, Safety, Severity};
use crate::near;

/// Who wants to hear of what a rule finds; the later ones hear of everything that the earlier ones do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Everybody: it bites in production, and has done so.
    #[default]
    Default,
    /// Those who ask for it with `--pedantic`: advice that is general, a matter of taste, or harmful
    /// where Kamal deploys.
    Pedantic,
}

impl Profile {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Pedantic => "pedantic",
        }
    }
}

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
    /// Who wants to hear of it.
    pub profile: Profile,
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
            profile: Profile::Default,
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

    /// The same rule, for those who ask for it.
    #[must_use]
    pub const fn pedantic(self) -> Self {
        Self {
            profile: Profile::Pedantic,
            ..self
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
    /// Each Dockerfile, those that are not production's too.
    Image(fn(Image<'_>, &mut Report) -> Option<()>),
    /// Each Dockerfile, with the app whose files it copies.
    Context(fn(Image<'_>, &App<'_>, &mut Report) -> Option<()>),
    /// Each destination, and the base file where it can be deployed alone.
    Destination(fn(&Destination<'_>, &mut Report) -> Option<()>),
    /// Each role of each destination.
    Role(fn(&Role<'_>, &mut Report) -> Option<()>),
    /// Each accessory of each destination.
    Accessory(fn(&Accessory<'_>, &mut Report) -> Option<()>),
    /// Each thing that allows findings, once all other rules have looked.
    Allow(fn(&Allow, &mut Report) -> Option<()>),
    /// Each service of the app's Compose files.
    Service(fn(&Service<'_>, &mut Report) -> Option<()>),
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
        not_served: Role,
        path_mismatch: Role,
        two_manifests: Role,
    }
    build {
        agent_not_forwarded: Destination,
        another_ruby: Destination,
        assets_without_key: Destination,
        changed_owner: Destination,
        credentials_without_key: Destination,
        database_in_build: Destination,
        development_gems: Destination,
        gem_file_not_copied: Destination,
        gems_after_code: Destination,
        gems_in_cache: Destination,
        hidden_failure: Destination,
        hidden_file: Destination,
        history_in_image: Destination,
        ignored_immutable: Destination,
        image_without_account: Destination,
        invalid_image_name: Destination,
        local_registry_without_port: Destination,
        lost_bundle_setting: Destination,
        missing_dockerfile: Destination,
        missing_headers: Destination,
        missing_library: Destination,
        missing_platform: Destination,
        missing_preload: Destination,
        missing_source: Destination,
        missing_user: Destination,
        no_actions: Destination,
        parallel_bootsnap: Destination,
        prefixed_ruby_version: Destination,
        refused_ruby: Destination,
        registry_url: Destination,
        removed_bundler_flag: Destination,
        secret_in_image: Destination,
        secret_not_given: Destination,
        shallow_cache: Destination,
        test_gems: Destination,
        unfit_driver: Destination,
        unknown_stage: Destination,
        unmounted_secret: Destination,
        unpatched_gem: App,
        unread_dockerignore: Destination,
        unsupported_node: Destination,
        unsupported_ruby: Destination,
        untracked_source: Destination,
        unused_argument: Destination,
        unused_jemalloc: Destination,
        variable_not_given: Destination,
    }
    cable {
        adapter_in_one_process: Destination,
        missing_environment: Destination,
        missing_redis: Role,
        origin_refused: Role,
    }
    ci {
        another_kamal: App,
        cancelled_deploy: App,
        missing_program: App,
        no_ssh_key: App,
        removed_command: App,
        secret_not_given: App,
        unreachable_cache: Destination,
    }
    compose {
        another_version: Service,
        data_off_volume: Service,
        host_port: Service,
        literal_secret: Service,
        missing_healthcheck: Service,
        missing_password: Service,
        postgres_18_mount: Service,
        public_port: Service,
        undeclared_volume: Service,
        unknown_service: Service,
    }
    database {
        accessory_database_mismatch: Role,
        accessory_off_volume: Accessory,
        accessory_out_of_reach: Role,
        accessory_user_mismatch: Role,
        fewer_connections_than_threads: Role,
        loaded_anew: Role,
        missing_environment: Destination,
        missing_extension: Destination,
        missing_gem: App,
        missing_schema: App,
        no_backup: Destination,
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
    dockerfile {
        add_instead_of_copy: Image,
        and_or: Image,
        apk_cache_left: Image,
        apt_in_script: Image,
        apt_lists_left: Image,
        array_in_sh: Image,
        before_from: Image,
        both_redirected_in_sh: Image,
        braces_in_sh: Image,
        capital_protocol: Image,
        capital_stage_name: Image,
        changed_folder: Image,
        consecutive_runs: Image,
        constant_platform: Image,
        copied_archive: Image,
        copied_from_itself: Image,
        copied_from_unknown: Image,
        dnf_asks: Image,
        dnf_cache_left: Image,
        double_brackets: Image,
        double_equals_in_sh: Image,
        duplicate_stage_name: Image,
        empty_continuation: Image,
        empty_label: Context,
        forbidden_trigger: Image,
        foreign_registry: Context,
        function_in_sh: Image,
        here_string_in_sh: Image,
        ignored_source: Context,
        impossible_port: Image,
        install_asks: Image,
        invalid_label: Image,
        label_without_commit: Context,
        label_without_license: Context,
        label_without_mail: Context,
        label_without_time: Context,
        label_without_url: Context,
        label_without_version: Context,
        large_user_id: Image,
        latest_base: Image,
        legacy_assignment: Image,
        maintainer_instruction: Image,
        mapped_port: Image,
        masked_failure: Image,
        mismatched_as: Image,
        missing_label: Context,
        mixed_case_keywords: Image,
        named_user: Image,
        nameless_base: Image,
        nested_workdir: Image,
        no_healthcheck: Image,
        overridden_instruction: Image,
        pip_cache_left: Image,
        pipefail_in_sh: Image,
        process_substitution_in_sh: Image,
        recommended_build_packages: Image,
        recommended_packages: Image,
        redundant_platform: Image,
        relative_destination: Image,
        relative_workdir: Image,
        relinked_shell: Image,
        reserved_stage_name: Image,
        root_at_end: Image,
        secret_variable: Image,
        self_reference: Image,
        several_to_file: Image,
        shell_form: Image,
        shell_form_with_exec: Image,
        source_in_sh: Image,
        stray_description: Image,
        sudo: Image,
        unchecked_cd: Image,
        undefined_argument: Image,
        undefined_variable: Image,
        unknown_label: Context,
        unnoticed_download: Image,
        unnoticed_failure: Image,
        unpinned_apk: Image,
        unpinned_apt: Image,
        unpinned_dnf: Image,
        unpinned_gem: Image,
        unpinned_go: Image,
        unpinned_npm: Image,
        unpinned_pip: Image,
        unpinned_yum: Image,
        unpinned_zypper: Image,
        unquoted_output: Image,
        unquoted_variable: Image,
        unreadable_step: Image,
        untagged_base: Image,
        useless_command: Image,
        wget_and_curl: Image,
        wget_progress: Image,
        whole_filesystem: Image,
        yarn_cache_left: Image,
        yum_asks: Image,
        yum_cache_left: Image,
        zypper_asks: Image,
        zypper_cache_left: Image,
        zypper_dist_upgrade: Image,
    }
    env {
        empty_value: Destination,
        gems_elsewhere: Destination,
        hidden_secret: Destination,
        missing_variable: Destination,
        no_environment: Role,
        shell_variable: Destination,
        unknown_environment: Destination,
        unknown_tag: Destination,
        url_to_itself: Role,
    }
    files {
        ineffective_allow: Allow,
        syntax_error: App,
        unreadable: App,
        unused_allow: Allow,
    }
    jobs {
        cut_off: Role,
        missing_program: Role,
        missing_redis: Role,
        no_cron: Destination,
        shell_syntax_in_command: Role,
        unworked_queue: Destination,
    }
    kamal {
        accessory_without_host: Accessory,
        app_as_accessory: Accessory,
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
        unlocked_kamal_1: Destination,
        untouched_sample: Destination,
        wrong_type: Destination,
    }
    logs {
        file_in_container: Role,
        unlimited_size: Role,
        unreported_errors: Destination,
    }
    mail {
        no_server: Destination,
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
        rare_healthcheck: Role,
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
        skipped: Destination,
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
        hook_without_destination: App,
        misnamed_hook: App,
        missing_exec: Role,
        missing_interpreter: Destination,
        missing_shebang: Destination,
        not_executable: Destination,
        skipped_db_prepare: Destination,
    }
    secrets {
        dummy_key: Role,
        file_not_in_ci: Destination,
        gem_server_argument: Image,
        key_in_image: Destination,
        literal_value: Destination,
        missing_master_key: Destination,
        multiline_value: Destination,
        not_found: Destination,
        remembered_gem_server: Destination,
        replaced_list: Destination,
        shell_syntax: Destination,
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
        unseen_failures: Destination,
    }
    storage {
        relative_volume: Role,
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

    /// The ids of rules that `name` may be a slip of: of their ids, of those without their group, or of what
    /// other tools call them.
    pub fn near(name: &str) -> Vec<String> {
        let names: Vec<(String, String)> = RULES
            .iter()
            .flat_map(|rule| {
                let others = rule.meta.aliases.iter().map(|alias| (*alias).to_owned());
                let own = [rule.id(), rule.name()].into_iter();
                own.chain(others).map(|called| (called, rule.id()))
            })
            .collect();
        let called = names.iter().map(|(called, _)| called.as_str());
        let mut near: Vec<String> = Vec::new();
        for called in near::alike(name, called) {
            let ids = names.iter().filter(|(known, _)| known == called);
            near.extend(
                ids.map(|(_, id)| id.clone())
                    .filter(|id| !near.contains(id))
                    .collect::<Vec<_>>(),
            );
        }
        near
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

    /// Whether it is one of BuildKit's own checks: their names are in the style of Go.
    fn is_buildkit(&self) -> bool {
        let mut names = self.meta.aliases.iter();
        names.any(|name| name.chars().any(char::is_lowercase))
    }

    /// Whether it has something to say of a Dockerfile: of one for development only what stops its build
    /// or gives secrets away.
    fn concerns(&self, image: Image<'_>) -> bool {
        let is_grave = matches!(
            self.meta.consequence,
            Consequence::FailedDeploy | Consequence::Exposure
        );
        is_grave || !image.is_for_development()
    }

    /// Whether `name` means it.
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.strip_prefix("seaworthy/").unwrap_or(name);
        let own = match name.split_once('/') {
            Some((group, own)) => (group == self.group).then_some(own),
            None => Some(name),
        };
        let is_own = |own: &str| {
            let written = own
                .bytes()
                .map(|byte| if byte == b'-' { b'_' } else { byte });
            !own.contains('_') && written.eq(self.module.bytes())
        };
        own.is_some_and(is_own) || self.meta.aliases.contains(&name)
    }
}

/// What of an app is checked.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Names of rules, or of groups; empty is all rules. A rule that is named is not asked for its
    /// profile.
    pub select: Vec<String>,
    /// Whose rules look.
    pub profile: Profile,
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

    pub(crate) fn includes(&self, rule: &Rule) -> bool {
        self.includes_in(rule, self.profile)
    }

    fn includes_in(&self, rule: &Rule, profile: Profile) -> bool {
        let is_of_profile = rule.meta.profile <= profile;
        let is_selected = match self.select.as_slice() {
            [] => is_of_profile,
            names => names
                .iter()
                .any(|name| rule.is_called(name) || (is_of_profile && rule.group == name.as_str())),
        };
        is_selected && !self.ignore.iter().any(|name| matches(rule, name))
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
    let images = app.images();
    let services: Vec<Service<'_>> = app.compose().iter().flat_map(Project::services).collect();
    let mut report = Report::default();
    for rule in RULES {
        match rule.check {
            Check::Image(check) => {
                look_at_images(rule, &images, selection, &mut report, check);
                continue;
            }
            Check::Context(check) => {
                let check = |image, report: &mut Report| check(image, app, report);
                look_at_images(rule, &images, selection, &mut report, check);
                continue;
            }
            _ if !selection.includes(rule) => continue,
            Check::App(check) => {
                report.look(rule, None);
                check(app, &mut report);
                continue;
            }
            Check::Service(check) => {
                report.look(rule, None);
                for service in &services {
                    check(service, &mut report);
                }
                continue;
            }
            _ => {}
        }
        for (destination, roles, accessories) in &looked_at {
            let name = destination.name().unwrap_or("base").to_owned();
            report.look(rule, has_destinations.then_some(name));
            match rule.check {
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
                _ => {}
            }
        }
    }
    order(&mut report.findings);
    let allows = allows(app, selection);
    if !allows.is_empty() {
        judge(&mut report, &allows, selection);
    }
    report
}

/// What Docker's own checks stop the build for is an error, and is told whatever the profile.
fn look_at_images<'a>(
    rule: &'static Rule,
    images: &[Image<'a>],
    selection: &Selection,
    report: &mut Report,
    check: impl Fn(Image<'a>, &mut Report) -> Option<()>,
) {
    report.look(rule, None);
    let is_buildkit = rule.is_buildkit();
    for image in images.iter().filter(|image| rule.concerns(**image)) {
        let stops = if is_buildkit {
            image.checks_are_errors()
        } else {
            None
        };
        let profile = match stops {
            Some(_) => Profile::Pedantic,
            None => selection.profile,
        };
        if !selection.includes_in(rule, profile) {
            continue;
        }
        let before = report.findings.len();
        check(*image, report);
        for finding in &mut report.findings[before..] {
            if let Some(place) = &stops {
                finding.stops_the_build(place.clone());
            }
        }
    }
}

/// Puts what is allowed aside, and looks at what allows it.
fn judge(report: &mut Report, allows: &[Allow], selection: &Selection) {
    suppress(&mut report.findings, allows);
    let (suppressed, mut findings): (Vec<Finding>, Vec<Finding>) =
        std::mem::take(&mut report.findings)
            .into_iter()
            .partition(|finding| finding.suppressed.is_some());
    report.suppressed = suppressed;
    for rule in RULES.iter().filter(|rule| selection.includes(rule)) {
        if let Check::Allow(check) = rule.check {
            report.look(rule, None);
            for allow in allows {
                check(allow, report);
            }
        }
    }
    findings.append(&mut report.findings);
    order(&mut findings);
    report.findings = findings;
}

/// Puts what comes first first, and makes one finding of equal ones.
fn order(findings: &mut Vec<Finding>) {
    let key = |finding: &Finding| {
        let place = &finding.primary.place;
        (
            finding.layer,
            finding.severity,
            place.path().cloned(),
            place.span(),
            finding.rule.id(),
            finding.message.clone(),
        )
    };
    findings.sort_by_cached_key(key);
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
