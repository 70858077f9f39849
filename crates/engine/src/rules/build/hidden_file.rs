use syntax::Span;

use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;
use crate::tree::Path;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let ignore = build.ignore()?;
    let mut hidden: Vec<(Span, Vec<Path>)> = Vec::new();
    for (path, pattern) in build.hidden_files() {
        match hidden.iter_mut().find(|(span, _)| *span == pattern.span) {
            Some((_, files)) => files.push(path),
            None => hidden.push((pattern.span, vec![path])),
        }
    }
    for (pattern, files) in hidden {
        let more = match files.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        report
            .place(
                Place::text(ignore.path(), pattern),
                "hidden from the build",
                format!(
                    "{} keeps {}{more} out of the image, which the app needs",
                    ignore.path(),
                    files[0]
                ),
            )
            .help(format!(
                "let it in again, with `!/{}` further down, or name what is to stay out",
                files[0]
            ));
    }
    None
}
