//! How large the image will be, part by part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::basis::Basis;
use super::image::ImageView;
use crate::version::numbers;

/// What an image should stay below, in bytes.
const BUDGET: u64 = 400_000_000;

/// A part of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// What it is.
    pub name: String,
    /// Its size on disk, in bytes.
    pub bytes: u64,
    /// What would make it smaller, where something would.
    pub advice: Option<String>,
}

/// The expected size of the image, before compression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// The parts, in the order of their layers.
    pub components: Vec<Component>,
    /// What is in the image and in no table, so that it is not counted.
    pub not_counted: Vec<String>,
}

impl Estimate {
    /// All parts together, in bytes.
    pub fn bytes(&self) -> u64 {
        self.components
            .iter()
            .map(|component| component.bytes)
            .sum()
    }

    /// What the image should stay below, in bytes.
    pub fn budget(&self) -> u64 {
        BUDGET
    }
}

#[derive(Deserialize)]
struct Sizes {
    base: BTreeMap<String, BTreeMap<String, u64>>,
    gem: GemSizes,
    node: NodeSizes,
    app: AppSizes,
}

#[derive(Deserialize)]
struct GemSizes {
    usual: u64,
    compiled: u64,
}

#[derive(Deserialize)]
struct NodeSizes {
    program: u64,
}

#[derive(Deserialize)]
struct AppSizes {
    code: u64,
    assets: u64,
}

/// What installing packages adds to an image of one release.
#[derive(Deserialize)]
struct Release {
    base: BTreeSet<String>,
    debs: BTreeMap<String, Deb>,
}

#[derive(Deserialize)]
struct Deb {
    #[serde(rename = "kB")]
    kilobytes: u64,
    /// What it brings along.
    #[serde(default)]
    needs: Vec<String>,
    /// What is left out where this one is asked for.
    #[serde(default)]
    needless: Vec<String>,
}

static SIZES: LazyLock<Sizes> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../knowledge/tables/sizes.toml"))
        .expect("the table of sizes is valid")
});

static DEBIAN: LazyLock<BTreeMap<String, Release>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../knowledge/tables/debian.toml"))
        .expect("the table of Debian's packages is valid")
});

impl Release {
    /// The sizes of packages and of all that they need, each counted once, in kB.
    fn closure<'r>(&'r self, names: &'r [String]) -> BTreeMap<&'r str, u64> {
        let needless: BTreeSet<&str> = names
            .iter()
            .filter_map(|name| self.debs.get(name))
            .flat_map(|deb| deb.needless.iter().map(String::as_str))
            .collect();
        let mut open: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut found = BTreeMap::new();
        while let Some(name) = open.pop() {
            let Some(deb) = self.debs.get(name) else {
                continue;
            };
            if self.base.contains(name)
                || needless.contains(name)
                || found.insert(name, deb.kilobytes).is_some()
            {
                continue;
            }
            open.extend(deb.needs.iter().map(String::as_str));
        }
        found
    }

    /// The packages one after the other, each with what those before it did not bring.
    fn shares<'r>(&'r self, names: &'r [String]) -> Vec<(&'r str, u64)> {
        let mut known = BTreeMap::new();
        let mut shares = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let all = self.closure(&names[..=index]);
            let own = all
                .iter()
                .filter(|(deb, _)| !known.contains_key(*deb))
                .map(|(_, kilobytes)| kilobytes)
                .sum();
            shares.push((name.as_str(), own));
            known = all;
        }
        shares
    }
}

pub(super) fn estimate(basis: &Basis<'_>, image: &ImageView) -> Estimate {
    let mut estimate = Estimate::default();
    let mut add = |name: String, kilobytes: u64, advice: Option<String>| {
        estimate.components.push(Component {
            name,
            bytes: kilobytes * 1000,
            advice,
        });
    };
    let release = basis.distribution.value.name();
    add(
        format!("ruby:{}-{}", image.ruby_version, image.tag),
        base(&image.ruby_version, release),
        None,
    );
    let packages: &[String] = &image.runtime_packages;
    if let Some(debian) = DEBIAN.get(release) {
        for (name, kilobytes) in debian.shares(packages) {
            add(name.to_owned(), kilobytes, advice(name, kilobytes));
        }
    }
    if image
        .javascript
        .as_ref()
        .is_some_and(|javascript| javascript.stays)
    {
        let advice =
            "a gem runs JavaScript while the app serves requests; without that gem Node stays out";
        add(
            "node".to_owned(),
            SIZES.node.program,
            Some(advice.to_owned()),
        );
    }
    let gems = basis.app.gems().all_shipped();
    let count = u64::try_from(gems.len()).unwrap_or_default();
    add(format!("{count} gems"), count * SIZES.gem.usual, None);
    if image.bootsnap.is_some() {
        let advice = "it saves one to two seconds of every boot";
        add(
            "bootsnap's cache".to_owned(),
            count * SIZES.gem.compiled,
            Some(advice.to_owned()),
        );
    }
    let assets = if image.assets.is_some() {
        SIZES.app.assets
    } else {
        0
    };
    add(
        "code and assets of a new app".to_owned(),
        SIZES.app.code + assets,
        None,
    );
    let is_unknown = |name: &&String| {
        DEBIAN
            .get(release)
            .is_none_or(|debian| !debian.debs.contains_key(*name) && !debian.base.contains(*name))
    };
    estimate.not_counted = packages.iter().filter(is_unknown).cloned().collect();
    if image
        .javascript
        .as_ref()
        .is_some_and(|javascript| javascript.keeps_packages)
    {
        estimate.not_counted.push("node_modules".to_owned());
    }
    estimate
}

/// The official image's size; of a Ruby that is not in the table, the nearest one's.
fn base(version: &str, release: &str) -> u64 {
    let [major, minor, _] = numbers(version);
    let exact = SIZES.base.get(&format!("{major}.{minor}"));
    let row = exact.or_else(|| {
        if [major, minor] < [3, 4] {
            SIZES.base.values().next()
        } else {
            SIZES.base.values().last()
        }
    });
    row.and_then(|row| row.get(release))
        .copied()
        .unwrap_or_default()
}

/// What to leave out, of packages that are large.
fn advice(name: &str, kilobytes: u64) -> Option<String> {
    (kilobytes >= 20_000).then(|| match name {
        "postgresql-client" => {
            "only structure.sql and dbconsole need psql; perl comes with it".to_owned()
        }
        "default-mysql-client" => "only structure.sql and dbconsole need the client".to_owned(),
        name if name.starts_with("libvips") => {
            "only variants of images need it: --without it where the app makes none".to_owned()
        }
        name => format!("--without {name}, where nothing in the app uses it"),
    })
}

#[cfg(test)]
mod tests {
    use super::{DEBIAN, SIZES};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn what_two_packages_share_counts_once() {
        let trixie = &DEBIAN["trixie"];
        let sum = |wanted: &[&str]| trixie.closure(&names(wanted)).values().sum::<u64>();
        let (vips, magick) = (sum(&["libvips42t64"]), sum(&["imagemagick"]));
        let both = sum(&["imagemagick", "libvips42t64"]);
        assert!(both < vips + magick, "{both} {vips} {magick}");
        assert!(both >= vips.max(magick));
        let shares = trixie
            .shares(&names(&["imagemagick", "libvips42t64"]))
            .iter()
            .map(|(_, own)| own)
            .sum::<u64>();
        assert_eq!(shares, both);
    }

    #[test]
    fn packages_weigh_what_they_were_measured_to_weigh() {
        // kB that `apt-get install` added to a root of trixie (`bin/debian-packages` says how).
        let trixie = &DEBIAN["trixie"];
        for (name, measured) in [("libvips42t64", 113_000_u64), ("postgresql-client", 61_000)] {
            let sum: u64 = trixie.closure(&names(&[name])).values().sum();
            assert!(sum.abs_diff(measured) < measured / 20, "{name}: {sum}");
        }
    }

    #[test]
    fn what_is_in_the_base_image_adds_nothing() {
        let trixie = &DEBIAN["trixie"];
        assert!(
            trixie
                .closure(&names(&["ca-certificates", "tzdata"]))
                .is_empty()
        );
        assert!(SIZES.base.contains_key("3.4"));
    }
}
