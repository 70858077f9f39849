//! Who hears of errors: what reports them, and what shows jobs that failed.

use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::App;
use crate::facts::kamal::{Accessory, Destination};

/// Gems that hand errors to somebody: to a service, into a table, or by mail.
const REPORTERS: [&str; 30] = [
    "airbrake",
    "airbrake-ruby",
    "appsignal",
    "bugsnag",
    "datadog",
    "ddtrace",
    "elastic-apm",
    "exception-track",
    "exception_notification",
    "google-cloud-error_reporting",
    "highlight_io",
    "honeybadger",
    "instana",
    "lapsoss",
    "logtail-rails",
    "newrelic_rpm",
    "opentelemetry-sdk",
    "party_foul",
    "posthog-rails",
    "rails_error_dashboard",
    "raven-ruby",
    "raygun4ruby",
    "rollbar",
    "rorvswild",
    "scout_apm",
    "sentry-rails",
    "sentry-raven",
    "sentry-ruby",
    "skylight",
    "solid_errors",
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
    /// What hands errors to somebody: a gem of production's bundle, or a subscriber of the app's own.
    /// Absent only where the bundle is known.
    pub fn error_reporter(&self) -> Answer<String> {
        let subscribes = self.tree().sources().find(|source| {
            let is_ruby = source.path().name().strip_suffix(".rb").is_some();
            is_ruby && source.text().contains("error.subscribe")
        });
        if let Some(source) = subscribes {
            let origin = Origin::at(Place::File(source.path().clone()), "subscribes to errors");
            return Answer::Is(Fact::new(source.path().to_string(), origin));
        }
        self.any_shipped(&REPORTERS)
    }

    /// What shows the jobs of Solid Queue. Absent only where the bundle is known.
    pub fn job_dashboard(&self) -> Answer<String> {
        self.any_shipped(&DASHBOARDS)
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
        let driver = self.root().dig(&["logging", "driver"]);
        let is_local = match driver.and_then(|driver| driver.text()) {
            Answer::Is(driver) => ["json-file", "local"].contains(&driver.as_str()),
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        };
        let collects = |accessory: &Accessory<'_>| {
            let image = accessory.image().known().map(|image| image.value);
            image.is_none_or(|image| COLLECTORS.iter().any(|word| image.contains(word)))
        };
        !is_local || self.accessories().iter().any(collects)
    }
}
