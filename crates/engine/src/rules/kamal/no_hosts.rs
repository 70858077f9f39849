use crate::fact::Answer;
use crate::facts::kamal::{Destination, Role};
use crate::facts::setting::Shape;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let version = destination.kamal()?.version;
    if !destination.is_deployed() {
        return None;
    }
    let root = destination.root();
    if let Some(place) = root.lacks("servers") {
        let accessories = root.get("accessories");
        let has_accessories = match accessories {
            _ if !version.has(2, 6) => false,
            Answer::Is(accessories) => !accessories.is_blank(),
            Answer::Absent(_) => false,
            Answer::Unknown(..) => return None,
        };
        if !has_accessories {
            report
                .place(
                    place,
                    "no `servers` here",
                    "there are no `servers` to deploy to",
                )
                .help("name the servers: `servers: [203.0.113.10]`");
        }
        return None;
    }
    let servers = root.get("servers").known()?;
    if servers.is_mapping() && servers.is_blank() {
        report
            .place(servers.name(), "no role here", "`servers` has no role")
            .help("give `web` its hosts");
    }
    let allows_empty = root.get("allow_empty_roles");
    for role in destination.roles().iter().filter(|role| is_empty(role)) {
        if role.is_primary() {
            report
                .place(
                    role.setting().name(),
                    "no host here",
                    format!("the primary role `{}` has no hosts", role.name()),
                )
                .help("name its hosts");
        } else if allows_empty.is_absent()
            || allows_empty
                .clone()
                .known()
                .is_some_and(|allows| allows.shape() == Shape::Boolean(false))
        {
            report
                .place(
                    role.setting().name(),
                    "no host here",
                    format!("the role `{}` has no hosts", role.name()),
                )
                .help("name its hosts, or say `allow_empty_roles: true` if it shall have none");
        }
    }
    None
}

/// Whether a role surely has no hosts. Nothing at all in its place is of another type, which is a
/// defect of its own.
fn is_empty(role: &Role<'_>) -> bool {
    let setting = role.setting();
    match setting.shape() {
        Shape::List => setting.is_blank(),
        Shape::Mapping => {
            setting.lacks("hosts").is_some()
                || setting
                    .get("hosts")
                    .known()
                    .is_some_and(|hosts| hosts.shape() == Shape::List && hosts.is_blank())
        }
        _ => false,
    }
}
