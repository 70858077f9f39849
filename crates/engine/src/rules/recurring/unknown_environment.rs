use crate::facts::App;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    app.gems().shipped("solid_queue").known()?;
    for key in app.recurring().unknown_environments() {
        let finding = report.at(
            &key,
            format!(
                "recurring tasks stand below `{key}`, which is no environment: none of them runs"
            ),
        );
        let is_production =
            "production".starts_with(key.as_str()) || nearest(&key, ["production"]).is_some();
        if is_production {
            finding.fix("write it `production`", key.replace("production"));
        } else {
            finding.help("put them below `production`");
        }
    }
    None
}
