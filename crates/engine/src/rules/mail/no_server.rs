use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime).since("0.1");

/// Packages that take mails in the container itself.
const AGENTS: [&str; 5] = ["exim", "msmtp", "nullmailer", "postfix", "sendmail"];

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let mail = destination.app().mail();
    // Devise may be there for signing in elsewhere, and send nothing.
    let mailer = mail.mailer()?;
    let roles = destination.roles();
    let is_alone = roles
        .iter()
        .any(|role| role.runs_rails() && !role.has_network_of_its_own());
    let build = destination.build()?;
    let has_agent = AGENTS.iter().any(|agent| build.image().mentions(agent));
    if !destination.is_production() || !mail.is_delivered() || !is_alone || has_agent {
        return None;
    }
    report
        .place(
            mail.without_server()?,
            "no `smtp_settings` here",
            "mails go to port 25 of the app's own container, where nothing listens",
        )
        .because(&mailer)
        .confidence(Confidence::Likely)
        .help("set `config.action_mailer.smtp_settings`, or the `delivery_method` of a mail service's gem");
    None
}
