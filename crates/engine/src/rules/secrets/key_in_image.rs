use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Exposure, Layer::Build)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let dockerfile = destination.dockerfile()?;
    destination.app().image(&dockerfile)?.copies_context()?;
    let ignore = destination.dockerignore()?;
    // What surely is in the image is build/secret-in-image's.
    let surely = destination
        .build()
        .map(|build| build.secret_files())
        .unwrap_or_default();
    for key in destination.app().credentials().keys() {
        if !destination.may_be_built_with(&key)
            || destination.is_ignored_by_docker(&key)
            || surely.iter().any(|(file, _)| *file == key)
        {
            continue;
        }
        let near = ignore.near_miss(&key);
        let place = near.as_ref().map_or_else(
            || Place::File(ignore.path().clone()),
            |near| near.origin.place.clone(),
        );
        let label = if near.is_some() {
            "only at the root of the context"
        } else {
            "does not name it"
        };
        report
            .place(
                place,
                label,
                format!("{} does not keep {key} out of the image", ignore.path()),
            )
            .confidence(Confidence::Likely)
            .fix(format!("keep it out: `/{key}`"), ignore.excluding(&key));
    }
    None
}
