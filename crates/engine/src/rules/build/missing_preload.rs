use syntax::dockerfile::Keyword;

use crate::facts::dockerfile::Stage;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Cost, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

/// Debian's folders for libraries, each with the architecture that has it.
const FOLDERS: [(&str, &str); 2] = [
    ("/usr/lib/x86_64-linux-gnu/", "amd64"),
    ("/usr/lib/aarch64-linux-gnu/", "arm64"),
];

/// What the loader finds in whatever folder the architecture has.
const NAME: &str = "libjemalloc.so.2";

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let stage = build.stage()?;
    let preload = stage.variable("LD_PRELOAD").known()?;
    let file = preload
        .split([':', ' '])
        .find(|file| file.contains("jemalloc"))?;
    let preloads = preload.clone().labelled("loaded before all else");
    let arches = build.arches().unwrap_or_default();
    let owner = FOLDERS.iter().find(|(folder, _)| file.starts_with(folder));
    let other = owner.and_then(|(_, own)| arches.iter().find(|arch| arch.as_str() != *own));
    if let (Some((folder, own)), Some(other)) = (owner, other) {
        let written = preload.source_text(destination.app().tree());
        let fix = preload.replace(written.replacen(file, NAME, 1));
        report
            .at(
                &preloads,
                format!("{folder} is there on {own} alone, and the image is built for {other}: jemalloc is not loaded"),
            )
            .because(&other.clone().labelled("built for this"))
            .fix("name the library without its folder", fix);
        return None;
    }
    let text = build.image().source().text();
    // Packages may be named elsewhere: in a variable, in a file.
    let names_elsewhere = |written: &str| {
        let words = ["$", "xargs", "cat ", "<"];
        written.contains("apt") && words.iter().any(|word| written.contains(word))
    };
    let may_bring = stage
        .lineage()
        .into_iter()
        .flat_map(Stage::instructions)
        .any(|instruction| {
            let written = instruction.span.of(text);
            match instruction.keyword.value {
                Keyword::Run | Keyword::Copy | Keyword::Add => {
                    let others = ["jemalloc", "/usr/lib", "/usr/local/lib", ".sh"];
                    others.iter().any(|word| written.contains(word))
                        || written.ends_with(" /")
                        || names_elsewhere(written)
                }
                _ => false,
            }
        });
    if !may_bring && stage.starts_from_official_ruby(&build) {
        report
            .at(
                &preloads,
                "LD_PRELOAD names jemalloc, and the image does not have it",
            )
            .confidence(Confidence::Likely)
            .help("install libjemalloc2 in the last stage, or in one that it starts from");
    }
    None
}
