//! How far the app is closed, in a line for each side of it: what a summary ends with.

use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::App;
use crate::facts::accessory::Published;
use crate::facts::build::ignore_file;
use crate::facts::dockerfile::Stage;
use crate::facts::kamal::Destination;
use crate::facts::process::stage_of;

/// One side of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// What it is about: `secrets`, `user`, `base`, `ports`.
    pub subject: &'static str,
    /// Whether it is closed; nothing if the files do not tell.
    pub is_closed: Option<bool>,
    /// What is so, without a full stop.
    pub text: String,
    /// Where it stands, if anywhere.
    pub origin: Option<Origin>,
}

/// Files that hold secrets where they are, and that no image may have.
const SECRET_FILES: [&str; 3] = ["config/master.key", ".env", ".kamal/secrets"];

/// The app's posture; empty where nothing builds an image of it.
pub fn posture(app: &App<'_>) -> Vec<Side> {
    let destinations = app.destinations();
    let images = dockerfiles(app, &destinations);
    if images.is_empty() {
        return Vec::new();
    }
    let stage = final_stage(app, &destinations);
    let mut sides = vec![secrets(app, &images), user(stage), base(stage)];
    if !destinations.is_empty() {
        sides.push(ports(&destinations));
    }
    sides
}

/// The Dockerfiles that are there, of all destinations, each with the app's folder in its context.
fn dockerfiles(app: &App<'_>, destinations: &[Destination<'_>]) -> Vec<(String, String)> {
    let named = destinations.iter().filter_map(|destination| {
        Some((
            destination.dockerfile()?.value,
            destination.folder_in_context()?,
        ))
    });
    let mut images: Vec<(String, String)> = named.collect();
    if destinations.is_empty() {
        images.push(("Dockerfile".to_owned(), String::new()));
    }
    images.sort();
    images.dedup();
    images.retain(|(path, _)| app.image(path).is_some());
    images
}

/// Whether secrets stay out of git and out of the build's context.
fn secrets(app: &App<'_>, images: &[(String, String)]) -> Side {
    let side = |is_closed, text: String, place: Option<Place>| Side {
        subject: "secrets",
        is_closed,
        text,
        origin: place.map(|place| Origin::at(place, "decided here")),
    };
    if let Some(key) = app.credentials().tracked_keys().into_iter().next() {
        return side(
            Some(false),
            format!("{key} is tracked by git"),
            Some(Place::File(key)),
        );
    }
    for (image, prefix) in images {
        let Some(ignore) = ignore_file(app, image, Some(prefix)) else {
            return side(
                Some(false),
                "no .dockerignore keeps them out of the image".to_owned(),
                None,
            );
        };
        let open = SECRET_FILES
            .into_iter()
            .find(|file| !ignore.dockerignore().excludes(&format!("{prefix}{file}")));
        if let Some(file) = open {
            return side(
                Some(false),
                format!("{} lets {file} into the image", ignore.path()),
                Some(Place::File(ignore.path().clone())),
            );
        }
    }
    side(
        Some(true),
        "kept out of the image, and no key is tracked by git".to_owned(),
        None,
    )
}

/// Whether containers run as somebody else than root.
fn user(stage: Option<Stage<'_>>) -> Side {
    let side = |is_closed, text: String, origin| Side {
        subject: "user",
        is_closed,
        text,
        origin,
    };
    match stage.map(Stage::user) {
        Some(Answer::Is(user)) => {
            let name = user.split(':').next().unwrap_or_default().to_owned();
            let is_root = name == "root" || name == "0";
            side(
                Some(!is_root),
                format!("containers run as {}", user.value),
                Some(user.origin),
            )
        }
        Some(Answer::Absent(_)) => side(
            Some(false),
            "no USER in the Dockerfile, so containers run as root unless the base image says otherwise"
                .to_owned(),
            None,
        ),
        Some(Answer::Unknown(place, why)) => side(
            None,
            format!("the image's user cannot be told: {why}"),
            Some(Origin::at(place, "set here")),
        ),
        None => side(None, "the image's user cannot be told".to_owned(), None),
    }
}

/// Whether the image starts from a base without compilers and documentation.
fn base(stage: Option<Stage<'_>>) -> Side {
    let first = stage.and_then(|stage| stage.lineage().into_iter().last());
    match first.map(Stage::base) {
        Some(Answer::Is(base)) => {
            let is_slim = [
                "slim",
                "alpine",
                "distroless",
                "chainguard",
                "wolfi",
                "scratch",
            ]
            .iter()
            .any(|word| base.contains(word));
            let text = if is_slim {
                format!("{} has no compilers", base.value)
            } else {
                format!("{} is not known to be a slim image", base.value)
            };
            Side {
                subject: "base",
                is_closed: is_slim.then_some(true),
                text,
                origin: Some(base.origin),
            }
        }
        _ => Side {
            subject: "base",
            is_closed: None,
            text: "the base image cannot be told".to_owned(),
            origin: None,
        },
    }
}

/// Whether anything but a proxy answers on the servers' addresses.
fn ports(destinations: &[Destination<'_>]) -> Side {
    let accessories = destinations.iter().flat_map(Destination::accessories);
    let mut open: Vec<Fact<String>> = Vec::new();
    for accessory in accessories {
        // Whoever answers there is the proxy.
        let is_web = |port: &Published| ["80", "443"].contains(&port.host.as_str());
        let ports = accessory.open_ports().into_iter();
        for port in ports.filter(|port| !is_web(port)) {
            let text = format!("{} of {}", port.host, accessory.name().value);
            if open.iter().all(|known| known.value != text) {
                open.push(port.map(|_| text));
            }
        }
    }
    let names: Vec<&str> = open.iter().map(|port| port.value.as_str()).collect();
    Side {
        subject: "ports",
        is_closed: Some(open.is_empty()),
        text: if open.is_empty() {
            "nothing but the proxy is published to the network".to_owned()
        } else {
            format!(
                "published to the network besides the proxy: {}",
                names.join(", ")
            )
        },
        origin: open.first().map(|port| port.origin.clone()),
    }
}

/// The final stage of the image that is deployed; of the first destination's, where there are several.
fn final_stage<'a>(app: &'a App<'a>, destinations: &[Destination<'a>]) -> Option<Stage<'a>> {
    destinations
        .iter()
        .find_map(stage_of)
        .or_else(|| app.image("Dockerfile")?.final_stage(None))
}

#[cfg(test)]
mod tests {
    use super::ports;
    use crate::facts::App;
    use crate::tree::{Source, Tree};

    #[test]
    fn a_port_is_open_however_it_is_published() {
        for (host, published, is_closed) in [
            ("203.0.113.10", "port: 5432", false),
            ("203.0.113.10", "port: 127.0.0.1:5432:5432", true),
            ("203.0.113.10", "options: {publish: 5432}", false),
            ("203.0.113.10", "cmd: postgres", true),
            (
                "203.0.113.10",
                "options: {publish: ['80:80', '443:443']}",
                true,
            ),
            ("10.0.0.4", "port: 5432", true),
        ] {
            let text = format!(
                "service: harbour\nservers: [203.0.113.10]\naccessories:\n  db:\n    image: postgres:17\n    host: {host}\n    {published}\n"
            );
            let tree = Tree::of([Source::new("config/deploy.yml".into(), text)]);
            let app = App::new(&tree);
            let side = ports(&app.destinations());
            assert_eq!(side.is_closed, Some(is_closed), "{host} {published}");
        }
    }
}
