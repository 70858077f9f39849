use crate::facts::kamal::Destination;
use crate::facts::scripts::Script;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;
use crate::tree::Source;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let stage = build.stage()?;
    stage.variable("LD_PRELOAD").absent()?;
    let given = |name: &str| {
        let roles = destination.roles();
        let of_roles = roles.iter().map(|role| role.environment().variable(name));
        let mut all = of_roles.chain([destination.environment().variable(name)]);
        all.any(|given| !given.is_absent())
    };
    // What starts the app may load it: no entrypoint at all does not, one that is not read may.
    let entrypoint = stage.entrypoint();
    let is_read = destination
        .entrypoint()
        .is_some_and(|script| script.source().is_some());
    let own = build.image().source().path();
    let loads = |source: &Source| {
        let says = ["LD_PRELOAD", "jemalloc"];
        source.path() != own && says.iter().any(|word| source.text().contains(word))
    };
    let is_unread = |script: &Script<'_>| script.source().is_none();
    if given("LD_PRELOAD")
        || !(entrypoint.is_absent() || is_read)
        || !stage.starts_from_official_ruby(&build)
        || destination.scripts().iter().any(is_unread)
        || destination.app().tree().sources().any(loads)
    {
        return None;
    }
    let image = build.image();
    let lineage = stage.lineage();
    let installs = image
        .running(&["apt-get", "apt"])
        .into_iter()
        .find_map(|ran| {
            let within = image.stage_of(ran.instruction())?;
            let is_kept = lineage.iter().any(|stage| stage.index() == within.index());
            let mut words = ran.command().words.iter();
            let package = words.find(|word| word.literal().as_deref() == Some("libjemalloc2"))?;
            is_kept.then(|| ran.fact_at((), package.span, "installed, and never loaded"))
        })?;
    if image.mentions("ld.so.preload") || image.mentions("libjemalloc.so") {
        return None;
    }
    report
        .at(&installs, "the image has jemalloc, and nothing loads it")
        .confidence(Confidence::Likely)
        .help("let the loader take it in all containers")
        .snippet("ENV LD_PRELOAD=libjemalloc.so.2");
    None
}
