use crate::allow::Allow;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build).since("0.1");

pub(crate) fn check(allow: &Allow, report: &mut Report) -> Option<()> {
    if !allow.is_own || allow.lacks_reason() || allow.names.is_empty() || !allow.is_unused() {
        return None;
    }
    let names: Vec<&str> = allow.names.iter().map(|name| name.as_str()).collect();
    report
        .place(
            allow.place.clone(),
            "allows nothing any more",
            format!(
                "there is no finding of {} here to be allowed",
                names.join(" or ")
            ),
        )
        .help("take it away");
    None
}
