use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let arches = build.arches()?;
    let locked = destination.app().gems().platforms();
    let last = locked.last()?;
    // A step that adds what is missing, or lets Bundler add it.
    let frozen = build.frozen_bundle()?;
    // With musl the platforms have other names, and which of them match is RubyGems' to say.
    if build.base_of(build.stage()?)?.contains("alpine") {
        return None;
    }
    for arch in arches {
        let cpu = match arch.as_str() {
            "amd64" => "x86_64",
            "arm64" => "aarch64",
            _ => continue,
        };
        let is_for = |platform: &str| match platform.split_once('-') {
            Some((known, rest)) => {
                (known == cpu || known == "arm64" && cpu == "aarch64")
                    && rest.starts_with("linux")
            }
            None => platform == "ruby",
        };
        if locked.iter().any(|platform| is_for(platform)) {
            continue;
        }
        let wanted = format!("{cpu}-linux");
        let names: Vec<&str> = locked.iter().map(|platform| platform.as_str()).collect();
        let place: &Place = &last.origin.place;
        report
            .place(
                place.clone(),
                format!("no {wanted} here"),
                format!("the image is built for {arch}, and Gemfile.lock is for {} alone", names.join(", ")),
            )
            .because(&arch.labelled("built for this"))
            .because(&frozen)
            .help(format!("run `bundle lock --add-platform {wanted}` and commit"));
    }
    None
}
