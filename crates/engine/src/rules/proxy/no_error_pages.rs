use crate::fact::Fact;
use crate::facts::kamal::Destination;
use crate::facts::process::stage_of;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;
use crate::tree::Path;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let folder = destination.error_pages_folder()?;
    if destination
        .roles()
        .iter()
        .all(|role| role.proxy().is_none())
    {
        return None;
    }
    let Some(path) = Path::new(&folder) else {
        return in_the_image(destination, &folder, report);
    };
    let files = destination.app().tree().folder(&path)?;
    if files.iter().any(|file| is_error_page(&file.name)) {
        return None;
    }
    report
        .at(
            &folder,
            format!("{path} has no error page such as 502.html, and kamal-proxy cannot deploy without one"),
        )
        .help(format!("put a 502.html into {path}, or take `error_pages_path` out"));
    None
}

/// A folder that is named as the image has it; Kamal looks on the machine that it runs on.
fn in_the_image(
    destination: &Destination<'_>,
    folder: &Fact<String>,
    report: &mut Report,
) -> Option<()> {
    let root = stage_of(destination)?.working_folder().known()?;
    let inside = folder.strip_prefix(root.as_str())?.strip_prefix('/')?;
    report
        .at(
            folder,
            format!("{folder} is a folder of the image, and Kamal takes error pages from the app's own folder"),
        )
        .because(&root)
        .fix(format!("name it {inside}"), folder.replace(inside));
    None
}

/// What Kamal's `{4??.html,5??.html}` finds.
fn is_error_page(name: &str) -> bool {
    name.strip_suffix(".html")
        .is_some_and(|stem| stem.chars().count() == 3 && stem.starts_with(['4', '5']))
}
