use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["InvalidDefinitionDescription"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    if !image.asks_for("InvalidDefinitionDescription") {
        return None;
    }
    for (comment, names) in image.stray_descriptions() {
        let name = names.first()?;
        report
            .at(
                &names.clone().labelled("described"),
                format!("the comment above does not begin with {name}"),
            )
            .because(&comment)
            .help(format!(
                "begin it with `# {name} `, or put an empty comment below it"
            ));
    }
    None
}
