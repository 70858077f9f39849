use syntax::shell::Word;

use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Unsafe)
    .pedantic()
    .also(&["DL3047"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let quiet = [
        "-q",
        "--quiet",
        "-nv",
        "--no-verbose",
        "-o",
        "--output-file",
        "-a",
        "--append-output",
        "--progress",
    ];
    for ran in image.running(&["wget"]) {
        let is_short = |word: &Word| {
            let text = word.literal_prefix().unwrap_or_default();
            let letters = text
                .strip_prefix('-')
                .filter(|letters| !letters.starts_with('-'));
            letters.is_some_and(|letters| letters.starts_with("nv") || letters.starts_with('q'))
        };
        if ran.has_flag(&quiet) || ran.command().words.iter().any(is_short) {
            continue;
        }
        let word = ran.command().words.first()?.span;
        report
            .at(
                &ran.fact_at((), word, "draws a bar"),
                "`wget` draws its progress into the build's log",
            )
            .unsafe_fix(
                "draw less with `--progress=dot:giga`",
                Some(ran.with(word, "--progress=dot:giga")),
            );
    }
    None
}
