use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Cost, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let tree = destination.app().tree();
    // The repository's own folder is at its root.
    let is_root = tree.place().is_none_or(|place| place.is_empty());
    if tree.index().is_none() || !is_root || !destination.folder_in_context()?.is_empty() {
        return None;
    }
    // A step that asks git for the version needs it, and one that removes it knows of it.
    if build.uses_repository() || destination.app().is_built_from_one_commit() {
        return None;
    }
    let git = ".git";
    let copied = build.copied_with(git)?;
    match build.ignore() {
        Some(ignore) if !ignore.dockerignore().excludes(git) => report
            .place(
                Place::File(ignore.path().clone()),
                "does not name /.git",
                "the image gets the history of the repository",
            )
            .because(&copied.labelled("it is copied here"))
            .help("add `/.git`"),
        Some(_) => return None,
        None => report
            .at(
                &copied.labelled("it is copied here"),
                "the image gets the history of the repository",
            )
            .help("write a .dockerignore with `/.git`"),
    };
    None
}
