use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Cost, Layer::Build)
    .fix(Safety::Safe)
    .also(&["DL3046"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for ran in image.running(&["useradd"]) {
        let id = ran.value_of('u', "--uid");
        let is_large =
            id.is_some_and(|id| id.len() > 5 && id.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_large || ran.has_flag(&["-l", "--no-log-init"]) {
            continue;
        }
        let word = ran.command().words.first()?.span;
        report
            .at(
                &ran.fact((), "writes to the end of /var/log/lastlog"),
                "`useradd` with a large number makes a huge file of logins",
            )
            .fix(
                "make none with `--no-log-init`",
                Some(ran.with(word, "--no-log-init")),
            );
    }
    None
}
