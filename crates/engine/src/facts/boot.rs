//! What Rails surely reads while it boots, and cannot boot without: variables, and the credentials.
//!
//! Upstream: ruby's `ENV.fetch`; rails 8.1 `activesupport/lib/active_support/{encrypted_configuration,
//! encrypted_file}.rb`: without a key the credentials are empty, and a name in them is `nil`.

use syntax::ruby::{Call, Context};

use crate::fact::Fact;
use crate::facts::App;
use crate::facts::build::Build;
use crate::facts::dockerfile::Stage;
use crate::facts::steps::Step;
use crate::tree::Source;

/// Calls whose block runs where it stands.
const AT_ONCE: [&str; 3] = [".configure", ".init", ".setup"];

/// What also runs code in these files, or leaves it out, in a way that is not seen.
const DETOURS: [&str; 5] = ["abort", "exit", "next", "rescue", "return"];

/// Methods that `nil` has.
const OF_NIL: [&str; 16] = [
    "as_json", "blank?", "inspect", "is_a?", "nil?", "presence", "present?", "tap", "then", "to_a",
    "to_h", "to_json", "to_param", "to_query", "to_s", "try",
];

/// The credentials, as code names them.
const CREDENTIALS: &str = "Rails.application.credentials.";

impl App<'_> {
    /// The variables that Rails fetches as it boots in production, and fails without.
    pub fn fetched_at_boot(&self) -> &[Fact<String>] {
        self.at_boot[0].get_or_init(|| self.fetched())
    }

    /// What Rails asks of a part of the credentials as it boots in production, which fails where they are
    /// empty: `smtp.address`, `aws[:key]`.
    pub fn credentials_at_boot(&self) -> &[Fact<String>] {
        self.at_boot[1].get_or_init(|| self.asked_of_credentials())
    }

    fn fetched(&self) -> Vec<Fact<String>> {
        // Rails and Bundler set these themselves.
        const SET: [&str; 3] = ["BUNDLE_GEMFILE", "RACK_ENV", "RAILS_ENV"];
        let mut fetched: Vec<Fact<String>> = Vec::new();
        let sets: Vec<&str> = self
            .boot_calls()
            .filter_map(|(_, call)| set(call))
            .collect();
        for (source, call) in self.boot_calls() {
            let Some(name) = fetched_by(call) else {
                continue;
            };
            let is_new = fetched.iter().all(|known| known.value != name);
            if is_new && runs_at_boot(call) && !sets.contains(&name) && !SET.contains(&name) {
                fetched.push(Fact::read(
                    name.to_owned(),
                    source.path(),
                    call.span,
                    "read as Rails boots",
                ));
            }
        }
        fetched
    }

    fn asked_of_credentials(&self) -> Vec<Fact<String>> {
        let calls = self.boot_calls().filter_map(|(source, call)| {
            let part = call.receiver.as_deref()?.strip_prefix(CREDENTIALS)?;
            let written = call.span.of(source.text());
            let is_safe = written.contains("&.") || OF_NIL.contains(&call.name.value.as_str());
            let is_one =
                !part.contains('.') && !part.ends_with(['?', '!']) && call.operator.is_none();
            (is_one && !is_safe && runs_at_boot(call)).then(|| {
                let part = part.to_owned();
                Fact::read(part, source.path(), call.span, "read as Rails boots")
            })
        });
        calls.collect()
    }

    fn boot_calls(&self) -> impl Iterator<Item = (&Source, &Call)> {
        self.rails()
            .configuring()
            .filter(|source| source.ruby().errors.is_empty() && !has_detour(source))
            .flat_map(|source| source.ruby().calls.iter().map(move |call| (source, call)))
    }
}

/// The variable that a call fetches, and fails without.
pub(super) fn fetched_by(call: &Call) -> Option<&str> {
    let is_fetch = call.receiver.as_deref() == Some("ENV") && call.name.value == "fetch";
    match &*call.arguments {
        [name] if is_fetch && call.block.is_none() => name.as_str(),
        _ => None,
    }
}

/// The variable that a call sets.
fn set(call: &Call) -> Option<&str> {
    let is_set = call.receiver.as_deref() == Some("ENV") && call.name.value == "[]=";
    call.arguments.first().filter(|_| is_set)?.as_str()
}

/// Whether code of a file may be left out by a word that is no context of it.
fn has_detour(source: &Source) -> bool {
    let lines = source.text().lines();
    let mut code = lines.map(str::trim).filter(|line| !line.starts_with('#'));
    code.any(|line| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| DETOURS.contains(&word))
    })
}

/// Whether a call surely runs when its file is read.
fn runs_at_boot(call: &Call) -> bool {
    call.within().iter().all(|context| match context {
        Context::Namespace { .. } => true,
        Context::Block { call, .. } => AT_ONCE.iter().any(|name| call.ends_with(name)),
        _ => false,
    })
}

impl<'a> Build<'a> {
    /// The steps that compile assets as production, each with its stage.
    pub fn asset_steps(&self) -> Vec<(Stage<'a>, Step)> {
        let is_production = |stage: &Stage<'a>| {
            let environment = stage.variable("RAILS_ENV").known();
            environment.is_some_and(|environment| *environment == "production")
        };
        let compiles = |step: &Step| {
            let is_rails = matches!(step.program(), Some("rails" | "rake"));
            is_rails && step.has("assets:precompile") && !step.variables.contains("RAILS_ENV")
        };
        let stages = self.stages().into_iter().filter(is_production);
        stages
            .flat_map(|stage| stage.commands().into_iter().map(move |step| (stage, step)))
            .filter(|(_, step)| compiles(step))
            .collect()
    }
}
