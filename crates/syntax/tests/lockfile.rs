//! Lockfiles as Bundler writes them, and as merges and editors leave them.

use proptest::prelude::*;
use syntax::lockfile::{self, Lockfile, SourceKind};

const LOCKFILE: &str = "\
GIT
  remote: https://github.com/rails/rails.git
  revision: 0123456789abcdef0123456789abcdef01234567
  branch: 8-0-stable
  specs:
    railties (8.0.2)
      rackup (>= 1.0.0)
      zeitwerk (~> 2.6, >= 2.6.1)

PATH
  remote: engines/billing
  specs:
    billing (0.1.0)
      rails

PLUGIN SOURCE
  remote: /srv/gems
  type: weird
  specs:

GEM
  remote: https://rubygems.org/
  remote: https://gems.example.com/
  specs:
    nokogiri (1.18.1)
      racc (~> 1.4)
    nokogiri (1.18.1-aarch64-linux-gnu)
      racc (~> 1.4)
    nokogiri (1.18.1-x86_64-linux-musl)
    pg (1.5.9)
    puma (7.0.0.rc1)
    puma (7.0.0.rc1-java)
    jar (2.0-universal-java-11)
    thruster (0.1.9-arm64-darwin)

PLATFORMS
  aarch64-linux-gnu
  x86_64-linux

DEPENDENCIES
  billing!
  pg (~> 1.1)
  railties (>= 8, < 9)!

FUTURE SECTION
  something (1)

RUBY VERSION
   ruby 3.4.10p0

CHECKSUMS
  billing (0.1.0)
  nokogiri (1.18.1-aarch64-linux-gnu) sha256=aa,sha512=bb
  pg (1.5.9) sha256=cc

BUNDLED WITH
   2.6.2
";

#[test]
fn every_section() {
    let lockfile = lockfile::parse(LOCKFILE);
    assert_eq!(lockfile.errors, []);
    let kinds: Vec<_> = lockfile.sources.iter().map(|source| source.kind).collect();
    assert_eq!(
        kinds,
        [
            SourceKind::Git,
            SourceKind::Path,
            SourceKind::Plugin,
            SourceKind::Gem
        ]
    );
    let git = &lockfile.sources[0];
    assert_eq!(git.span.of(LOCKFILE), "GIT");
    assert_eq!(git.remotes[0].value, "https://github.com/rails/rails.git");
    assert_eq!(
        git.option("branch").unwrap().span.of(LOCKFILE),
        "8-0-stable"
    );
    assert!(git.option("revision").unwrap().starts_with("0123"));
    assert_eq!(git.option("tag"), None);
    assert_eq!(lockfile.sources[2].option("type").unwrap().value, "weird");
    assert_eq!(lockfile.sources[3].remotes.len(), 2);
    let railties = lockfile.spec("railties").unwrap();
    assert_eq!(railties.span.of(LOCKFILE), "railties (8.0.2)");
    let needed: Vec<_> = railties
        .dependencies
        .iter()
        .map(|needed| (needed.name.as_str(), needed.requirement.as_deref()))
        .collect();
    assert_eq!(
        needed,
        [
            ("rackup", Some(">= 1.0.0")),
            ("zeitwerk", Some("~> 2.6, >= 2.6.1"))
        ]
    );
    assert_eq!(lockfile.specs().count(), 10);
    assert_eq!(lockfile.spec("rack"), None);

    let platforms: Vec<_> = lockfile
        .platforms
        .iter()
        .map(|platform| &platform.value[..])
        .collect();
    assert_eq!(platforms, ["aarch64-linux-gnu", "x86_64-linux"]);
    assert_eq!(lockfile.platforms[1].span.of(LOCKFILE), "x86_64-linux");
    let dependencies: Vec<_> = lockfile
        .dependencies
        .iter()
        .map(|asked| {
            (
                asked.name.as_str(),
                asked.requirement.as_deref(),
                asked.pinned,
            )
        })
        .collect();
    assert_eq!(
        dependencies,
        [
            ("billing", None, true),
            ("pg", Some("~> 1.1"), false),
            ("railties", Some(">= 8, < 9"), true),
        ]
    );
    assert_eq!(lockfile.dependencies[0].span.of(LOCKFILE), "billing!");
    assert_eq!(lockfile.unknown_sections[0].value, "FUTURE SECTION");
    let ruby = lockfile.ruby_version.unwrap();
    assert_eq!(
        (ruby.value.as_str(), ruby.span.of(LOCKFILE)),
        ("3.4.10", "3.4.10")
    );
    let bundler = lockfile.bundled_with.unwrap();
    assert_eq!(
        (bundler.value.as_str(), bundler.span.of(LOCKFILE)),
        ("2.6.2", "2.6.2")
    );
    let checksums = lockfile.checksums.unwrap();
    assert_eq!(checksums[0].digest, None);
    assert_eq!(checksums[1].platform.as_deref(), Some("aarch64-linux-gnu"));
    assert_eq!(checksums[1].digest.as_deref(), Some("sha256=aa,sha512=bb"));
}

#[test]
fn versions_and_platforms() {
    let lockfile = lockfile::parse(LOCKFILE);
    let of = |name: &'static str| -> Vec<_> {
        lockfile
            .specs_named(name)
            .map(|spec| {
                (
                    spec.version.clone(),
                    spec.platform.clone().unwrap_or_default(),
                )
            })
            .collect()
    };
    let pair = |version: &str, platform: &str| (version.to_owned(), platform.to_owned());
    assert_eq!(
        of("nokogiri"),
        [
            pair("1.18.1", ""),
            pair("1.18.1", "aarch64-linux-gnu"),
            pair("1.18.1", "x86_64-linux-musl")
        ]
    );
    assert_eq!(
        of("puma"),
        [pair("7.0.0.rc1", ""), pair("7.0.0.rc1", "java")]
    );
    assert_eq!(of("jar"), [pair("2.0", "universal-java-11")]);
    assert_eq!(of("thruster"), [pair("0.1.9", "arm64-darwin")]);
}

#[test]
fn ruby_versions() {
    let ruby = |written: &str| {
        lockfile::parse(&format!("RUBY VERSION\n   {written}\n"))
            .ruby_version
            .map(|version| version.value)
    };
    assert_eq!(ruby("ruby 3.4.1p0").as_deref(), Some("3.4.1"));
    assert_eq!(ruby("ruby 4.0.0").as_deref(), Some("4.0.0"));
    assert_eq!(
        ruby("ruby 3.5.0.preview1").as_deref(),
        Some("3.5.0.preview1")
    );
    assert_eq!(
        ruby("ruby 3.1.4p0 (jruby 9.4.8.0)").as_deref(),
        Some("3.1.4")
    );
    assert_eq!(ruby("3.4.1"), None);
}

#[test]
fn carriage_returns_belong_to_the_line_ending() {
    let unix = lockfile::parse(LOCKFILE);
    let text = LOCKFILE.replace('\n', "\r\n");
    let windows = lockfile::parse(&text);
    assert_eq!(windows.errors, []);
    let names = |lockfile: &Lockfile| -> Vec<_> {
        lockfile
            .specs()
            .map(|(_, spec)| (spec.name.clone(), spec.version.clone()))
            .collect()
    };
    assert_eq!(names(&windows), names(&unix));
    let bundler = windows.bundled_with.unwrap();
    assert_eq!(
        (bundler.value.as_str(), bundler.span.of(&text)),
        ("2.6.2", "2.6.2")
    );
}

#[test]
fn both_sides_of_a_conflict_are_read() {
    let text = "\u{feff}GEM
  specs:
    a (1)
<<<<<<< HEAD
    pg (1.5.9)

PLATFORMS
  ruby
||||||| base
    pg (1.5.7)
=======
    pg (1.5.8)
      racc
>>>>>>> feature/bump
    puma (6.6.0)
";
    let lockfile = lockfile::parse(text);
    let versions: Vec<_> = lockfile
        .specs_named("pg")
        .map(|spec| &spec.version[..])
        .collect();
    assert_eq!(versions, ["1.5.9", "1.5.8"]);
    assert_eq!(lockfile.spec("puma").unwrap().version, "6.6.0");
    assert_eq!(lockfile.platforms.len(), 1);
    let [error] = &lockfile.errors[..] else {
        panic!("{:?}", lockfile.errors);
    };
    assert_eq!(
        error.message,
        "a merge conflict between `HEAD` and `feature/bump` is not resolved"
    );
    assert!(error.span.of(text).starts_with("<<<<<<< HEAD\n"));
    assert!(error.span.of(text).ends_with(">>>>>>> feature/bump"));

    let unfinished = lockfile::parse("GEM\n<<<<<<< HEAD\n  specs:\n    a (1)\n=======\n");
    assert_eq!(
        unfinished.errors[0].message,
        "a merge conflict with `HEAD` is not resolved"
    );
    assert_eq!(unfinished.specs().count(), 1);
}

#[test]
fn half_written_files() {
    let text = "\
GEM
  remote: https://rubygems.org/
  specs:
    a (1)
    rails (8.0
      actioncable
    b
    c (2)
      d (>= 1
\tPLATFORMS
DEPENDENCIES
  rails (
";
    let lockfile = lockfile::parse(text);
    let names: Vec<_> = lockfile
        .specs()
        .map(|(_, spec)| spec.name.as_str())
        .collect();
    assert_eq!(names, ["a", "c"]);
    assert!(
        lockfile
            .specs()
            .all(|(_, spec)| spec.dependencies.is_empty())
    );
    let wrong: Vec<_> = lockfile
        .errors
        .iter()
        .map(|error| error.span.of(text))
        .collect();
    assert_eq!(
        wrong,
        ["rails (8.0", "b", "d (>= 1", "PLATFORMS", "rails ("]
    );
    assert_eq!(
        lockfile.errors[0].message,
        "`rails (8.0` is not what Bundler writes here"
    );
    let long = lockfile::parse(&"é".repeat(100));
    assert!(long.errors[0].message.chars().count() < 100);
    assert_eq!(lockfile::parse(""), Lockfile::default());
}

fn check(text: &str) {
    let lockfile = lockfile::parse(text);
    let spans = lockfile
        .errors
        .iter()
        .map(|error| error.span)
        .chain(lockfile.specs().map(|(_, spec)| spec.span))
        .chain(lockfile.dependencies.iter().map(|asked| asked.span))
        .chain(lockfile.platforms.iter().map(|platform| platform.span));
    for span in spans {
        assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_lines_are_read(lines in prop::collection::vec(prop::sample::select(LINES), 0..30)) {
        check(&lines.concat());
    }

    #[test]
    fn damaged_files_are_read(at in any::<prop::sample::Index>(), length in 0usize..60) {
        let start = at.index(LOCKFILE.len());
        let end = (start + length).min(LOCKFILE.len());
        check(&format!("{}é{}", &LOCKFILE[..start], &LOCKFILE[end..]));
    }
}

const LINES: &[&str] = &[
    "GEM\n",
    "GIT\r\n",
    "PLATFORMS\n",
    "CHECKSUMS\n",
    "RUBY VERSION\n",
    "BUNDLED WITH\n",
    "A\n",
    "  specs:\n",
    "  remote: é\n",
    "    a (1-b)\n",
    "    a\n",
    "      b (é)!\n",
    "  c!\n",
    "\n",
    "<<<<<<< a\n",
    "|||||||\n",
    "=======\n",
    ">>>>>>> b\r\n",
    "   ruby 1p1\n",
    "   2\n",
    "(",
    "\t",
];
