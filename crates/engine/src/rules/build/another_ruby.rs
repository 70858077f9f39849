use crate::facts::kamal::Destination;
use crate::facts::ruby::are_different;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let has = build.ruby()?;
    let ruby = destination.app().ruby();
    // What Bundler refuses is an error of its own.
    if ruby
        .required()
        .known()
        .is_some_and(|wants| wants.refuses(&has))
    {
        return None;
    }
    let develops = ruby
        .of_version_manager()
        .known()
        .filter(|develops| are_different(develops, &has))?;
    let fix = build.with_ruby(&develops);
    let file = develops.origin.place.path()?.clone();
    report
        .at(
            &has,
            format!("the image has Ruby {has}, and {file} has {develops}"),
        )
        .because(&develops)
        .fix("build with the Ruby that the app is developed with", fix);
    None
}
