use crate::facts::environment::Hidden;
use crate::facts::kamal::{Accessory, Destination, Role};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let roles = destination.roles();
    let accessories = destination.accessories();
    let of_roles = roles.iter().flat_map(Role::hidden_secrets);
    let of_accessories = accessories.iter().flat_map(Accessory::hidden_secrets);
    for Hidden {
        secret,
        name,
        clear,
    } in of_roles.chain(of_accessories)
    {
        let finding = report.at(
            &name.labelled("the plain value"),
            format!("`{}` hides the secret of the same name", clear.key()),
        );
        finding.because(&secret.labelled("the secret"));
        finding.help(format!(
            "keep one of the two: containers never get the secret while `{}` is there",
            clear.key()
        ));
    }
    None
}
