//! Locked gems that a later release fixes a known hole of.
//!
//! Upstream: rubysec/ruby-advisory-db.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::fact::Fact;
use crate::facts::App;
use crate::facts::kamal::Destination;

/// What was last found in a gem, and what fixes it.
#[derive(Debug, Deserialize)]
pub struct Patch {
    gem: String,
    /// What people call the gem.
    pub called: String,
    /// The first release of each series that has all fixes.
    fixed: Vec<String>,
    /// The advisory's number.
    pub advisory: String,
    /// What it lets happen.
    pub what: String,
    /// When it was published.
    pub date: String,
    /// What an app does without which there is no hole.
    only_with: Option<Condition>,
}

/// What an app does that opens a hole.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Condition {
    /// libvips works on what is uploaded, with all that it can read.
    VipsOnUploads,
}

#[derive(Deserialize)]
struct Table {
    patch: Vec<Patch>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../knowledge/tables/patches.toml"))
        .expect("the table of patches is valid")
});

/// A locked gem with a known hole.
#[derive(Debug)]
pub struct Unpatched {
    /// What is known of the hole.
    pub patch: &'static Patch,
    /// The locked version.
    pub locked: Fact<String>,
    /// The release that fixes it, of the same series where that got a fix.
    pub fixed: &'static str,
}

impl App<'_> {
    /// The gems of production's bundle that a later release fixes. A prerelease is not judged.
    pub fn unpatched_gems(&self) -> Vec<Unpatched> {
        let gems = self.gems();
        let unpatched = |patch: &'static Patch| {
            if let Some(Condition::VipsOnUploads) = patch.only_with {
                gems.shipped("ruby-vips").known()?;
                self.lets_vips_read_all().then_some(())?;
            }
            let locked = gems.shipped(&patch.gem).known()?;
            let fixed = patch.release_for(&locked)?;
            Some(Unpatched {
                patch,
                locked,
                fixed,
            })
        };
        let mut found: Vec<Unpatched> = TABLE.patch.iter().filter_map(unpatched).collect();
        found.dedup_by_key(|gem| &gem.patch.called);
        found
    }
}

impl App<'_> {
    /// Whether uploads surely go to a libvips that was not told to leave out what nobody has hardened, and
    /// the image may have it.
    fn lets_vips_read_all(&self) -> bool {
        const TOLD: [&str; 2] = ["VIPS_BLOCK_UNTRUSTED", "block_untrusted"];
        let is_told = self
            .tree()
            .sources()
            .any(|source| TOLD.iter().any(|word| source.text().contains(word)));
        let lacks_it = |destination: &Destination<'_>| {
            let lacking = destination.lacking_libraries();
            lacking.iter().any(|library| library.gem == "ruby-vips")
        };
        self.storage().works_with_vips() && !is_told && !self.destinations().iter().any(lacks_it)
    }
}

impl Patch {
    /// The release that a version lacks; nothing for a version that has it, or that is no release.
    fn release_for(&self, version: &str) -> Option<&str> {
        let own = release(version)?;
        let series = |numbers: &[u64]| (numbers.first().copied(), numbers.get(1).copied());
        let fixed = || {
            self.fixed
                .iter()
                .filter_map(|text| Some((text, release(text)?)))
        };
        let of_series = fixed().find(|(_, numbers)| series(numbers) == series(&own));
        // Without one in its own series, the first later release will do.
        let (text, numbers) = of_series.or_else(|| fixed().find(|(_, numbers)| *numbers > own))?;
        (own < numbers).then_some(text)
    }
}

/// The numbers of a release.
fn release(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_held_against_its_own_series() {
        let patch = |gem: &str| TABLE.patch.iter().find(|patch| patch.gem == gem).unwrap();
        let rails = patch("activestorage");
        for (version, lacks) in [
            ("7.1.5", Some("7.2.3.2")),
            ("7.2.3.1", Some("7.2.3.2")),
            ("7.2.3.2", None),
            ("8.0.5", Some("8.0.5.1")),
            ("8.0.10", None),
            ("8.1.3.1", None),
            ("8.2.0", None),
            ("8.1.0.beta1", None),
            ("", None),
        ] {
            assert_eq!(rails.release_for(version), lacks, "{version}");
        }
        let puma = patch("puma");
        assert_eq!(puma.release_for("5.6.9"), None);
        assert_eq!(puma.release_for("6.0.2"), Some("6.4.3"));
        assert_eq!(puma.release_for("6.5.0"), None);
        assert_eq!(puma.release_for("7.1.0"), None);
    }

    #[test]
    fn releases_stand_in_order_and_have_a_date() {
        for patch in &TABLE.patch {
            let releases: Vec<_> = patch
                .fixed
                .iter()
                .map(|text| release(text).unwrap())
                .collect();
            assert!(releases.is_sorted(), "{}", patch.gem);
            let date: Vec<_> = patch.date.split('-').map(str::len).collect();
            assert_eq!(date, [4, 2, 2], "{}", patch.gem);
        }
    }
}
