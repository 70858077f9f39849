//! What Rails surely reads while it boots, and cannot boot without: variables, and the credentials.
//!
//! Upstream: ruby's `ENV.fetch`; rails 8.1 `activesupport/lib/active_support/{encrypted_configuration,
//! encrypted_file}.rb`: without a key the credentials are empty, and a name in them is `nil`.

use syntax::ruby::{Call, Context, Expression, ExpressionKind};

use crate::fact::{Answer, Fact};
use crate::facts::App;
use crate::facts::build::Build;
use crate::facts::dockerfile::Stage;
use crate::facts::setting::holds_in_production;
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

/// When Rails stops where the key of the credentials is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequiredKey {
    /// In any case.
    Always,
    /// Unless this variable is set, as `ENV["SECRET_KEY_BASE_DUMMY"].blank?` has it.
    Unless(String),
}

impl App<'_> {
    /// The variables that Rails fetches as it boots in production, and fails without.
    pub fn fetched_at_boot(&self) -> &[Fact<String>] {
        self.fetched.get_or_init(|| self.fetches_at_boot())
    }

    /// What Rails asks of a part of the credentials as it boots in production, which fails where they are
    /// empty: `smtp.address`, `aws[:key]`.
    pub fn credentials_at_boot(&self) -> &[Fact<String>] {
        self.asked.get_or_init(|| self.asks_of_credentials())
    }

    /// Whether Rails stops where the key of the credentials is missing. It does once anything asks them, as
    /// Active Record does by itself (rails 8.1 `activerecord/lib/active_record/railtie.rb`,
    /// `active_record_encryption.configuration`).
    pub fn required_key(&self) -> Option<Fact<RequiredKey>> {
        let Answer::Is(setting) = self.rails().setting("config.require_master_key") else {
            return None;
        };
        let required = match &setting.kind {
            ExpressionKind::True => RequiredKey::Always,
            kind => RequiredKey::Unless(is_blank(kind)?),
        };
        Some(setting.map(|_| required).labelled("the key is required"))
    }

    fn fetches_at_boot(&self) -> Vec<Fact<String>> {
        // Rails and Bundler set these themselves.
        const SET: [&str; 3] = ["BUNDLE_GEMFILE", "RACK_ENV", "RAILS_ENV"];
        let mut fetched: Vec<Fact<String>> = Vec::new();
        let sets: Vec<&str> = self
            .boot_calls()
            .filter_map(|(_, call)| set(call))
            .collect();
        for (source, call) in self.boot_calls() {
            let Some(name) = fetched_by(source, call) else {
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

    fn asks_of_credentials(&self) -> Vec<Fact<String>> {
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

/// The variable that a call fetches, and fails without: it has no default, or a block that raises.
pub(super) fn fetched_by<'a>(source: &Source, call: &'a Call) -> Option<&'a str> {
    let is_fetch = call.receiver.as_deref() == Some("ENV") && call.name.value == "fetch";
    let [name] = &*call.arguments else {
        return None;
    };
    let fails = match call.block {
        None => true,
        Some(block) => source
            .ruby()
            .calls_named("raise")
            .any(|raise| Some(raise.statement) == block.body),
    };
    name.as_str().filter(|_| is_fetch && fails)
}

/// The variable that an expression asks to be without a value: `ENV["NAME"].blank?`, `!ENV["NAME"].present?`.
fn is_blank(kind: &ExpressionKind) -> Option<String> {
    let questioned = |kind: &ExpressionKind, questions: &[&str]| match kind {
        ExpressionKind::Call {
            receiver: Some(receiver),
            name,
            ..
        } if questions.contains(&name.as_str()) => variable_of(receiver),
        _ => None,
    };
    match kind {
        ExpressionKind::Not(of) => questioned(&of.kind, &["present?"]).or_else(|| variable_of(of)),
        kind => questioned(kind, &["blank?", "nil?"]),
    }
}

fn variable_of(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Env {
            name,
            default: None,
            ..
        } => Some(name.clone()),
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
        Context::If {
            condition, negated, ..
        } => holds_in_production(condition).is_some_and(|holds| holds != *negated),
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
