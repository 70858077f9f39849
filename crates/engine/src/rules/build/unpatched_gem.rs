use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Exposure, Layer::Build)
    .pedantic()
    .since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    for gem in app.unpatched_gems() {
        let (patch, fixed) = (gem.patch, gem.fixed);
        report
            .at(
                &gem.locked,
                format!(
                    "{} {} has a hole that {fixed} closes: {} ({}, {})",
                    patch.called, gem.locked.value, patch.what, patch.advisory, patch.date
                ),
            )
            .help(format!(
                "update to {fixed} or later, and deploy; bundler-audit finds what was published since"
            ));
    }
    None
}
