use crate::fact::Fact;
use crate::facts::kamal::{Proxy, Role};
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let proxy = role.proxy()?;
    let automatic = proxy.fetches_certificates()?;
    let (run, what) = unpublished(&proxy)?;
    report
        .at(
            &automatic,
            format!("Let's Encrypt asks on ports 80 and 443, but kamal-proxy {what}"),
        )
        .because(&run)
        .confidence(Confidence::Likely)
        .help("end TLS where those ports are, with `ssl: false` here, or publish them");
    None
}

/// What says that neither 80 nor 443 of the server is kamal-proxy's, and how.
fn unpublished(proxy: &Proxy<'_>) -> Option<(Fact<String>, String)> {
    let key = |key: &str| proxy.dig(&["run", key]);
    if let Some(publish) = key("publish").known() {
        let publishes = publish.boolean().known()?;
        return (!*publishes).then(|| {
            let fact = publishes.map(|_| String::new()).labelled("not published");
            (fact, "publishes none".to_owned())
        });
    }
    let http = key("http_port").known()?.integer().known()?;
    let https = key("https_port").known()?.integer().known()?;
    if *http == 80 || *https == 443 {
        return None;
    }
    let what = format!("has {http} and {https}");
    let fact = https
        .map(|_| String::new())
        .because(http.labelled("in place of 80").origin);
    Some((fact.labelled("in place of 443"), what))
}
