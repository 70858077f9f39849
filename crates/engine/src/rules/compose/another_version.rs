use crate::facts::compose::Service;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Compose).since("0.1");

pub(crate) fn check(service: &Service<'_>, report: &mut Report) -> Option<()> {
    let project = service.project();
    let here = service.store()?;
    let major = here.major?;
    if project.is_production() {
        return None;
    }
    let destinations = project.app().destinations();
    let accessories: Vec<_> = destinations
        .iter()
        .flat_map(Destination::accessories)
        .filter_map(|accessory| accessory.store())
        .filter(|store| store.service == here.service)
        .collect();
    // Where several run, one of them may be meant.
    if accessories
        .iter()
        .any(|store| store.major.is_none_or(|other| other == major))
    {
        return None;
    }
    let there = accessories.first()?;
    let theirs = there.major?;
    let name = here.service;
    report
        .at(
            &here.clone().labelled("development's image"),
            format!("{name} {major} runs in development, and {name} {theirs} in production"),
        )
        .because(&there.clone().labelled("production's image"))
        .help(format!(
            "run {name} {theirs} here, too; `docker compose down --volumes` forgets the data of {major}, which {theirs} does not read"
        ));
    None
}
