use crate::facts::kamal::{HostShell, Role};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let syntax = role.host_shell_syntax()?;
    let what = match &syntax.value {
        HostShell::Several => "only its first part runs in the container".to_owned(),
        HostShell::Redirect(operator) => format!("`{operator}` redirects what Docker says"),
        HostShell::Variable(name) => {
            format!("`${name}` has the server's value, which is mostly none")
        }
    };
    report
        .at(
            &syntax.labelled("the server's shell reads this"),
            format!(
                "the command of {} has a meaning for the server's shell: {what}",
                role.name().value
            ),
        )
        .help("put it into a script of the app's, and start that");
    None
}
