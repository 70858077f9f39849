use syntax::Edit;

use crate::change::Changes;
use crate::facts::kamal::Role;
use crate::facts::process;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let child = process::command_as_child(role)?;
    let path = child.origin.place.path()?;
    let start = child.origin.place.span().start as usize;
    let fix = Changes::edit(path, vec![Edit::insert(start, "exec ")]);
    report
        .at(
            &child,
            format!(
                "{path} stays in front of what it starts, so `docker stop` never reaches the app"
            ),
        )
        .fix(format!("become the app: `exec {}`", child.value), Some(fix));
    None
}
