//! The gems that are locked, and those of them that reach production.

use std::collections::BTreeSet;

use syntax::lockfile::{Dependency, Lockfile, SourceKind, Spec};
use syntax::ruby::{Call, Context, Expression, ExpressionKind};

use crate::fact::{Answer, Fact, Place, Why};
use crate::facts::App;
use crate::tree::{Path, Source};

const GEMFILE: &str = "Gemfile";
const LOCKFILE: &str = "Gemfile.lock";

/// Gem groups that a production image leaves out.
const NOT_SHIPPED: [&str; 2] = ["development", "test"];

/// The names of the gems that a production bundle installs.
#[derive(Clone, Debug)]
pub(super) struct Shipped {
    names: BTreeSet<String>,
    /// Those that it may install: what they come from has groups that cannot be told. `None` is
    /// any gem.
    perhaps: Option<BTreeSet<String>>,
}

/// The app's gems.
#[derive(Clone, Copy)]
pub struct Gems<'a> {
    app: &'a App<'a>,
}

/// A `gem` line of the Gemfile.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The gem's name.
    pub name: Fact<String>,
    /// Its groups; empty is the default group.
    pub groups: Vec<String>,
    /// Whether it is installed only where Bundler is told `with` its group: `group :tools, optional: true`.
    pub is_optional: bool,
}

/// A folder of the app that gems are built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathGem {
    /// The folder, relative to the app's root.
    pub folder: Fact<String>,
    /// The gems in it.
    pub names: Vec<String>,
}

impl<'a> App<'a> {
    /// The app's gems.
    pub fn gems(&'a self) -> Gems<'a> {
        Gems { app: self }
    }
}

impl<'a> Gems<'a> {
    fn lockfile(self) -> Option<(&'a Source, &'a Lockfile)> {
        let source = self.app.tree().source(LOCKFILE)?;
        Some((source, source.lockfile()))
    }

    /// The locked version of a gem, by its exact name.
    pub fn locked(self, name: &str) -> Answer<String> {
        let Some((source, lockfile)) = self.lockfile() else {
            return self.app.no_file(LOCKFILE);
        };
        match lockfile.spec(name) {
            Some(spec) => Answer::Is(Fact::read(
                spec.version.clone(),
                source.path(),
                spec.span,
                "locked here",
            )),
            None if lockfile.errors.is_empty() => {
                Answer::Absent(Place::File(source.path().clone()))
            }
            None => Answer::Unknown(Place::File(source.path().clone()), Why::Broken),
        }
    }

    /// The locked version of a gem, if a production bundle has it.
    pub fn shipped(self, name: &str) -> Answer<String> {
        self.locked(name).and_then(|version| {
            let shipped = self.app.shipped.get_or_init(|| self.shipped_names());
            if shipped.names.contains(name) {
                Answer::Is(version)
            } else if shipped
                .perhaps
                .as_ref()
                .is_none_or(|gems| gems.contains(name))
            {
                Answer::Unknown(version.origin.place, Why::Dynamic)
            } else {
                Answer::Absent(version.origin.place)
            }
        })
    }

    /// Whether a gem may be loaded when Rails boots: the app asks for it itself, or a gem brings it along
    /// that loads it. Kamal does, for its own program alone.
    pub fn may_be_required(self, name: &str) -> bool {
        let is_named = |dependency: &Dependency| dependency.name == name;
        let mut lines = self.declared();
        lines.retain(|gem| gem.name.value == name);
        let is_of_others = |gem: &Declared| {
            let is_other = |group: &String| ["development", "test"].contains(&group.as_str());
            !gem.groups.is_empty() && gem.groups.iter().all(is_other)
        };
        // `Bundler.require` leaves the gems of other groups alone, even where another gem ships them.
        let is_asked_for = lines.is_empty() || !lines.iter().all(is_of_others);
        !self.shipped(name).is_absent()
            && (self.dependents(name).iter().any(|gem| gem != "kamal")
                || is_asked_for
                    && self
                        .lockfile()
                        .is_none_or(|(_, lockfile)| lockfile.dependencies.iter().any(is_named)))
    }

    /// The `gem` lines of the Gemfile. Lines that a loop or a method makes are left out.
    pub fn declared(self) -> Vec<Declared> {
        let Some(source) = self.app.tree().source(GEMFILE) else {
            return Vec::new();
        };
        source
            .ruby()
            .calls_named("gem")
            .filter(|call| call.receiver.is_none())
            .filter_map(|call| {
                let ExpressionKind::String(name) = &call.arguments.first()?.kind else {
                    return None;
                };
                let name = Fact::read(name.clone(), source.path(), call.span, "in the Gemfile");
                Some(Declared {
                    name,
                    groups: groups(call),
                    is_optional: is_optional(call),
                })
            })
            .collect()
    }

    /// Those of the `gem` lines that are for some of these groups alone, and that Bundler installs unless it
    /// is told to leave them out.
    pub fn of_groups(self, groups: &[&str]) -> Vec<Declared> {
        let is_one = |group: &String| groups.contains(&group.as_str());
        let mut gems = self.declared();
        gems.retain(|gem| {
            !gem.is_optional && !gem.groups.is_empty() && gem.groups.iter().all(is_one)
        });
        gems
    }

    /// Whether a file that production may load asks for a gem: a task, the Rakefile, configuration.
    pub fn is_asked_for(self, name: &str) -> bool {
        let path = name.replace('-', "/");
        let asks = |call: &Call| {
            let file = call.arguments.first().and_then(Expression::as_str);
            call.receiver.is_none()
                && call.within().is_empty()
                && file.is_some_and(|file| {
                    [name, &path].iter().any(|own| {
                        file.strip_prefix(own)
                            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    })
                })
        };
        let is_read = |source: &&Source| {
            let path = source.path();
            let is_ruby = path.name() == "Rakefile" || path.name().strip_suffix(".rake").is_some();
            is_ruby || path.name().strip_suffix(".rb").is_some() && path.as_str() != GEMFILE
        };
        let mut sources = self.app.tree().sources().filter(is_read);
        sources.any(|source| source.ruby().calls_named("require").any(asks))
    }

    /// Folders of the app that gems come from.
    pub fn path_gems(self) -> Vec<PathGem> {
        let Some((source, lockfile)) = self.lockfile() else {
            return Vec::new();
        };
        lockfile
            .sources
            .iter()
            .filter(|gems| gems.kind == SourceKind::Path)
            .filter_map(|gems| {
                let folder = gems.remotes.first()?;
                let names = gems.specs.iter().map(|spec| spec.name.clone()).collect();
                let folder = Fact::read(
                    folder.value.clone(),
                    source.path(),
                    folder.span,
                    "gems from a folder",
                );
                Some(PathGem { folder, names })
            })
            .collect()
    }

    /// The files that the Gemfile has evaluated, in any environment.
    pub fn evaluated(self) -> Vec<Fact<String>> {
        let Some(source) = self.app.tree().source(GEMFILE) else {
            return Vec::new();
        };
        // Bundler runs the blocks of all groups.
        let is_run = |call: &&Call| {
            let mut within = call.within().into_iter();
            within.all(|context| matches!(context, Context::Block { .. }))
        };
        let calls = source.ruby().calls_named("eval_gemfile").filter(is_run);
        calls
            .filter(|call| call.receiver.is_none())
            .filter_map(|call| {
                let file = Path::new(call.arguments.first()?.as_str()?)?;
                let (path, why) = (source.path(), "the Gemfile reads this file");
                Some(Fact::read(file.to_string(), path, call.span, why))
            })
            .collect()
    }

    /// Files and folders of the app that the Gemfile reads: the version of Ruby, other Gemfiles, and
    /// gems that ship.
    pub fn files_of_gemfile(self) -> Vec<Fact<Path>> {
        let version = self.app.ruby().version_file();
        let others = self.evaluated();
        let folders = self.path_gems().into_iter().filter_map(|gem| {
            let ships = gem.names.iter().any(|name| self.shipped(name).is_known());
            ships.then_some(gem.folder)
        });
        let named = version.into_iter().chain(others).chain(folders);
        named
            .filter_map(|file| {
                let path = Path::new(&file).filter(|path| !path.is_empty())?;
                Some(file.map(|_| path))
            })
            .collect()
    }

    /// Whether any gem comes from a git repository; where.
    pub fn git_source(self) -> Answer<String> {
        match (self.repositories().into_iter().next(), self.lockfile()) {
            (Some(remote), _) => Answer::Is(remote),
            (None, Some((source, _))) => Answer::Absent(Place::File(source.path().clone())),
            (None, None) => self.app.no_file(LOCKFILE),
        }
    }

    /// The addresses that gems come from: of servers, or of git repositories.
    fn remotes(self, kind: SourceKind, why: &'static str) -> Vec<Fact<String>> {
        let Some((source, lockfile)) = self.lockfile() else {
            return Vec::new();
        };
        lockfile
            .sources
            .iter()
            .filter(|gems| gems.kind == kind)
            .flat_map(|gems| &gems.remotes)
            .map(|remote| Fact::read(remote.value.clone(), source.path(), remote.span, why))
            .collect()
    }

    /// The servers that gems come from.
    pub fn servers(self) -> Vec<Fact<String>> {
        self.remotes(SourceKind::Gem, "a gem server")
    }

    /// Whether nothing of a server is installed unless Bundler is told `with`: what the Gemfile has of it is in
    /// groups that are `optional`, and nothing else depends on it.
    pub fn are_optional(self, server: &str) -> bool {
        let Some((_, lockfile)) = self.lockfile() else {
            return false;
        };
        let sources = lockfile.sources.iter();
        let own: BTreeSet<&str> = sources
            .filter(|gems| gems.remotes.iter().any(|remote| remote.value == server))
            .flat_map(|gems| &gems.specs)
            .map(|spec| spec.name.as_str())
            .collect();
        let declared = self.declared();
        let optional: BTreeSet<&str> = declared
            .iter()
            .filter(|gem| gem.is_optional)
            .map(|gem| gem.name.as_str())
            .collect();
        let always = lockfile.dependencies.iter().map(|gem| gem.name.as_str());
        let always = with_dependencies(lockfile, always.filter(|name| !optional.contains(name)));
        optional.iter().any(|name| own.contains(name))
            && !own.iter().any(|name| always.contains(*name))
    }

    /// The git repositories that gems come from.
    pub fn repositories(self) -> Vec<Fact<String>> {
        self.remotes(SourceKind::Git, "gems from a git repository")
    }

    /// The gems that a production bundle surely installs, in the order of their names.
    pub fn all_shipped(self) -> Vec<String> {
        let shipped = self.app.shipped.get_or_init(|| self.shipped_names());
        shipped.names.iter().cloned().collect()
    }

    /// The gems of a production bundle that depend on a gem.
    pub fn dependents(self, name: &str) -> Vec<String> {
        let Some((_, lockfile)) = self.lockfile() else {
            return Vec::new();
        };
        let shipped = self.app.shipped.get_or_init(|| self.shipped_names());
        let mut dependents: Vec<String> = lockfile
            .specs()
            .map(|(_, spec)| spec)
            .filter(|spec| shipped.names.contains(&spec.name))
            .filter(|spec| spec.dependencies.iter().any(|gem| gem.name == name))
            .map(|spec| spec.name.clone())
            .collect();
        dependents.sort();
        dependents.dedup();
        dependents
    }

    /// Whether the lockfile has a gem ready-made for one of these platforms, so that nothing is
    /// compiled.
    pub fn is_precompiled(self, name: &str, platforms: &[&str]) -> bool {
        self.lockfile().is_some_and(|(_, lockfile)| {
            lockfile.specs_named(name).any(|spec| {
                let platform = spec.platform.as_deref();
                platform.is_some_and(|platform| platforms.contains(&platform))
            })
        })
    }

    /// Bundler's version that wrote the lockfile.
    pub fn bundler(self) -> Answer<String> {
        let Some((source, lockfile)) = self.lockfile() else {
            return self.app.no_file(LOCKFILE);
        };
        match &lockfile.bundled_with {
            Some(version) => Answer::Is(Fact::read(
                version.value.clone(),
                source.path(),
                version.span,
                "the locked Bundler",
            )),
            None => Answer::Absent(Place::File(source.path().clone())),
        }
    }

    /// The platforms that the lockfile was resolved for.
    pub fn platforms(self) -> Vec<Fact<String>> {
        let Some((source, lockfile)) = self.lockfile() else {
            return Vec::new();
        };
        lockfile
            .platforms
            .iter()
            .map(|name| Fact::read(name.value.clone(), source.path(), name.span, "a platform"))
            .collect()
    }

    /// All that a production bundle installs: the Gemfile's gems that have a group which ships,
    /// and what they depend on (rubygems `bundler/lib/bundler/definition.rb`: a gem is installed
    /// if any of its groups is active).
    fn shipped_names(self) -> Shipped {
        let Some((_, lockfile)) = self.lockfile() else {
            return Shipped {
                names: BTreeSet::new(),
                perhaps: None,
            };
        };
        let declared = self.declared();
        let excluded: BTreeSet<&str> = declared
            .iter()
            .filter(|gem| !ships(&gem.groups))
            .map(|gem| gem.name.as_str())
            .collect();
        let included: BTreeSet<&str> = declared
            .iter()
            .filter(|gem| ships(&gem.groups))
            .map(|gem| gem.name.as_str())
            .collect();
        let dependencies = lockfile.dependencies.iter().map(|gem| gem.name.as_str());
        // Dependencies that no `gem` line names come from a gemspec, a loop or another file.
        let unknown = dependencies
            .clone()
            .filter(|name| !included.contains(name) && !excluded.contains(name));
        Shipped {
            perhaps: Some(with_dependencies(lockfile, unknown)),
            names: with_dependencies(
                lockfile,
                dependencies.filter(|name| included.contains(name)),
            ),
        }
    }
}

/// These gems and all that they depend on.
fn with_dependencies<'l>(
    lockfile: &'l Lockfile,
    gems: impl Iterator<Item = &'l str>,
) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<&str> = gems.collect();
    while let Some(name) = open.pop() {
        if names.insert(name.to_owned()) {
            let specs = lockfile.specs().filter(|(_, spec)| spec.name == name);
            open.extend(
                specs
                    .flat_map(|(_, spec): (_, &Spec)| &spec.dependencies)
                    .map(|dependency| dependency.name.as_str()),
            );
        }
    }
    names
}

fn ships(groups: &[String]) -> bool {
    groups.is_empty()
        || groups
            .iter()
            .any(|group| !NOT_SHIPPED.contains(&group.as_str()))
}

/// The groups of a `gem` line: of the blocks around it, and its own `group:`.
fn groups(call: &Call) -> Vec<String> {
    let blocks = call
        .within()
        .into_iter()
        .filter_map(|context| match context {
            Context::Block {
                call, arguments, ..
            } if call == "group" => Some(arguments.iter()),
            _ => None,
        });
    let own = ["group", "groups"]
        .into_iter()
        .filter_map(|keyword| call.keyword(keyword));
    blocks.flatten().chain(own).flat_map(names).collect()
}

fn is_optional(call: &Call) -> bool {
    call.within().into_iter().any(|context| match context {
        Context::Block {
            call, arguments, ..
        } => {
            let option = arguments.last().and_then(|last| last.get("optional"));
            call == "group" && option.is_some_and(|option| option.kind == ExpressionKind::True)
        }
        _ => false,
    })
}

fn names(expression: &Expression) -> Vec<String> {
    match &expression.kind {
        ExpressionKind::Symbol(name) | ExpressionKind::String(name) => vec![name.clone()],
        ExpressionKind::Array(items) => items.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}
