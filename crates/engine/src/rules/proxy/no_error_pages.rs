use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;
use crate::tree::Path;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let folder = destination.error_pages_folder()?;
    let path = Path::new(&folder)?;
    if destination.roles().iter().all(|role| role.proxy().is_none()) {
        return None;
    }
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

/// What Kamal's `{4??.html,5??.html}` finds.
fn is_error_page(name: &str) -> bool {
    name.strip_suffix(".html")
        .is_some_and(|stem| stem.chars().count() == 3 && stem.starts_with(['4', '5']))
}
