use crate::facts::compose::Service;
use crate::finding::{Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Compose).since("0.1");

pub(crate) fn check(service: &Service<'_>, report: &mut Report) -> Option<()> {
    let names = service.project().names("services")?;
    for dependency in service.dependencies() {
        let name = &dependency.name;
        if name.contains('$') || names.contains(name) {
            continue;
        }
        let help = match nearest(name, names.iter().map(String::as_str)) {
            Some(meant) => format!("call it {meant}"),
            None => "add the service, or take the name out".to_owned(),
        };
        report
            .at(
                name,
                format!(
                    "`{}` needs `{name}`, and there is no such service: Compose starts nothing",
                    service.name()
                ),
            )
            .help(help);
    }
    None
}
