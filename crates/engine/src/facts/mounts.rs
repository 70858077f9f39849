//! What of a container's files outlives it: volumes and folders of the server that are mounted.
//!
//! Upstream: kamal 2.12 `lib/kamal/configuration/{accessory,volume}.rb`, `lib/kamal/commands/app.rb`.

use crate::fact::{Answer, Fact};
use crate::facts::kamal::{Accessory, Destination, Role};
use crate::facts::process;
use crate::facts::setting::Setting;

/// Folders of the app that each image brings anew.
const BROUGHT: [&str; 9] = [
    "app",
    "bin",
    "config",
    "db",
    "db/migrate",
    "lib",
    "public",
    "public/assets",
    "vendor",
];

/// A place in a container where something from outside stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The volume's name, or a path on the server.
    pub source: String,
    /// The path in the container.
    pub target: String,
    /// Whether containers may only read there.
    pub is_read_only: bool,
}

impl Mount {
    /// Reads `source:target` or `source:target:options`; a path alone has no name to be found by.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (source, target) = (parts.next()?, parts.next()?);
        Some(Self {
            source: source.to_owned(),
            target: tidy(target),
            is_read_only: parts
                .next()
                .is_some_and(|options| options.split(',').any(|option| option == "ro")),
        })
    }

    /// Whether `path` is the mounted folder, or below it.
    pub fn has(&self, path: &str) -> bool {
        is_below(path, &self.target)
    }

    /// The folder of the app's code that lies under it, where `root` is the app's folder.
    pub fn hides(&self, root: &str) -> Option<&'static str> {
        let is_under = |folder: &&str| is_below(&format!("{root}/{folder}"), &self.target);
        BROUGHT.into_iter().find(is_under)
    }

    /// Whether Docker keeps it under a name, rather than the server under a path.
    pub fn is_named(&self) -> bool {
        self.source
            .starts_with(|first: char| first.is_ascii_alphanumeric())
            && !self.source.contains('/')
    }
}

/// Whether `path` is `folder`, or below it.
pub fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn tidy(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" => "/".to_owned(),
        path => path.to_owned(),
    }
}

impl Role<'_> {
    /// All that is mounted into its containers; nothing if that cannot be told.
    pub fn mounts(&self) -> Option<Vec<Fact<Mount>>> {
        let mut mounts = listed(self.destination().root().get("volumes"))?;
        mounts.extend(of_options(self.options())?);
        Some(mounts)
    }

    /// Where a path of the app stands in its containers.
    pub fn path(&self, inside: &str) -> Option<String> {
        if inside.starts_with('/') {
            return Some(tidy(inside));
        }
        let folder = process::stage(self)?.working_folder().known()?;
        let inside = inside.trim_start_matches("./");
        Some(tidy(&format!(
            "{}/{inside}",
            folder.value.trim_end_matches('/')
        )))
    }
}

impl Destination<'_> {
    /// A volume for files of the app that have to outlive a deploy, as Rails' own `deploy.yml`
    /// names it.
    pub fn storage_volume(&self, path: &str) -> Option<String> {
        Some(format!("{}_storage:{path}", self.service().known()?.value))
    }
}

impl Accessory<'_> {
    /// All that is mounted into its container; nothing if that cannot be told.
    pub fn mounts(&self) -> Option<Vec<Fact<Mount>>> {
        let mut mounts = Vec::new();
        for key in ["directories", "files", "volumes"] {
            mounts.extend(listed(self.get(key))?);
        }
        mounts.extend(of_options(self.get("options"))?);
        Some(mounts)
    }
}

/// The mounts of a list, or nothing if that cannot be told: texts, or mappings with `local` and `remote` (kamal 2.10).
pub(super) fn listed(list: Answer<Setting<'_>>) -> Option<Vec<Fact<Mount>>> {
    let list = match list {
        Answer::Is(list) => list,
        Answer::Absent(_) => return Some(Vec::new()),
        Answer::Unknown(..) => return None,
    };
    if !list.is_settled() {
        return None;
    }
    let mounts = list.items().into_iter().map(|item| {
        if item.is_mapping() {
            let local = item.get("local").and_then(|local| local.text()).known()?;
            let remote = item
                .get("remote")
                .and_then(|remote| remote.text())
                .known()?;
            let text = format!("{}:{}", local.value, remote.value);
            return Some((Mount::of(&text), remote.map(|_| ())));
        }
        let text = item.text().known()?;
        Some((Mount::of(&text), text.map(|_| ())))
    });
    let mounts: Option<Vec<_>> = mounts.collect();
    let mounts = mounts?.into_iter().filter_map(|(mount, told)| {
        let mount = mount?;
        Some(told.map(|()| mount).labelled("mounted here"))
    });
    Some(mounts.collect())
}

/// The mounts among options for `docker run`; those with a syntax of their own are not read.
fn of_options(options: Answer<Setting<'_>>) -> Option<Vec<Fact<Mount>>> {
    let options = match options {
        Answer::Is(options) => options,
        Answer::Absent(_) => return Some(Vec::new()),
        Answer::Unknown(..) => return None,
    };
    let is_read = options.is_settled()
        && ["mount", "volumes-from", "tmpfs"]
            .iter()
            .all(|key| options.get(key).is_absent());
    if !is_read {
        return None;
    }
    match options.get("volume") {
        Answer::Is(volume) if !volume.is_sequence() => {
            let text = volume.text().known()?;
            let mount = Mount::of(&text)?;
            Some(vec![text.map(|_| mount).labelled("mounted here")])
        }
        list => listed(list),
    }
}
