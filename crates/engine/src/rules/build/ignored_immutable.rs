use syntax::Edit;

use crate::change::Changes;
use crate::facts::javascript::PackageManager;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let manager = destination.app().javascript().package_manager().known()?;
    let image = build.image();
    let text = image.source().text();
    // Another Yarn than the one that wrote the lockfile.
    let may_be_another = [
        "set version",
        "corepack",
        "@yarnpkg",
        "yarn@2",
        "yarn@3",
        "yarn@4",
    ];
    if manager.value != PackageManager::YarnClassic
        || may_be_another.iter().any(|word| text.contains(word))
    {
        return None;
    }
    let built: Vec<usize> = build.stages().iter().map(|stage| stage.index()).collect();
    for ran in image.running(&["yarn"]) {
        let stage = image.stage_of(ran.instruction());
        let is_built = stage.is_some_and(|stage| built.contains(&stage.index()));
        let mut words = ran.command().words.iter();
        let flag = words.find(|word| word.literal().as_deref() == Some("--immutable"));
        let Some(flag) = flag.filter(|_| is_built) else {
            continue;
        };
        let span = ran.span(flag.span);
        let edit = Edit::replace(span, "--frozen-lockfile");
        report
            .at(
                &ran.fact_at((), flag.span, "an option of Yarn 2 and later"),
                "Yarn 1 ignores `--immutable`, and installs what is not in the lockfile",
            )
            .because(&manager)
            .fix(
                "say it as Yarn 1 does: `--frozen-lockfile`",
                Some(Changes::edit(image.source().path(), vec![edit])),
            );
    }
    None
}
