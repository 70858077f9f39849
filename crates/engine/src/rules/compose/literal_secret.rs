use crate::facts::compose::Service;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Exposure, Layer::Compose).since("0.1");

pub(crate) fn check(service: &Service<'_>, report: &mut Report) -> Option<()> {
    for name in service.literals() {
        let file = name.origin.place.path()?.clone();
        report
            .at(&name, format!("the value of `{name}` stands in {file}, which is in git"))
            .confidence(Confidence::Likely)
            .help("give it no value, so that Compose takes the one of the shell or of a .env that git ignores, and change it: git's history keeps it");
    }
    None
}
