use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::facts::kamal_keys::{Version, is_local_registry};
use crate::facts::setting::{Setting, Shape};
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let version = destination.kamal()?.version;
    if !destination.is_deployed() {
        return None;
    }
    let root = destination.root();
    let mut missing = |place: Option<Place>, key: &str, reason: &str, help: &str| {
        if let Some(place) = place {
            let message = format!("`{key}` is missing, {reason}");
            report
                .place(place, format!("no `{key}` here"), message)
                .help(help);
        }
    };

    missing(
        root.lacks_text("service"),
        "service",
        "which begins the name of every container",
        "name the app: `service: NAME`",
    );
    let registry = root.get("registry").known().map(|registry| registry.value);
    let is_local = registry
        .as_ref()
        .is_some_and(|registry| is_local_registry(registry, version));
    let may_be_local = registry.as_ref().is_some_and(may_be_anywhere);
    if !is_local && !may_be_local {
        missing(
            root.lacks_text("image"),
            "image",
            "and only a registry on localhost makes it the service",
            "name the image: `image: USER/NAME`",
        );
    }
    match &registry {
        None => missing(
            root.lacks("registry"),
            "registry",
            "so Kamal does not know where images go",
            "say `server: localhost:5555` for a registry that Kamal runs, or give username and password of another",
        ),
        Some(_) if is_local || may_be_local => {}
        Some(registry) => credentials(registry, &mut missing),
    }
    for accessory in destination.accessories() {
        if let Some(registry) = accessory.get("registry").known()
            && !registry.is_blank()
            && !may_be_anywhere(&registry)
            && !is_local_registry(&registry, version)
        {
            credentials(&registry, &mut missing);
        }
    }

    if version.has(2, 7) {
        for proxy in destination.proxy_sections() {
            certificate(&proxy, &mut missing);
        }
    }
    if version.has(2, 12) {
        for (logger, key) in [("otel", "endpoint"), ("file", "path")] {
            if let Some(settings) = root
                .dig(&["output", logger])
                .known()
                .filter(|it| it.is_mapping())
            {
                // Kamal asks for no more than that something is there.
                let is_false = settings
                    .get(key)
                    .known()
                    .filter(|value| value.shape() == Shape::Boolean(false))
                    .map(|value| value.place());
                missing(
                    settings.lacks(key).or(is_false),
                    &format!("output.{logger}.{key}"),
                    "and Kamal makes none up",
                    "give it, or leave the logger out",
                );
            }
        }
    }
    if version >= Version::TWO {
        builder(root, report);
    }
    None
}

/// Whether ERB says where the registry is, which could be this machine.
fn may_be_anywhere(registry: &Setting<'_>) -> bool {
    registry
        .get("server")
        .and_then(|server| server.text())
        .is_unknown()
}

fn credentials(registry: &Setting<'_>, missing: &mut impl FnMut(Option<Place>, &str, &str, &str)) {
    if !registry.is_mapping() {
        return;
    }
    for key in ["username", "password"] {
        missing(
            registry.lacks_text(key),
            &format!("{}.{key}", registry.key()),
            "which every registry but one on localhost needs",
            "give it, a secret by its name in a list: `- KAMAL_REGISTRY_PASSWORD`",
        );
    }
}

fn certificate(proxy: &Setting<'_>, missing: &mut impl FnMut(Option<Place>, &str, &str, &str)) {
    let Some(ssl) = proxy.get("ssl").known().filter(|ssl| ssl.is_mapping()) else {
        return;
    };
    for (given, other) in [
        ("certificate_pem", "private_key_pem"),
        ("private_key_pem", "certificate_pem"),
    ] {
        if ssl
            .get(given)
            .known()
            .is_some_and(|given| !given.is_blank())
        {
            missing(
                lacks_any(&ssl, other),
                &format!("{}.{other}", ssl.key()),
                &format!("and `{given}` is of no use without it"),
                "name the secret that has it",
            );
        }
    }
}

/// Nothing checks the types below `ssl`, so nothing at all in its place is to be told here, too.
fn lacks_any(ssl: &Setting<'_>, key: &str) -> Option<Place> {
    ssl.get(key).absent().or_else(|| ssl.lacks_text(key))
}

fn builder(root: &Setting<'_>, report: &mut Report) {
    let builder = root
        .get("builder")
        .known()
        .filter(|builder| builder.is_mapping());
    let arch = match &builder {
        None => root.lacks("builder"),
        Some(builder) => builder.lacks_text("arch"),
    };
    if let Some(place) = arch {
        report
            .place(
                place,
                "no `builder.arch` here",
                "`builder.arch` is missing, and Kamal 2 takes no processor for granted",
            )
            .unsafe_fix(
                "build for amd64, if that is what the servers have",
                root.set(&["builder", "arch"], "amd64"),
            );
    }
    if let Some(builder) = builder
        && let Some(local) = builder.get("local").known()
        && local.shape() == Shape::Boolean(false)
        && let Some(place) = builder.lacks_text("remote")
    {
        report
            .place(
                place,
                "no `builder.remote` here",
                "`builder.local` is false and there is no `builder.remote`, so nothing may build",
            )
            .label(local.origin.place.clone(), "no builds here");
        report
            .findings
            .last_mut()
            .map(|finding| finding.help("name the other machine: `remote: ssh://USER@HOST`"));
    }
}
