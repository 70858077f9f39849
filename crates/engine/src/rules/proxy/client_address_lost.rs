use crate::fact::Answer;
use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let proxy = role.proxy()?;
    let tls = proxy.ends_tls()?;
    let app = role.destination().app();
    let gem = app.gems().shipped("cloudflare-rails").known();
    let forwards = match proxy.get("forward_headers") {
        Answer::Is(forwards) => forwards.boolean().known()?.value,
        Answer::Absent(_) => false,
        Answer::Unknown(..) => return None,
    };
    if !*tls || forwards {
        return None;
    }
    let finding = match gem {
        Some(gem) => report
            .at(
                &tls,
                "kamal-proxy drops the X-Forwarded-For of Cloudflare, which cloudflare-rails reads",
            )
            .because(&gem.labelled("looks for the visitor's address there")),
        None => {
            let trusted = app.middleware().trusted_outside()?;
            let message = format!(
                "kamal-proxy drops the X-Forwarded-For of the proxies that Rails trusts, such as {}",
                trusted.value
            );
            report
                .at(&tls, message)
                .because(&trusted.labelled("Rails looks past these addresses"))
        }
    };
    finding.fix("hand the headers on", proxy.set("forward_headers", "true"));
    None
}
