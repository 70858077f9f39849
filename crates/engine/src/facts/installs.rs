//! What steps of a Dockerfile install with a package manager, and what that leaves behind.
//!
//! Which options take a word of their own is told by each program's manual; what counts as a version by
//! its way to write one.

use syntax::Span;
use syntax::dockerfile::{Instruction, Keyword};
use syntax::shell::{Part, Word};

use crate::fact::Fact;
use crate::facts::dockerfile::{Image, pairs};
use crate::facts::ran::{Ran, begins_with};

/// A program that installs packages.
#[derive(Debug)]
pub struct Manager {
    /// What it is called.
    programs: &'static [&'static str],
    /// What stands before the packages.
    installs: &'static [&'static [&'static str]],
    /// Options that take the next word.
    valued: &'static [&'static str],
    /// Options that say what the packages do not.
    settles: &'static [&'static str],
    /// Whether a package as it is written says which version, or where exactly it comes from.
    is_fixed: fn(&str) -> bool,
    /// What it asks about before it does it.
    asks: &'static [&'static [&'static str]],
    /// Whether a command answers that beforehand.
    is_answered: fn(Ran<'_>) -> bool,
    /// What deletes all that it fetched.
    cleans: &'static [&'static [&'static str]],
    /// Where it keeps what it fetched.
    caches: &'static [&'static str],
}

/// A command that asks whether to go on, in a build where nobody answers.
#[derive(Debug)]
pub struct Question<'a> {
    /// The command.
    pub ran: Ran<'a>,
    /// Its program and what that is told to do: `apt-get install`.
    pub name: String,
    /// Where the last word of that stands.
    pub verb: Span,
}

/// A command that installs packages.
#[derive(Debug)]
pub struct Install<'a> {
    /// The command.
    pub ran: Ran<'a>,
    /// Where the word `install` stands.
    pub verb: Span,
    /// The packages that it names.
    packages: Vec<&'a Word>,
    manager: &'static Manager,
    image: Image<'a>,
}

/// One that asks nothing and keeps nothing.
const QUIET: Manager = Manager {
    programs: &[],
    installs: &[&["install"]],
    valued: &[],
    settles: &[],
    is_fixed: |_| true,
    asks: &[],
    is_answered: |_| true,
    cleans: &[],
    caches: &[],
};

/// Debian's `apt-get`.
pub static APT: Manager = Manager {
    programs: &["apt-get"],
    valued: &[
        "-t",
        "--target-release",
        "--default-release",
        "-o",
        "--option",
        "-c",
        "--config-file",
        "-a",
        "--host-architecture",
    ],
    is_fixed: |package| package.contains(['=', '/']) || has_end(package, &[".deb"]),
    asks: &[&["install"]],
    is_answered: |ran| ran.assumes_yes(),
    ..QUIET
};

/// Alpine's `apk`.
pub static APK: Manager = Manager {
    programs: &["apk"],
    installs: &[&["add"]],
    valued: &[
        "-t",
        "--virtual",
        "-X",
        "--repository",
        "-p",
        "--root",
        "--arch",
        "--cache-dir",
        "--keys-dir",
        "--repositories-file",
        "--wait",
    ],
    is_fixed: |package| package.contains(['=', '~', '<', '>']) || has_end(package, &[".apk"]),
    caches: &["/var/cache/apk", "/etc/apk/cache"],
    ..QUIET
};

/// Red Hat's `yum`.
pub static YUM: Manager = Manager {
    programs: &["yum"],
    caches: &["/var/cache/yum", "/var/cache/dnf"],
    ..DNF
};

/// Its successor.
pub static DNF: Manager = Manager {
    programs: &["dnf", "microdnf"],
    installs: &[&["install"], &["module", "install"]],
    valued: &[
        "-c",
        "-x",
        "--config",
        "--disablerepo",
        "--enablerepo",
        "--exclude",
        "--installroot",
        "--releasever",
        "--repo",
        "--setopt",
    ],
    is_fixed: is_fixed_rpm,
    asks: &[
        &["install"],
        &["groupinstall"],
        &["localinstall"],
        &["module", "install"],
    ],
    is_answered: |ran| ran.has_flag(&["-y", "--assumeyes"]),
    cleans: &[&["clean", "all"]],
    caches: &["/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum"],
    ..QUIET
};

/// SUSE's `zypper`.
pub static ZYPPER: Manager = Manager {
    programs: &["zypper"],
    installs: &[&["install"], &["in"]],
    valued: &["-r", "--repo", "-t", "--type", "--from", "-C", "-p"],
    is_fixed: |package| package.contains(['=', '~', '<', '>']) || has_end(package, &[".rpm"]),
    asks: &[
        &["install"],
        &["in"],
        &["remove"],
        &["rm"],
        &["source-install"],
        &["si"],
        &["patch"],
    ],
    is_answered: |ran| ran.has_flag(&["-n", "--non-interactive", "-y", "--no-confirm"]),
    cleans: &[&["clean"], &["cc"]],
    caches: &["/var/cache/zypp"],
    ..QUIET
};

/// Python's `pip`; `python -m pip` and `pipx` are read alike.
pub static PIP: Manager = Manager {
    programs: &["pip", "pip2", "pip3", "pipx"],
    valued: &[
        "--cache-dir",
        "--cert",
        "--client-cert",
        "--config-settings",
        "--editable",
        "--extra-index-url",
        "--find-links",
        "--index-url",
        "--log",
        "--no-binary",
        "--only-binary",
        "--platform",
        "--prefix",
        "--progress-bar",
        "--proxy",
        "--python-version",
        "--retries",
        "--root",
        "--src",
        "--target",
        "--timeout",
        "--trusted-host",
        "--upgrade-strategy",
        "-e",
        "-f",
        "-i",
        "-t",
    ],
    settles: &["-r", "--requirement", "-c", "--constraint"],
    is_fixed: is_fixed_python,
    caches: &["/root/.cache/pip", "/root/.cache"],
    ..QUIET
};

/// Node's `npm`.
pub static NPM: Manager = Manager {
    programs: &["npm"],
    valued: &[
        "--cache",
        "--include",
        "--loglevel",
        "--omit",
        "--prefix",
        "--registry",
        "--tag",
        "--userconfig",
        "--workspace",
        "-C",
        "-w",
    ],
    is_fixed: is_fixed_node,
    ..QUIET
};

/// Node's Yarn.
pub static YARN: Manager = Manager {
    programs: &["yarn"],
    cleans: &[&["cache", "clean"]],
    // As root, and as its image has it.
    caches: &[
        "/root/.cache/yarn",
        "/usr/local/share/.cache",
        "/usr/local/share/.cache/yarn",
        "/usr/local/share/.cache/yarn/v6",
    ],
    ..QUIET
};

/// Ruby's `gem`.
pub static GEM: Manager = Manager {
    programs: &["gem"],
    installs: &[&["install"], &["i"]],
    valued: &[
        "--bindir",
        "--build-root",
        "--document",
        "--install-dir",
        "--platform",
        "--source",
        "--trust-policy",
        "--without",
        "-B",
        "-P",
        "-i",
        "-n",
        "-p",
        "-s",
    ],
    settles: &["-v", "--version", "-g", "--file"],
    is_fixed: |gem| gem.contains(':') || has_end(gem, &[".gem"]),
    ..QUIET
};

/// Go's own.
pub static GO: Manager = Manager {
    programs: &["go"],
    installs: &[&["install"], &["get"], &["run"]],
    valued: &[
        "-C",
        "-asmflags",
        "-exec",
        "-gcflags",
        "-ldflags",
        "-mod",
        "-modfile",
        "-o",
        "-overlay",
        "-p",
        "-pkgdir",
        "-tags",
    ],
    is_fixed: |package| {
        let moves = ["latest", "none", "upgrade", "patch"];
        match package.split_once('@') {
            Some((_, version)) => !moves.contains(&version),
            None => package.starts_with(['.', '/']) || has_end(package, &[".go"]),
        }
    },
    ..QUIET
};

/// Whether a name ends with one of `ends`.
fn has_end(name: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| name.ends_with(end))
}

fn is_fixed_rpm(package: &str) -> bool {
    let has_version = package
        .split('-')
        .skip(1)
        .any(|part| part.starts_with(|first: char| first.is_ascii_digit()));
    has_version || package.contains(':') || has_end(package, &[".rpm"])
}

fn is_fixed_python(package: &str) -> bool {
    if let Some((scheme, rest)) = package.split_once("://") {
        return !scheme.contains('+') || rest.contains('@');
    }
    package.contains(['=', '<', '>', '@'])
        || package.starts_with(['.', '/'])
        || has_end(package, &[".whl", ".tar.gz", ".zip"])
}

fn is_fixed_node(package: &str) -> bool {
    let is_archive = has_end(package, &[".tgz", ".tar.gz", ".tar"]);
    let is_git = package.starts_with("git://") || package.starts_with("git+");
    if is_git {
        return package.contains('#');
    }
    is_archive
        || package.starts_with(['.', '/'])
        || package.starts_with("http://")
        || package.starts_with("https://")
        || package.get(1..).is_some_and(|rest| rest.contains('@'))
}

impl Manager {
    /// Whether a program may be it; `python` may be `python -m pip`.
    fn may_be(&self, program: &str) -> bool {
        let is_pip = self.programs.contains(&"pip");
        self.programs.contains(&program)
            || (is_pip
                && ["pip", "python"]
                    .iter()
                    .any(|name| is_versioned(program, name)))
    }

    /// The words of a command that are one of `verbs`, and what follows them.
    fn told<'a>(&self, ran: Ran<'a>, verbs: &[&[&str]]) -> Option<(Vec<&'a Word>, Vec<&'a Word>)> {
        let mut valued = self.valued.to_vec();
        valued.extend(self.settles);
        if ran.is_python_module("pip") {
            valued.push("-m");
        }
        let mut words = ran.arguments(&valued);
        let verb = verbs
            .iter()
            .find(|verb| begins_with(words.iter().copied(), verb))?;
        let rest = words.split_off(verb.len());
        Some((words, rest))
    }
}

/// Whether a program is `name` with a version behind it: `pip3.11`.
fn is_versioned(program: &str, name: &str) -> bool {
    let version = program.strip_prefix(name);
    version.is_some_and(|version| {
        version
            .bytes()
            .all(|byte| byte == b'.' || byte.is_ascii_digit())
    })
}

impl Ran<'_> {
    /// Whether it is `python -m name`.
    fn is_python_module(self, name: &str) -> bool {
        let words = &self.command().words;
        let is =
            |at: usize, text: &str| words.get(at).and_then(Word::literal).as_deref() == Some(text);
        self.program()
            .is_some_and(|program| is_versioned(&program, "python"))
            && is(1, "-m")
            && is(2, name)
    }
}

impl<'a> Image<'a> {
    /// The commands that install something with one of these programs.
    pub fn installs(self, manager: &'static Manager) -> Vec<Install<'a>> {
        self.of_manager(manager)
            .filter_map(|ran| Install::of(self, ran, manager))
            .collect()
    }

    /// The commands of one of these programs that ask whether to go on, where nobody answers.
    pub fn questions(self, manager: &'static Manager) -> Vec<Question<'a>> {
        self.of_manager(manager)
            .filter(|ran| !(manager.is_answered)(*ran))
            .filter_map(|ran| {
                let (verb, _) = manager.told(ran, manager.asks)?;
                let said: Option<Vec<String>> = verb.iter().map(|word| word.literal()).collect();
                Some(Question {
                    ran,
                    name: format!("{} {}", ran.program()?, said?.join(" ")),
                    verb: verb.last()?.span,
                })
            })
            .collect()
    }

    fn of_manager(self, manager: &'static Manager) -> impl Iterator<Item = Ran<'a>> {
        let may_be = self
            .running_any(|program| manager.may_be(program))
            .into_iter();
        may_be.filter(|ran| {
            let is_python = ran
                .program()
                .is_some_and(|program| is_versioned(&program, "python"));
            !is_python || ran.is_python_module("pip")
        })
    }

    /// Whether pip is told by the image not to keep what it fetches.
    pub fn keeps_no_pip_cache(self, run: &Instruction) -> bool {
        let Some(stage) = self.stage_of(run) else {
            return false;
        };
        let value = stage.lineage().into_iter().find_map(|stage| {
            let before = stage.instructions().iter().filter(|instruction| {
                instruction.keyword.value == Keyword::Env && instruction.span.start < run.span.start
            });
            let all = before
                .flat_map(pairs)
                .filter(|pair| pair.key.value == NO_PIP_CACHE);
            all.last()?.value.as_ref()?.literal()
        });
        value.is_some_and(|value| is_true(&value))
    }
}

/// pip's option `--no-cache-dir`, as a variable.
const NO_PIP_CACHE: &str = "PIP_NO_CACHE_DIR";

/// As pip reads a variable.
fn is_true(value: &str) -> bool {
    ["1", "on", "true", "y", "yes", "t"].contains(&value.to_ascii_lowercase().as_str())
}

impl<'a> Install<'a> {
    fn of(image: Image<'a>, ran: Ran<'a>, manager: &'static Manager) -> Option<Self> {
        let (verb, packages) = manager.told(ran, manager.installs)?;
        Some(Self {
            ran,
            verb: verb.last()?.span,
            packages,
            manager,
            image,
        })
    }

    /// The program's name.
    pub fn program(&self) -> String {
        self.ran.program().unwrap_or_default().into_owned()
    }

    /// The packages that are taken in whatever version there is, the first of them with its place.
    pub fn unpinned(&self) -> Option<(Fact<()>, String)> {
        let settles = self.manager.settles;
        let is_settled = |word: &Word| {
            let text = word.literal_prefix().unwrap_or_default();
            settles.iter().any(|option| {
                let rest = text.strip_prefix(option);
                rest.is_some_and(|rest| {
                    rest.is_empty() || rest.starts_with('=') || option.len() == 2
                })
            })
        };
        if self.ran.command().words.iter().any(is_settled) {
            return None;
        }
        // What follows is handed to the program.
        let is_run = self.ran.subcommand().as_deref() == Some("run") && self.program() == "go";
        let packages = self
            .packages
            .iter()
            .take(if is_run { 1 } else { usize::MAX });
        let loose: Vec<&&Word> = packages
            .filter(|package| !(self.manager.is_fixed)(&shape(package)))
            .collect();
        let text = self.image.source().text();
        let names: Vec<String> = loose
            .iter()
            .map(|package| format!("`{}`", self.ran.span(package.span).of(text)))
            .collect();
        let first = self
            .ran
            .fact_at((), loose.first()?.span, "any version that there is");
        Some((first, names.join(", ")))
    }

    /// Whether a mount keeps what it fetches out of the image.
    pub fn is_cache_mounted(&self) -> bool {
        self.image
            .keeps_out(self.ran.instruction(), self.manager.caches)
    }

    /// Whether what it fetches stays in the image: no mount keeps it out, and nothing after it in the same
    /// step deletes it.
    pub fn leaves_cache(&self) -> bool {
        let place = |ran: Ran<'_>| ran.span(ran.command().span).start;
        let deletes = |ran: &Ran<'_>| {
            let is_own = ran.program() == self.ran.program();
            let cleans = self.manager.cleans.iter();
            ran.deletes(self.manager.caches)
                || (is_own && cleans.into_iter().any(|words| ran.says(words)))
        };
        let mut later = self.image.ran_by(self.ran.instruction()).into_iter();
        !self.is_cache_mounted() && !later.any(|ran| place(ran) > place(self.ran) && deletes(&ran))
    }

    /// Whether `--no-install-recommends` is given, or the same in other words.
    pub fn leaves_recommended_out(&self) -> bool {
        let says_so = |word: &Word| {
            let text = word.literal().unwrap_or_default().to_ascii_lowercase();
            text.ends_with("apt::install-recommends=false")
                || text.ends_with("apt::install-recommends=0")
        };
        self.ran.has_flag(&["--no-install-recommends"])
            || self.ran.command().words.iter().any(says_so)
    }

    /// Whether pip is told not to keep what it fetches.
    pub fn keeps_no_pip_cache(&self) -> bool {
        let is_said = |name: &str, value: &Word| {
            name == NO_PIP_CACHE && value.literal().is_some_and(|value| is_true(&value))
        };
        self.ran.has_flag(&["--no-cache-dir"])
            || self
                .ran
                .command()
                .assignments
                .iter()
                .any(|variable| is_said(&variable.name, &variable.value))
    }
}

/// A word as it is written, with `$` for what is expanded.
fn shape(word: &Word) -> String {
    word.parts
        .iter()
        .map(|part| match &part.value {
            Part::Literal(text) | Part::Pattern(text) | Part::Braces(text) | Part::Tilde(text) => {
                text.as_str()
            }
            _ => "$",
        })
        .collect()
}
