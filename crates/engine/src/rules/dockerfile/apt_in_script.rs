use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .also(&["DL3027"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let shared = [
        "install",
        "update",
        "upgrade",
        "remove",
        "purge",
        "autoremove",
        "clean",
        "source",
        "build-dep",
    ];
    for ran in image.running(&["apt"]) {
        let word = ran.command().words.first()?;
        let fact = ran.fact_at((), word.span, "made for people at a terminal");
        let is_shared = ran
            .subcommand()
            .is_some_and(|said| shared.contains(&said.as_str()));
        let span = ran.span(word.span);
        let finding = report.at(
            &fact,
            "`apt` does not promise to stay the same from release to release",
        );
        if is_shared && span.of(image.source().text()) == "apt" {
            finding.fix("run `apt-get`", fact.replace("apt-get"));
        } else {
            finding.help("run `apt-get` or `apt-cache`");
        }
    }
    None
}
