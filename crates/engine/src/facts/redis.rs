//! Where the app asks for Redis' address.

use syntax::ruby::{Call, ExpressionKind};

use crate::facts::App;
use crate::facts::setting::Setting;

impl App<'_> {
    /// The variables that the files of production's configuration read Redis' address from, each once:
    /// `REDIS_URL`, `SIDEKIQ_REDIS_URL`.
    pub fn redis_variables(&self) -> Vec<String> {
        let sources = self.rails().configuring();
        let in_ruby = sources.flat_map(|source| source.ruby().calls.iter().filter_map(read_by));
        let cable = self.tree().source("config/cable.yml");
        let cable = cable.and_then(|source| Setting::of_file(source).known());
        let production = cable.and_then(|cable| cable.get("production").known());
        let in_cable = production.and_then(|own| own.get("url").known()?.variable());
        let mut found: Vec<String> = Vec::new();
        for name in in_ruby.map(str::to_owned).chain(in_cable) {
            if name.contains("REDIS") && name.ends_with("URL") && !found.contains(&name) {
                found.push(name);
            }
        }
        found
    }
}

/// The variable that a call reads, unless something else than a text stands in for it.
fn read_by(call: &Call) -> Option<&str> {
    if call.receiver.as_deref() != Some("ENV") {
        return None;
    }
    let (name, default) = match (call.name.value.as_str(), &*call.arguments) {
        ("[]" | "fetch", [name]) => (name, None),
        ("fetch", [name, default]) => (name, Some(default)),
        _ => return None,
    };
    let is_settled = default.is_none_or(|default| {
        matches!(
            default.kind,
            ExpressionKind::String(_) | ExpressionKind::Nil
        )
    });
    name.as_str().filter(|_| is_settled)
}
