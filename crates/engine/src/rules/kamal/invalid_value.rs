use crate::facts::kamal::Destination;
use crate::facts::kamal_keys::Version;
use crate::facts::setting::{Setting, Shape};
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let version = destination.kamal()?.version;
    let root = destination.root();
    if let Some(kept) = root
        .get("retain_containers")
        .and_then(|kept| kept.integer())
        .known()
        && *kept < 1
    {
        report
            .at(
                &kept,
                format!("`retain_containers` is {kept}, and Kamal keeps at least 1"),
            )
            .help("keep 1 or more");
    }
    if let Some(cache) = root
        .dig(&["builder", "cache", "type"])
        .and_then(|cache| cache.text())
        .known()
        && cache.value != "false"
        && !["gha", "registry"].contains(&cache.as_str())
    {
        report
            .at(
                &cache,
                format!("`builder.cache.type` is `{cache}`, and Kamal knows `gha` and `registry`"),
            )
            .help("say `gha` or `registry`");
    }
    if let Some(minimum) = root
        .get("minimum_version")
        .and_then(|minimum| minimum.text())
        .known()
        && minimum.value != "false"
        && !is_version(&minimum)
    {
        report
            .at(
                &minimum,
                format!("`minimum_version` is `{minimum}`, which is no version"),
            )
            .help("write it as 2.8.0");
    }
    if let Some(level) = root.dig(&["ssh", "log_level"]).known() {
        log_level(&level, report);
    }
    if version < Version::TWO {
        let roles = destination.containers();
        let sections = std::iter::once(root).chain(&roles);
        for check in sections.filter_map(|section| section.get("healthcheck").known()) {
            address(&check, report);
        }
    }
    if version.has(2, 11)
        && let Some(output) = root.get("hooks_output").known()
    {
        levels(&output, report);
    }
    if version >= Version::new(2, 8, 2) {
        remote_builder(root, report);
    }
    for container in destination.containers() {
        let options = container
            .get("options")
            .known()
            .filter(|options| options.is_mapping());
        let given = options.iter().flat_map(|options| options.members());
        for restart in given.filter(|option| option.name.value == "restart") {
            restart_policy(&restart.value, version, report);
        }
    }
    None
}

/// Whether `Gem::Version` can read it.
fn is_version(text: &str) -> bool {
    let text = text.trim();
    text.is_empty()
        || (text.starts_with(|c: char| c.is_ascii_digit())
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)))
}

/// Kamal 1 makes an address of the port and the path of its check (kamal 1.9.3
/// `lib/kamal/configuration/healthcheck.rb`).
fn address(check: &Setting<'_>, report: &mut Report) {
    if let Some(port) = check.get("port").and_then(|port| port.text()).known()
        && !port.bytes().all(|byte| byte.is_ascii_digit())
    {
        report
            .at(
                &port,
                format!("`healthcheck.port` is `{port}`, which is no port"),
            )
            .help("write the port that the container listens on");
    }
    if let Some(path) = check.get("path").known()
        && let Some(text) = path.text().known()
        && (path.shape() != Shape::Text || text.contains(char::is_whitespace))
        && path.shape() != Shape::Nothing
    {
        report
            .at(
                &text,
                format!("`healthcheck.path` is `{text}`, which is no path"),
            )
            .help("write a path, as `/up`");
    }
}

/// A level that Ruby's Logger knows; it takes any whole number.
fn log_level(level: &Setting<'_>, report: &mut Report) {
    let levels = ["debug", "info", "warn", "error", "fatal", "unknown"];
    if matches!(level.shape(), Shape::Integer | Shape::Nothing) {
        return;
    }
    if let Some(text) = level.text().known()
        && !levels.contains(&text.trim_start_matches(':').to_ascii_lowercase().as_str())
    {
        report
            .at(
                &text,
                format!("`ssh.log_level` is `{text}`, which is no level of Ruby's Logger"),
            )
            .help("say debug, info, warn, error or fatal");
    }
}

/// How loud hooks are, for all or for each.
fn levels(output: &Setting<'_>, report: &mut Report) {
    let levels = if output.is_mapping() {
        output
            .members()
            .into_iter()
            .map(|member| member.value)
            .collect()
    } else {
        vec![output.clone()]
    };
    for level in levels {
        // A number or boolean for all hooks passes, and means nothing.
        let is_text = level.shape() == Shape::Text || output.is_mapping();
        if let Some(text) = level
            .text()
            .known()
            .filter(|_| is_text && level.shape() != Shape::Nothing)
            && !["quiet", "verbose"].contains(&text.trim_start_matches(':'))
        {
            report
                .at(
                    &text,
                    format!(
                        "`{}` is `{text}`, and Kamal knows `:quiet` and `:verbose`",
                        level.key()
                    ),
                )
                .help("say `:quiet` or `:verbose`");
        }
    }
}

/// A builder on another machine reaches a registry on this one through SSH alone
/// (kamal 2.8.2 `lib/kamal/configuration.rb`).
fn remote_builder(root: &Setting<'_>, report: &mut Report) {
    let server = root
        .dig(&["registry", "server"])
        .and_then(|server| server.text())
        .known();
    let Some(server) = server.filter(|server| server.starts_with("localhost:")) else {
        return;
    };
    let Some(builder) = root
        .get("builder")
        .known()
        .filter(|builder| builder.is_mapping())
    else {
        return;
    };
    let Some(remote) = builder
        .get("remote")
        .and_then(|remote| remote.text())
        .known()
    else {
        return;
    };
    // With one processor and local builds, it depends on this machine whether the other one builds.
    let is_used = builder
        .get("local")
        .known()
        .is_some_and(|local| local.shape() == Shape::Boolean(false))
        || builder
            .get("arch")
            .known()
            .is_some_and(|arch| arch.items().len() > 1);
    if is_used && !remote.trim().is_empty() && !remote.starts_with("ssh://") {
        report
            .at(&remote, format!("`builder.remote` is `{remote}`, and the registry on `{server}` is reached through SSH alone"))
            .because(&server)
            .help("write it as `ssh://USER@HOST`");
    }
}

fn restart_policy(restart: &Setting<'_>, version: Version, report: &mut Report) {
    let text = restart.text().known();
    if !version.has(2, 12) {
        if version.has(2, 6) && !restart.is_blank() && restart.shape() != Shape::Dynamic {
            report
                .place(
                    restart.place(),
                    "set here",
                    format!(
                        "`{}` is set, and Kamal {version} sets it itself",
                        restart.key()
                    ),
                )
                .help("leave it out; Kamal 2.12 is the first that takes it");
        }
        return;
    }
    match (restart.shape(), text) {
        (Shape::Dynamic, _) => {}
        (Shape::Text, Some(text)) if is_policy(&text) => {}
        (Shape::Boolean(false), Some(text)) if text.eq_ignore_ascii_case("no") => {
            let changes = text.replace("\"no\"");
            report
                .at(
                    &text,
                    format!(
                        "`{}` is `{text}` without quotes, which YAML takes for false",
                        restart.key()
                    ),
                )
                .fix("write it in quotes", changes);
        }
        _ => {
            report
                .place(
                    restart.name(),
                    "set here",
                    format!("`{}` is no policy that Kamal knows", restart.key()),
                )
                .help("say \"no\", always, unless-stopped, on-failure or on-failure:N");
        }
    }
}

fn is_policy(text: &str) -> bool {
    ["no", "always", "unless-stopped", "on-failure"].contains(&text)
        || text.strip_prefix("on-failure:").is_some_and(|count| {
            !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit())
        })
}
