use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let (mount, folder) = build.gems_in_cache()?;
    let (stage, install) = build.gem_step()?;
    report
        .at(
            &mount.labelled("stays on the builder"),
            "gems are installed into a cache of the builder's, and the image has none of them",
        )
        .because(&stage.step_fact((), install.span, "installs into it"))
        .help("keep the cache elsewhere, and copy the gems out of it in the same step")
        .snippet(format!(
            "RUN --mount=type=cache,target=/var/cache/bundle,sharing=locked \\\n    \
             export BUNDLE_PATH=/var/cache/bundle && bundle install && bundle clean && \\\n    \
             cp -a /var/cache/bundle/. {folder}/"
        ));
    None
}
