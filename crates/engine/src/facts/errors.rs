//! Who hears of errors: what reports them, and what shows jobs that failed.

use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::App;
use crate::facts::kamal::{Accessory, Destination, Role};
use crate::facts::queues;
use crate::facts::setting::Setting;
use crate::tree::{Index, Path};

/// Gems that hand errors, or all of the log, to somebody: to a service, into a table, or by mail.
const REPORTERS: [&str; 40] = [
    "airbrake",
    "airbrake-ruby",
    "appsignal",
    "atatus",
    "bugsnag",
    "cloudwatchlogger",
    "datadog",
    "ddtrace",
    "elastic-apm",
    "exception-track",
    "exception_notification",
    "fluent-logger",
    "gelf",
    "google-cloud-error_reporting",
    "google-cloud-logging",
    "highlight_io",
    "honeybadger",
    "instana",
    "lapsoss",
    "logdna",
    "logtail",
    "logtail-rails",
    "newrelic_rpm",
    "opentelemetry-sdk",
    "party_foul",
    "posthog-rails",
    "rails_error_dashboard",
    "raven-ruby",
    "raygun4ruby",
    "remote_syslog_logger",
    "rollbar",
    "rorvswild",
    "scout_apm",
    "sentry-rails",
    "sentry-raven",
    "sentry-ruby",
    "skylight",
    "solarwinds_apm",
    "solid_errors",
    "stackdriver",
];

/// Gems that show the jobs of Solid Queue, those that failed among them.
const DASHBOARDS: [&str; 3] = [
    "mission_control-jobs",
    "solid_queue_dashboard",
    "solid_queue_monitor",
];

/// Words of images that carry logs away, or watch.
const COLLECTORS: [&str; 14] = [
    "alloy",
    "beszel",
    "collector",
    "datadog",
    "dozzle",
    "filebeat",
    "fluent",
    "grafana",
    "loki",
    "netdata",
    "otel",
    "promtail",
    "signoz",
    "vector",
];

impl App<'_> {
    /// What hands errors to somebody: a gem of production's bundle, or something of the app's own. Absent
    /// only where the bundle is known.
    pub fn error_reporter(&self) -> Answer<String> {
        let own = [
            "error.subscribe",
            "error_reporter.subscribe",
            "Notifications.subscribe",
            "exceptions_app",
        ];
        let subscribes = self.tree().sources().find(|source| {
            let is_ruby = source.path().name().strip_suffix(".rb").is_some();
            is_ruby && own.iter().any(|word| source.text().contains(word))
        });
        if let Some(source) = subscribes {
            let origin = Origin::at(Place::File(source.path().clone()), "subscribes to errors");
            return Answer::Is(Fact::new(source.path().to_string(), origin));
        }
        self.any_shipped(&REPORTERS)
    }

    /// What shows the jobs of Solid Queue: a gem, or a file of the app's own that is called by it. Absent only
    /// where the bundle is known.
    pub fn job_dashboard(&self) -> Answer<String> {
        let is_own = |file: &&str| {
            let words = ["failed_execution", "failed_job", "solid_queue"];
            let is_code = ["app/", "lib/"]
                .iter()
                .any(|folder| file.starts_with(folder));
            is_code && words.iter().any(|word| file.contains(word))
        };
        let files = self.tree().index().map(Index::files);
        if let Some(file) = files.into_iter().flatten().find(is_own)
            && let Some(path) = Path::new(file)
        {
            let origin = Origin::at(Place::File(path), "called by jobs");
            return Answer::Is(Fact::new(file.to_owned(), origin));
        }
        self.any_shipped(&DASHBOARDS)
    }

    /// Whether the app surely has jobs of its own.
    pub fn has_jobs(&self) -> bool {
        let jobs = self.tree().folder(queues::FOLDER).unwrap_or_default();
        let mut own = jobs
            .iter()
            .filter(|listed| listed.name != "application_job.rb");
        own.any(|listed| listed.is_folder || listed.name.strip_suffix(".rb").is_some())
    }

    /// The first of some gems that a production bundle has.
    fn any_shipped(&self, names: &[&str]) -> Answer<String> {
        let gems = self.gems();
        let mut answers: Vec<Answer<String>> =
            names.iter().map(|name| gems.shipped(name)).collect();
        let is_open = |answer: &Answer<String>| !answer.is_absent();
        let found = answers.iter().position(Answer::is_known);
        let found = found.or_else(|| answers.iter().position(is_open));
        answers.swap_remove(found.unwrap_or_default())
    }
}

impl Destination<'_> {
    /// Whether something beside the app may carry its logs away: Docker's logging has another driver, or
    /// an accessory collects.
    pub fn carries_logs_away(&self) -> bool {
        let is_local = |driver: Answer<Setting<'_>>| match driver.and_then(|driver| driver.text()) {
            Answer::Is(driver) => ["json-file", "local"].contains(&driver.as_str()),
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        };
        let of_role = |role: &Role<'_>| {
            let own = role
                .get("logging")
                .and_then(|logging| logging.get("driver"));
            is_local(own) && is_local(role.option("log-driver"))
        };
        let collects = |accessory: &Accessory<'_>| {
            let image = accessory.image().known().map(|image| image.value);
            image.is_none_or(|image| COLLECTORS.iter().any(|word| image.contains(word)))
        };
        !is_local(self.root().dig(&["logging", "driver"]))
            || !self.roles().iter().all(of_role)
            || self.accessories().iter().any(collects)
    }
}
