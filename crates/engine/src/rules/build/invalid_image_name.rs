use crate::facts::kamal::Destination;
use crate::facts::placeholders::is_placeholder;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let image = destination
        .image()
        .known()
        .filter(|image| !is_placeholder(image))?;
    let server = destination.registry_server().known();
    let prefix = server.as_ref().map(|server| format!("{}/", server.value));
    // Where the server has no port the name is odd, but a name.
    let without_server = prefix
        .filter(|prefix| prefix.contains(':'))
        .and_then(|prefix| image.strip_prefix(&prefix).map(str::to_owned));
    let (message, valid) = if let Some(rest) = without_server {
        (
            format!(
                "`image` begins with {}, which Kamal puts before it once more",
                image.split('/').next()?
            ),
            Some(rest),
        )
    } else if let Some((name, tag)) = image.split_once([':', '@']) {
        (
            format!("`image` has the tag {tag}, and Kamal adds one of its own"),
            Some(name.to_owned()),
        )
    } else if image.contains(|c: char| c.is_ascii_uppercase()) {
        (
            format!(
                "`image` is {}, and names of images have no capital letters",
                image.value
            ),
            Some(image.to_lowercase()),
        )
    } else if !image.split('/').all(is_part) {
        (
            format!("`image` is `{}`, which no image can be called", image.value),
            None,
        )
    } else {
        return None;
    };
    let finding = report.at(&image.clone().labelled("the image's name"), message);
    if let Some(server) = &server {
        finding.because(&server.clone().labelled("the registry"));
    }
    match valid.filter(|name| name.split('/').all(is_part)) {
        Some(name) => {
            let change = destination.root().set(&["image"], &name);
            finding.fix(format!("call it {name}"), change)
        }
        None => {
            finding.help("use small letters, digits, `.`, `_` and `-`, and `/` after the account")
        }
    };
    None
}

/// Whether Docker takes it for a part of a name: letters and digits, with separators between them.
fn is_part(part: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    part.starts_with(is_plain)
        && part.ends_with(is_plain)
        && part.chars().all(|c| is_plain(c) || "._-".contains(c))
}
