use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let builder = destination.root().get("builder").known()?;
    let driver = builder
        .get("driver")
        .and_then(|driver| driver.text())
        .known()
        .filter(|driver| driver.value == "docker")?;
    let driver = driver.labelled("the builder that Docker has built in");
    let help = "leave `builder.driver` out, so that Kamal makes a builder of its own";
    if let Some(remote) = builder
        .get("remote")
        .and_then(|remote| remote.text())
        .known()
    {
        report
            .at(
                &remote.labelled("the machine to build on"),
                "the `docker` driver builds on this machine alone, and `builder.remote` names another",
            )
            .because(&driver)
            .help(help);
    }
    if let Some(kind) = builder
        .get("cache")
        .and_then(|cache| cache.get("type"))
        .and_then(|kind| kind.text())
        .known()
    {
        report
            .at(
                &kind.labelled("the cache"),
                "the `docker` driver keeps no cache, unless Docker stores images with containerd",
            )
            .because(&driver)
            .help(help)
            .confidence(Confidence::Likely);
    }
    let arch = builder.get("arch").known()?;
    let arches = arch.texts();
    if arches.len() > 1 {
        let names: Vec<&str> = arches.iter().map(|arch| arch.as_str()).collect();
        report
            .place(
                arch.place(),
                "the architectures",
                format!("the `docker` driver does not build for {} at once, unless Docker stores images with containerd", names.join(" and ")),
            )
            .because(&driver)
            .help(help)
            .confidence(Confidence::Likely);
    }
    None
}
