use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    for (key, value) in destination.scalars() {
        let Some(placeholder) = Placeholder::of(&value) else { continue };
        report
            .at(&value.clone().labelled("still a placeholder"), format!("`{key}` is still the placeholder `{value}`"))
            .confidence(placeholder.confidence())
            .help(format!("give `{key}` its real value"));
    }
    None
}

/// Whether a value of `config/deploy.yml` is not the user's yet.
pub(crate) fn is_placeholder(value: &str) -> bool {
    Placeholder::of(value).is_some()
}

/// A value that stands for one that only the user knows.
enum Placeholder {
    /// `<…>`: nobody writes that for anything else.
    Marked,
    /// A name that is reserved for documentation.
    Reserved,
    /// What `kamal init` and `rails new` write; it could be somebody's own.
    Scaffolded,
}

/// Hosts and users of the files that `kamal init` and `rails new` write
/// (kamal 2.12 `lib/kamal/cli/templates/deploy.yml`, rails 8.1 `config/deploy.yml.tt`).
const SCAFFOLDED: [&str; 7] =
    ["192.168.0.1", "192.168.0.2", "my-user", "your-user", "my-app", "my-user/my-app", "your-username"];

impl Placeholder {
    fn of(value: &str) -> Option<Self> {
        let value = value.trim();
        if is_marked(value) {
            return Some(Self::Marked);
        }
        if value == "example.com" || value.ends_with(".example.com") {
            return Some(Self::Reserved);
        }
        let user = value.split_once('/').map_or(value, |(user, _)| user);
        let is_scaffolded = SCAFFOLDED.contains(&value)
            || ["my-user", "your-user", "your-username"].contains(&user);
        is_scaffolded.then_some(Self::Scaffolded)
    }

    fn confidence(&self) -> Confidence {
        match self {
            Self::Marked | Self::Reserved => Confidence::Certain,
            Self::Scaffolded => Confidence::Likely,
        }
    }
}

/// Whether a value has a piece like `<server-address>`.
fn is_marked(value: &str) -> bool {
    value.split('<').skip(1).any(|piece| {
        piece.split_once('>').is_some_and(|(name, _)| {
            name.starts_with(|first: char| first.is_alphabetic())
                && name.chars().all(|c| c.is_alphanumeric() || " -_'.".contains(c))
        })
    })
}
