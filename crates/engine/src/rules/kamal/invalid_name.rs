use crate::facts::kamal::Destination;
use crate::facts::kamal_keys::Version;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

/// Kamal's own commands (kamal 2.0 to 2.12 `lib/kamal/cli/main.rb`).
const COMMANDS: [&str; 21] = [
    "accessory",
    "app",
    "audit",
    "build",
    "config",
    "deploy",
    "details",
    "docs",
    "init",
    "lock",
    "proxy",
    "prune",
    "redeploy",
    "registry",
    "remove",
    "rollback",
    "secrets",
    "server",
    "setup",
    "upgrade",
    "version",
];

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let version = destination.kamal()?.version;
    if let Some(service) = destination.service().known()
        && !service.trim().is_empty()
        && !service
            .lines()
            .any(|line| is_name(line, |c| c.is_ascii_alphanumeric()))
    {
        report
            .at(&service, format!("`service` is `{service}`, and Kamal takes letters, digits, hyphens and underscores"))
            .help(format!("call it `{}`", nearest_name(&service)));
    }
    if version < Version::TWO {
        return None;
    }
    for alias in destination.root().get("aliases").known()?.members() {
        let name = &alias.name;
        if COMMANDS.contains(&name.as_str()) {
            report
                .at(
                    name,
                    format!("the alias `{name}` is called as a command of Kamal"),
                )
                .help("call it something else");
        } else if !is_name(name, |c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
            report
                .at(
                    name,
                    format!("the alias `{name}` has letters that Kamal does not take"),
                )
                .help(format!(
                    "call it `{}`",
                    nearest_name(name).to_ascii_lowercase()
                ));
        }
    }
    None
}

fn is_name(text: &str, is_taken: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(|c| is_taken(c) || c == '-' || c == '_')
}

fn nearest_name(text: &str) -> String {
    let is_taken = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.chars()
        .map(|c| if is_taken(c) { c } else { '-' })
        .collect()
}
