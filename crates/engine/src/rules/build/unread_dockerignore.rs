use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Exposure, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let folder = destination
        .folder_in_context()
        .filter(|folder| !folder.is_empty())?;
    let ignore = destination
        .app()
        .tree()
        .source(".dockerignore")
        .filter(|_| build.ignore().is_none())?;
    let context = build
        .get("context")
        .and_then(|context| context.text())
        .known()?;
    let has_app = |source: &str| {
        let source = source.trim_start_matches("./").trim_end_matches('/');
        ["", "."].contains(&source) || folder.trim_end_matches('/') == source
    };
    let copies = build.copied_from_context();
    let copied = copies
        .into_iter()
        .flat_map(|copy| copy.sources)
        .find(|source| has_app(source))?;
    let own = format!("{}.dockerignore", build.image().source().path());
    report
        .place(
            Place::File(ignore.path().clone()),
            "not read",
            format!(
                "Docker builds from {}, and does not read the app's .dockerignore",
                context.value
            ),
        )
        .because(&context.labelled("the build's context"))
        .because(&copied.labelled("all of the app is copied"))
        .help(format!(
            "write it as {own}, with {folder} before its patterns"
        ))
        .confidence(Confidence::Likely);
    None
}
