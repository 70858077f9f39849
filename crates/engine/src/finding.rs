//! What `check` says: findings with labels, a reason and a fix.

use std::borrow::Cow;

use crate::change::Changes;
use crate::fact::{Fact, Origin, Place};
use crate::rules::Rule;

/// How loud a finding is; it follows from what happens to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// An outage, lost or exposed data, or a deploy that fails.
    Error,
    /// Something slow, dear or unclean, or an error that only threatens.
    Warning,
    /// Worth knowing.
    Note,
}

/// What happens to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The app does not answer, or jobs do not run.
    Outage,
    /// Data is gone.
    DataLoss,
    /// A secret or a service is open to others.
    Exposure,
    /// The build or the deploy stops.
    FailedDeploy,
    /// Builds, boots or requests take longer than they need to.
    Slow,
    /// Disk, memory or bandwidth is spent for nothing.
    Cost,
    /// It works, and will surprise somebody.
    Hygiene,
}

/// When it happens. Findings are told in this order: what stops a build hides what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// While the image is built.
    Build,
    /// While Kamal deploys.
    Deploy,
    /// While the app runs.
    Runtime,
    /// While Compose runs what is beside the app, or the app.
    Compose,
}

/// How sure the program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// The files prove it.
    Certain,
    /// The files say so, and only something outside them could make it harmless.
    Likely,
    /// The files allow it.
    Possible,
}

/// Who applies a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// `--fix`: it keeps what the app means.
    Safe,
    /// `--fix --unsafe`: it may change what the app means.
    Unsafe,
    /// Nobody but the user: it is shown only.
    Manual,
}

/// The words of JSON, one for each variant.
macro_rules! words {
    ($($type:ident { $($variant:ident => $word:literal),* $(,)? })*) => {
        $(impl $type {
            /// The word for it in JSON and on the command line.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        })*
    };
}

words! {
    Severity { Error => "error", Warning => "warning", Note => "note" }
    Consequence {
        Outage => "outage",
        DataLoss => "data-loss",
        Exposure => "exposure",
        FailedDeploy => "failed-deploy",
        Slow => "slow",
        Cost => "cost",
        Hygiene => "hygiene",
    }
    Layer { Build => "build", Deploy => "deploy", Runtime => "runtime", Compose => "compose" }
    Confidence { Certain => "certain", Likely => "likely", Possible => "possible" }
    Safety { Safe => "safe", Unsafe => "unsafe", Manual => "manual" }
}

/// A place and what is said about it, a fragment without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there.
    pub text: Cow<'static, str>,
}

/// How to make a finding go away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Who applies it.
    pub safety: Safety,
    /// What it writes.
    pub changes: Changes,
}

/// One thing that is wrong, where, and what to do about it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How loud it is: as its rule says, unless this one stops the build.
    pub severity: Severity,
    /// What happens to the user, likewise.
    pub consequence: Consequence,
    /// When it happens, likewise.
    pub layer: Layer,
    /// How sure it is.
    pub confidence: Confidence,
    /// What is, with the values that disagree: one sentence without a full stop.
    pub message: String,
    /// Where it is.
    pub primary: Label,
    /// What else it follows from.
    pub related: Vec<Label>,
    /// What to do, as an imperative.
    pub help: String,
    /// Lines to write by hand, where no change of the app's own files is safe: shown, never applied.
    pub snippet: Option<String>,
    /// The same as a change, where there is one.
    pub fix: Option<Fix>,
    /// The destinations that it was found in; `base` is `config/deploy.yml` alone. Empty where the
    /// app has no destinations, or the finding is not about any.
    pub destinations: Vec<String>,
    /// Why nobody need look at it.
    pub suppressed: Option<Suppressed>,
}

/// Why a finding is known already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suppressed {
    /// The app allows it.
    Allowed {
        /// Why, where that is said.
        reason: Option<String>,
        /// Where it is allowed.
        place: Place,
    },
    /// It was there when the baseline was written.
    Baseline,
}

impl Finding {
    /// Adds a fact that the finding follows from, with all that the fact was worked out from.
    pub fn because<T>(&mut self, fact: &Fact<T>) -> &mut Self {
        self.follow(&fact.origin)
    }

    /// Adds an origin and all that it was worked out from. Tables and options have no place to
    /// show and are left out.
    pub fn follow(&mut self, origin: &Origin) -> &mut Self {
        for origin in origin.chain() {
            if matches!(origin.place, Place::Text { .. } | Place::File(_)) {
                self.label(origin.place.clone(), origin.why.clone());
            }
        }
        self
    }

    /// Adds a place; a place is shown once.
    pub fn label(&mut self, place: Place, text: impl Into<Cow<'static, str>>) -> &mut Self {
        if place != self.primary.place && self.related.iter().all(|label| label.place != place) {
            self.related.push(Label {
                place,
                text: text.into(),
            });
        }
        self
    }

    /// Says how sure the rule is, where that is not `certain`.
    pub fn confidence(&mut self, confidence: Confidence) -> &mut Self {
        self.confidence = confidence;
        self
    }

    /// Raises it to an error: Docker's checks stop the build for it, because `place` says so.
    pub(crate) fn stops_the_build(&mut self, place: Place) {
        self.severity = Severity::Error;
        self.consequence = Consequence::FailedDeploy;
        self.layer = Layer::Build;
        self.label(place, "this makes it stop the build");
    }

    /// Says what to do, where no change can be given.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = help.into();
        self
    }

    /// Shows lines to write by hand, where no change can be given that is safe.
    pub fn snippet(&mut self, lines: impl Into<String>) -> &mut Self {
        self.snippet = Some(lines.into());
        self
    }

    /// Gives a change that mends it but may take something away that the app needs.
    pub fn unsafe_fix(&mut self, title: impl Into<String>, changes: Option<Changes>) -> &mut Self {
        self.fix(title, changes);
        if let Some(fix) = &mut self.fix {
            fix.safety = fix.safety.max(Safety::Unsafe);
        }
        self
    }

    /// Gives the change that mends it, as safe as the rule says; without changes it is only help.
    pub fn fix(&mut self, title: impl Into<String>, changes: Option<Changes>) -> &mut Self {
        let title = title.into();
        self.help.clone_from(&title);
        self.fix = changes.map(|changes| Fix {
            title,
            safety: self.rule.meta.safety,
            changes,
        });
        self
    }
}

/// What a verb found.
#[derive(Debug, Default)]
pub struct Report {
    /// Findings, in the order of what to look at first.
    pub findings: Vec<Finding>,
    /// Findings that are known already, each with the reason.
    pub suppressed: Vec<Finding>,
    /// The rule that is looking, and for which destination.
    looking: Option<(&'static Rule, Option<String>)>,
}

impl Report {
    /// Lets `rule` look on behalf of `destination`.
    pub(crate) fn look(&mut self, rule: &'static Rule, destination: Option<String>) {
        self.looking = Some((rule, destination));
    }

    /// Finds something at the place of a fact, and labels all that the fact was worked out from.
    ///
    /// # Panics
    ///
    /// If no rule is looking: findings come from rules only.
    pub fn at<T>(&mut self, fact: &Fact<T>, message: impl Into<String>) -> &mut Finding {
        let finding = self.found(
            Label {
                place: fact.origin.place.clone(),
                text: fact.origin.why.clone(),
            },
            message,
        );
        for origin in &fact.origin.from {
            finding.follow(origin);
        }
        finding
    }

    /// Finds something at `place`.
    ///
    /// # Panics
    ///
    /// As [`at`](Self::at).
    pub fn place(
        &mut self,
        place: Place,
        label: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.found(
            Label {
                place,
                text: label.into(),
            },
            message,
        )
    }

    fn found(&mut self, primary: Label, message: impl Into<String>) -> &mut Finding {
        let (rule, destination) = self.looking.clone().expect("a rule is looking");
        self.findings.push(Finding {
            rule,
            severity: rule.meta.severity,
            consequence: rule.meta.consequence,
            layer: rule.meta.layer,
            confidence: Confidence::Certain,
            message: message.into(),
            primary,
            related: Vec::new(),
            help: String::new(),
            snippet: None,
            fix: None,
            destinations: destination.into_iter().collect(),
            suppressed: None,
        });
        self.findings.last_mut().expect("one was just pushed")
    }

    /// How many findings there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}
