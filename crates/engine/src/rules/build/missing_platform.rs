use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;
use crate::version::at_least;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let arches = build.arches()?;
    let locked = destination.app().gems().platforms();
    let last = locked.last()?;
    // A step that adds what is missing, or lets Bundler add it.
    let frozen = build.frozen_bundle()?;
    let gems = destination.app().gems();
    let base = build.base_of(build.stage()?)?;
    let is_musl = base.contains("alpine");
    // Before 2.6, a platform without a C library was for any.
    let is_strict = gems
        .bundler()
        .known()
        .is_some_and(|bundler| at_least(&bundler, [2, 6]));
    for arch in arches {
        let cpu = match arch.as_str() {
            "amd64" => "x86_64",
            "arm64" => "aarch64",
            _ => continue,
        };
        let is_for = |platform: &str| match platform.split_once('-') {
            Some((known, rest)) => {
                let is_cpu = known == cpu || known == "arm64" && cpu == "aarch64";
                is_cpu
                    && match rest {
                        "linux" => !is_musl || !is_strict,
                        rest if is_musl => rest.starts_with("linux-musl"),
                        rest => rest.starts_with("linux"),
                    }
            }
            None => platform == "ruby",
        };
        if locked.iter().any(|platform| is_for(platform)) {
            continue;
        }
        let wanted = format!("{cpu}-linux{}", if is_musl { "-musl" } else { "" });
        let names: Vec<&str> = locked.iter().map(|platform| platform.as_str()).collect();
        let place: &Place = &last.origin.place;
        let with = if is_musl { " with musl" } else { "" };
        let finding = report.place(
            place.clone(),
            format!("no {wanted} here"),
            format!(
                "the image is built for {arch}{with}, and Gemfile.lock is for {} alone",
                names.join(", ")
            ),
        );
        finding.because(&arch.labelled("built for this"));
        if is_musl {
            finding.because(&base.clone().labelled("Alpine is musl"));
        }
        finding.because(&frozen).help(format!(
            "run `bundle lock --add-platform {wanted}` and commit"
        ));
    }
    None
}
