use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let proxy = role.proxy()?;
    for (buffered, limit, bodies) in [
        ("requests", "max_request_body", "requests"),
        ("responses", "max_response_body", "responses"),
    ] {
        let value = |key| proxy.dig(&["buffering", key]).known();
        let Some(limit) = value(limit).and_then(|limit| limit.integer().known()) else {
            continue;
        };
        let Some(setting) = value(buffered) else {
            continue;
        };
        let Some(is_buffered) = setting.boolean().known() else {
            continue;
        };
        if *is_buffered || *limit <= 0 {
            continue;
        }
        report
            .at(
                &limit.labelled("the limit"),
                format!(
                    "{bodies} are not buffered, so that kamal-proxy does not hold them to a size"
                ),
            )
            .because(&is_buffered.labelled("not buffered"))
            .fix(format!("buffer {bodies}"), setting.replace("true"));
    }
    None
}
