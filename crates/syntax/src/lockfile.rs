//! `Gemfile.lock`: which gems are locked, from where, and for which platforms.
//!
//! The format is that of Bundler's `LockfileParser` (`bundler/lib/bundler/lockfile_parser.rb`):
//! sections begin at the margin, and what is in them is told apart by its indentation. Conflicts
//! that were committed are errors, and both of their sides are read.

use crate::{Span, Spanned, SyntaxError};

/// How many characters of a line a message quotes.
const MAX_QUOTED: usize = 60;

/// Reads a lockfile.
pub fn parse(text: &str) -> Lockfile {
    let mut reader = Reader::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let written = line.trim_end_matches(['\r', '\n']);
        reader.line(Line {
            text: written,
            start,
        });
        start += line.len();
    }
    reader.finish()
}

/// What a `Gemfile.lock` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lockfile {
    /// `GEM`, `GIT`, `PATH` and `PLUGIN SOURCE`, in the order of the text.
    pub sources: Vec<Source>,
    /// `PLATFORMS`: `ruby`, `x86_64-linux`, …
    pub platforms: Vec<Spanned<String>>,
    /// `DEPENDENCIES`: what the Gemfile asks for.
    pub dependencies: Vec<Dependency>,
    /// The version in `RUBY VERSION` without its patch level: `3.4.1` of `ruby 3.4.1p0`.
    pub ruby_version: Option<Spanned<String>>,
    /// `CHECKSUMS`; `None` if there is no such section.
    pub checksums: Option<Vec<Checksum>>,
    /// The version of Bundler in `BUNDLED WITH`.
    pub bundled_with: Option<Spanned<String>>,
    /// Headings of sections that Bundler does not know either, and skips.
    pub unknown_sections: Vec<Spanned<String>>,
    /// Conflicts, and lines that Bundler would not have written.
    pub errors: Vec<SyntaxError>,
}

/// A place that gems come from, and the gems that are locked from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What kind of place.
    pub kind: SourceKind,
    /// Its heading.
    pub span: Span,
    /// Its addresses: of a git repository, a gem server or a directory.
    pub remotes: Vec<Spanned<String>>,
    /// What else is said of it: `revision`, `branch`, `ref`, `tag`, `glob`, `submodules`, `type`.
    pub options: Vec<SourceOption>,
    /// The gems locked from it.
    pub specs: Vec<Spec>,
}

/// What kind of place gems come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// `GEM`: a gem server.
    Gem,
    /// `GIT`: a git repository.
    Git,
    /// `PATH`: a directory beside the application.
    Path,
    /// `PLUGIN SOURCE`: something that a plugin of Bundler knows.
    Plugin,
}

/// `name: value` of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceOption {
    /// Which option.
    pub name: String,
    /// Its value.
    pub value: Spanned<String>,
}

/// A locked gem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The gem.
    pub name: String,
    /// Its version: `1.18.1` of `nokogiri (1.18.1-x86_64-linux-gnu)`.
    pub version: String,
    /// The platform it was built for: `x86_64-linux-gnu`; `None` for a gem that runs anywhere.
    pub platform: Option<String>,
    /// What it needs.
    pub dependencies: Vec<Dependency>,
    /// `name (version-platform)`.
    pub span: Span,
}

/// A gem that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The gem.
    pub name: String,
    /// Which versions will do, as written: `~> 8.0, >= 8.0.1`; `None` for any.
    pub requirement: Option<String>,
    /// Whether it has to come from its own source (`!`): a git repository, a path, a `source`.
    pub pinned: bool,
    /// `name (requirement)!`.
    pub span: Span,
}

/// The digests of a locked gem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// The gem.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The platform it was built for.
    pub platform: Option<String>,
    /// `sha256=…`, several joined by commas; `None` where Bundler knows none.
    pub digest: Option<String>,
    /// The whole entry.
    pub span: Span,
}

impl Lockfile {
    /// Every locked gem and where it comes from; a gem with several platforms is there for each.
    pub fn specs(&self) -> impl Iterator<Item = (&Source, &Spec)> {
        self.sources
            .iter()
            .flat_map(|source| source.specs.iter().map(move |spec| (source, spec)))
    }

    /// The locked gems of that name, one for each platform.
    pub fn specs_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Spec> {
        self.specs()
            .map(|(_, spec)| spec)
            .filter(move |spec| spec.name == name)
    }

    /// The first locked gem of that name.
    pub fn spec(&self, name: &str) -> Option<&Spec> {
        self.sources
            .iter()
            .flat_map(|source| &source.specs)
            .find(|spec| spec.name == name)
    }
}

impl Source {
    /// The value of an option such as `revision`.
    pub fn option(&self, name: &str) -> Option<&Spanned<String>> {
        self.options
            .iter()
            .find(|option| option.name == name)
            .map(|option| &option.value)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Section {
    #[default]
    None,
    Source {
        /// Whether `specs:` was seen.
        specs: bool,
    },
    Platforms,
    Dependencies,
    RubyVersion,
    Checksums,
    BundledWith,
    Unknown,
}

#[derive(Clone, Copy)]
struct Line<'t> {
    text: &'t str,
    start: usize,
}

impl<'t> Line<'t> {
    /// A part of the line, which must be a slice of it.
    fn spanned(self, part: &'t str) -> Spanned<String> {
        Spanned::new(part.to_owned(), self.span(part))
    }

    fn span(self, part: &'t str) -> Span {
        let before = part.as_ptr() as usize - self.text.as_ptr() as usize;
        let start = self.start + before;
        Span::new(start, start + part.len())
    }

    fn trimmed(self) -> &'t str {
        self.text.trim()
    }

    fn indentation(self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }
}

/// A conflict whose end was not seen.
struct Conflict {
    ours: Spanned<String>,
    /// Where its first side began, and its second one begins, too.
    section: Section,
    /// Whether the lines are those of the common ancestor, which neither side has.
    is_ancestor: bool,
}

#[derive(Default)]
struct Reader {
    lockfile: Lockfile,
    section: Section,
    /// Whether the last line of a gem was understood, so that what it needs belongs to it.
    has_spec: bool,
    conflict: Option<Conflict>,
}

impl Reader {
    fn line(&mut self, line: Line<'_>) {
        if line.trimmed().is_empty() || self.conflict_marker(line) {
            return;
        }
        if self
            .conflict
            .as_ref()
            .is_some_and(|conflict| conflict.is_ancestor)
        {
            return;
        }
        match line.indentation() {
            0 => self.heading(line),
            indentation => self.entry(line, indentation),
        }
    }

    fn conflict_marker(&mut self, line: Line<'_>) -> bool {
        let Some((marker, label)) = line.text.split_at_checked(7) else {
            return false;
        };
        match (marker, &mut self.conflict) {
            ("<<<<<<<", _) => {
                self.end_conflict(None);
                self.conflict = Some(Conflict {
                    ours: Spanned::new(label.trim().to_owned(), line.span(line.text)),
                    section: self.section,
                    is_ancestor: false,
                });
            }
            ("|||||||", Some(conflict)) => conflict.is_ancestor = true,
            ("=======", Some(conflict)) => {
                conflict.is_ancestor = false;
                self.section = conflict.section;
            }
            (">>>>>>>", Some(_)) => {
                let theirs = line.span(line.text);
                self.end_conflict(Some(Spanned::new(label.trim(), theirs)));
            }
            _ => return false,
        }
        true
    }

    fn end_conflict(&mut self, theirs: Option<Spanned<&str>>) {
        let Some(Conflict { ours, .. }) = self.conflict.take() else {
            return;
        };
        let error = match theirs {
            Some(theirs) => SyntaxError::new(
                ours.span.to(theirs.span),
                format!(
                    "a merge conflict between `{}` and `{}` is not resolved",
                    ours.value, theirs.value
                ),
            ),
            None => SyntaxError::new(
                ours.span,
                format!("a merge conflict with `{}` is not resolved", ours.value),
            ),
        };
        self.lockfile.errors.push(error);
    }

    fn heading(&mut self, line: Line<'_>) {
        let heading = line.text.trim_start_matches('\u{feff}').trim_end();
        let kind = match heading {
            "GEM" => SourceKind::Gem,
            "GIT" => SourceKind::Git,
            "PATH" => SourceKind::Path,
            "PLUGIN SOURCE" => SourceKind::Plugin,
            _ => return self.plain_heading(line, heading),
        };
        self.section = Section::Source { specs: false };
        self.has_spec = false;
        self.lockfile.sources.push(Source {
            kind,
            span: line.span(heading),
            remotes: Vec::new(),
            options: Vec::new(),
            specs: Vec::new(),
        });
    }

    fn plain_heading<'t>(&mut self, line: Line<'t>, heading: &'t str) {
        self.section = match heading {
            "PLATFORMS" => Section::Platforms,
            "DEPENDENCIES" => Section::Dependencies,
            "RUBY VERSION" => Section::RubyVersion,
            "CHECKSUMS" => {
                self.lockfile.checksums.get_or_insert_default();
                Section::Checksums
            }
            "BUNDLED WITH" => Section::BundledWith,
            _ if heading.chars().all(|c| c.is_ascii_uppercase() || c == ' ') => {
                self.lockfile.unknown_sections.push(line.spanned(heading));
                Section::Unknown
            }
            _ => return self.unexpected(line),
        };
    }

    fn entry(&mut self, line: Line<'_>, indentation: usize) {
        let entry = line.trimmed();
        match self.section {
            Section::Source { specs } => self.source_entry(line, indentation, specs),
            Section::Platforms => self.lockfile.platforms.push(line.spanned(entry)),
            Section::Dependencies => {
                if let Some(dependency) = self.dependency(line) {
                    self.lockfile.dependencies.push(dependency);
                }
            }
            Section::RubyVersion => {
                let version = entry.strip_prefix("ruby ").map(without_patch_level);
                match version {
                    Some(version) => self.lockfile.ruby_version = Some(line.spanned(version)),
                    None => self.unexpected(line),
                }
            }
            Section::Checksums => self.checksum(line),
            Section::BundledWith => self.lockfile.bundled_with = Some(line.spanned(entry)),
            Section::Unknown => {}
            Section::None => self.unexpected(line),
        }
    }

    fn source_entry(&mut self, line: Line<'_>, indentation: usize, specs: bool) {
        match (indentation, specs) {
            (2, _) if line.trimmed() == "specs:" => self.section = Section::Source { specs: true },
            (2, _) => self.source_option(line),
            (4, true) => self.spec(line),
            (6, true) => self.spec_dependency(line),
            _ => self.unexpected(line),
        }
    }

    fn source_option(&mut self, line: Line<'_>) {
        let (Some((name, value)), Some(source)) = (
            line.trimmed().split_once(':'),
            self.lockfile.sources.last_mut(),
        ) else {
            return self.unexpected(line);
        };
        let value = line.spanned(value.trim());
        if name == "remote" {
            source.remotes.push(value);
        } else {
            source.options.push(SourceOption {
                name: name.to_owned(),
                value,
            });
        }
    }

    fn spec(&mut self, line: Line<'_>) {
        let Some((entry, version)) = Entry::with_version(line.trimmed()) else {
            self.has_spec = false;
            return self.unexpected(line);
        };
        let Some(source) = self.lockfile.sources.last_mut() else {
            return;
        };
        self.has_spec = true;
        let (version, platform) = version_and_platform(version);
        source.specs.push(Spec {
            name: entry.name.to_owned(),
            version,
            platform,
            dependencies: Vec::new(),
            span: line.span(line.trimmed()),
        });
    }

    fn spec_dependency(&mut self, line: Line<'_>) {
        let Some(dependency) = self.dependency(line) else {
            return;
        };
        let source = self.lockfile.sources.last_mut();
        let spec = source.and_then(|source| source.specs.last_mut());
        if let Some(spec) = spec.filter(|_| self.has_spec) {
            spec.dependencies.push(dependency);
        }
    }

    fn dependency(&mut self, line: Line<'_>) -> Option<Dependency> {
        let Some(entry) = Entry::parse(line.trimmed()) else {
            self.unexpected(line);
            return None;
        };
        Some(Dependency {
            name: entry.name.to_owned(),
            requirement: entry.parenthesized.map(str::to_owned),
            pinned: entry.rest == "!",
            span: line.span(line.trimmed()),
        })
    }

    fn checksum(&mut self, line: Line<'_>) {
        let Some((entry, version)) = Entry::with_version(line.trimmed()) else {
            return self.unexpected(line);
        };
        let (version, platform) = version_and_platform(version);
        self.lockfile
            .checksums
            .get_or_insert_default()
            .push(Checksum {
                name: entry.name.to_owned(),
                version,
                platform,
                digest: (!entry.rest.is_empty()).then(|| entry.rest.to_owned()),
                span: line.span(line.trimmed()),
            });
    }

    fn unexpected(&mut self, line: Line<'_>) {
        let written = line.trimmed();
        self.lockfile.errors.push(SyntaxError::new(
            line.span(written),
            format!("`{}` is not what Bundler writes here", excerpt(written)),
        ));
    }

    fn finish(mut self) -> Lockfile {
        self.end_conflict(None);
        self.lockfile
    }
}

/// `name (parenthesized) rest`.
#[derive(Clone, Copy)]
struct Entry<'t> {
    name: &'t str,
    parenthesized: Option<&'t str>,
    rest: &'t str,
}

impl<'t> Entry<'t> {
    /// `None` if there is no name, or a parenthesis has no end.
    fn parse(text: &'t str) -> Option<Self> {
        let (name, parenthesized, rest) = match text.split_once(" (") {
            Some((name, rest)) => {
                let (parenthesized, rest) = rest.split_once(')')?;
                (name, Some(parenthesized), rest)
            }
            None => match text.strip_suffix('!') {
                Some(name) => (name, None, "!"),
                None => (text, None, ""),
            },
        };
        let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
        is_name.then_some(Self {
            name,
            parenthesized,
            rest: rest.trim(),
        })
    }

    /// An entry and what is in its parentheses, if there is anything.
    fn with_version(text: &'t str) -> Option<(Self, &'t str)> {
        let entry = Self::parse(text)?;
        let version = entry.parenthesized.filter(|version| !version.is_empty())?;
        Some((entry, version))
    }
}

/// At most the first characters of a line, as much as a message can hold.
fn excerpt(line: &str) -> String {
    match line.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// A version never holds a `-` (`Gem::Version` writes prereleases as `1.0.0.rc1`), so what follows
/// the first one is a platform.
fn version_and_platform(text: &str) -> (String, Option<String>) {
    match text.split_once('-') {
        Some((version, platform)) => (version.to_owned(), Some(platform.to_owned())),
        None => (text.to_owned(), None),
    }
}

/// `3.4.1` of `3.4.1p0` and of `3.4.1p0 (jruby 10.0.0.0)`; `3.5.0.preview1` as it is.
fn without_patch_level(version: &str) -> &str {
    let version = version.split_whitespace().next().unwrap_or_default();
    match version.rsplit_once('p') {
        Some((release, level))
            if !level.is_empty() && level.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            release
        }
        _ => version,
    }
}
