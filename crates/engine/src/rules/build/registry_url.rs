use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let server = destination.registry_server().known()?;
    let (scheme, rest) = server.split_once("://")?;
    let name = rest.trim_end_matches('/').to_owned();
    let change = destination.root().set(&["registry", "server"], &name);
    report
        .at(
            &server.clone().labelled("the registry"),
            format!("`registry.server` begins with {scheme}://, and is a part of the image's name"),
        )
        .fix(format!("write {name}"), change);
    None
}
