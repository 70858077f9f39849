use crate::facts::kamal::Accessory;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(accessory: &Accessory<'_>, report: &mut Report) -> Option<()> {
    let store = accessory.store()?;
    if store.is_pinned {
        return None;
    }
    let image = accessory.image().known()?;
    report
        .at(
            &store,
            format!(
                "{} of accessory `{}` has no version: `{image}` is whatever is newest",
                store.service,
                accessory.name()
            ),
        )
        .help("name the major version that runs today in the image's tag");
    None
}
