use syntax::Span;
use syntax::dockerfile::Keyword;

use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .pedantic()
    .also(&["MaintainerDeprecated", "DL4000"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let is_maintainer = |keyword: &Keyword| *keyword == Keyword::Maintainer;
    for instruction in image
        .instructions()
        .iter()
        .filter(|own| is_maintainer(&own.keyword))
    {
        let name = instruction.arguments_span.of(image.source().text());
        let start = instruction.keyword.span.start as usize;
        let all = Span::new(start, instruction.arguments_span.end as usize);
        let line = image.fact((), all, "deprecated");
        let is_plain = !all.of(image.source().text()).contains('\n');
        let label = line.replace(label(name, image.document().escape));
        report
            .at(
                &line,
                "MAINTAINER is deprecated, and no tool shows what it says",
            )
            .fix("write it as a label", label.filter(|_| is_plain));
    }
    None
}

/// The label that tools know for the author. Quotes around all of the name were never meant as a part of it.
fn label(name: &str, escape: char) -> String {
    let unquoted = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    let name = unquoted.filter(|name| !name.contains('"')).unwrap_or(name);
    let mut label = "LABEL org.opencontainers.image.authors=\"".to_owned();
    for c in name.chars() {
        if ['"', '$', escape].contains(&c) {
            label.push(escape);
        }
        label.push(c);
    }
    label.push('"');
    label
}
