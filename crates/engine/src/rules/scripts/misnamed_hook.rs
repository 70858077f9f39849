use crate::change::{Change, Changes};
use crate::fact::Place;
use crate::facts::App;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Deploy)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    for misnamed in app.misnamed_hooks() {
        let (path, meant) = &misnamed.value;
        let to = path.parent().join(meant)?;
        let rename = Change::Rename {
            from: path.clone(),
            to,
        };
        report
            .place(
                Place::File(path.clone()),
                format!("Kamal runs `{meant}` only"),
                format!("{path} never runs: Kamal's hook is called `{meant}`"),
            )
            .fix(
                format!("rename it to `{meant}`"),
                Some(Changes(vec![rename])),
            );
    }
    None
}
