use crate::fact::Answer;
use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Exposure, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let app = role.destination().app();
    let tls = role.proxy()?.ends_tls()?;
    role.web_server()?;
    if !*tls || !role.destination().is_production() {
        return None;
    }
    // An app without sessions has no cookie to protect, and one may protect its own.
    let has_sessions = match app.rails().is_api_only() {
        Answer::Is(is_api_only) => !*is_api_only,
        Answer::Absent(_) => true,
        Answer::Unknown(..) => false,
    };
    if !has_sessions || app.middleware().may_mark_sessions_secure() {
        return None;
    }
    let forced = app.middleware().forces_https();
    let place = match &forced {
        Answer::Is(forced) if !**forced => forced.origin.place.clone(),
        Answer::Absent(place) => place.clone(),
        Answer::Is(_) | Answer::Unknown(..) => return None,
    };
    let finding = report.place(
        place,
        "so no `secure` cookies and no HSTS",
        "kamal-proxy ends TLS, but without `config.force_ssl` cookies are sent over HTTP as well",
    );
    finding.because(&tls);
    let rails = app.rails();
    let title = "set `config.assume_ssl` and `config.force_ssl` to true";
    let changes = rails
        .set("config.force_ssl", "true", "config.assume_ssl")
        .and_then(|mut changes| {
            match app.middleware().assumes_https() {
                Answer::Is(assumed) if *assumed => {}
                Answer::Absent(_) => {
                    changes.extend(rails.set("config.assume_ssl", "true", "config.assume_ssl")?);
                }
                Answer::Is(_) | Answer::Unknown(..) => return None,
            }
            Some(changes)
        });
    finding.fix(title, changes);
    None
}
