use crate::facts::kamal::Role;
use crate::facts::process;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let app = destination.app();
    let image = process::stage(role)?.image();
    // Another context has other files.
    if !destination.root().dig(&["builder", "context"]).is_absent() {
        return None;
    }
    for program in process::programs(role) {
        let path = program.value.clone();
        let is_listed = path.parent().as_str() == "bin" && app.tree().folder("bin").is_some();
        let is_made = image.mentions("binstubs") || image.mentions(path.name());
        if !is_listed || app.tree().has(&path) || is_made {
            continue;
        }
        report
            .at(
                &program,
                format!("a role is started with {path}, and there is no such file"),
            )
            .confidence(Confidence::Likely)
            .help(match path.name() {
                "jobs" => "run `bin/rails solid_queue:install`, which writes it".to_owned(),
                "thrust" => "run `bundle binstubs thruster`".to_owned(),
                _ => format!("add {path}, or start something else"),
            });
    }
    let bundled = process::bundled_program(role)?;
    let (name, gem) = bundled.value;
    let missing = app.gems().shipped(gem).absent()?;
    app.tree().source("Gemfile.lock")?;
    report
        .at(
            &bundled,
            format!(
                "a role is started with `bundle exec {name}`, and production's bundle has no {gem}"
            ),
        )
        .label(missing, "the bundle")
        .help(format!("add {gem} to the Gemfile, outside of any group"));
    None
}
