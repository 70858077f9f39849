use crate::fact::Place;
use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Exposure, Layer::Deploy).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    for key in app.credentials().tracked_keys() {
        let is_beside = app.credentials().has_tracked_file_of(&key);
        let opens = if is_beside {
            ", and so is what it decrypts"
        } else {
            ""
        };
        report
            .place(Place::File(key.clone()), "in git", format!("{key} is tracked by git{opens}"))
            .help(format!(
                "take it out with `git rm --cached {key}`, ignore it, and change the key and every secret in the credentials"
            ));
    }
    None
}
