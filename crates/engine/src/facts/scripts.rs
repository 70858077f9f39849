//! Scripts of the app that others start: the image's entrypoint and commands, and Kamal's hooks.

use std::collections::BTreeMap;

use syntax::Edit;
use syntax::shell::{Shebang, Word};

use crate::change::Changes;
use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::App;
use crate::facts::kamal::Destination;
use crate::facts::process;
use crate::facts::workflows::{self, Command};
use crate::tree::{Path, Source};

/// Where Kamal looks for hooks unless `hooks_path` says otherwise.
const HOOKS: &str = ".kamal/hooks";

/// The names of hooks that Kamal runs (kamal 2.12 `lib/kamal/cli/*.rb`, `run_hook`).
const HOOK_NAMES: [&str; 9] = [
    "docker-setup",
    "post-app-boot",
    "post-deploy",
    "post-proxy-reboot",
    "pre-app-boot",
    "pre-build",
    "pre-connect",
    "pre-deploy",
    "pre-proxy-reboot",
];

/// A script, and what starts it.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    app: &'a App<'a>,
    path: Path,
    started: Origin,
}

impl<'a> Destination<'a> {
    /// The image's entrypoint, where it is a file of the app.
    pub fn entrypoint(&self) -> Option<Script<'a>> {
        let (path, _) = process::entrypoint(process::stage_of(self)?)?;
        Some(Script {
            app: self.app(),
            path: path.value,
            started: path.origin,
        })
    }

    /// Whether the image's entrypoint has a text in it.
    pub fn entrypoint_mentions(&self, text: &str) -> bool {
        let source = self.entrypoint().and_then(|script| script.source());
        source.is_some_and(|source| source.text().contains(text))
    }

    /// The files of the app that containers start: the entrypoint and the roles' programs, each
    /// once.
    pub fn scripts(&self) -> Vec<Script<'a>> {
        let mut scripts: BTreeMap<Path, Script<'a>> = BTreeMap::new();
        let programs = self
            .roles()
            .into_iter()
            .flat_map(|role| process::programs(&role));
        let programs = programs.map(|program| Script {
            app: self.app(),
            path: program.value,
            started: program.origin,
        });
        for script in self.entrypoint().into_iter().chain(programs) {
            scripts.entry(script.path.clone()).or_insert(script);
        }
        scripts.into_values().collect()
    }

    /// Whether something that the deploy has may run a program: a role's command or an accessory's, a
    /// step of the build, the entrypoint or a hook has its name in it.
    pub fn may_run(&self, name: &str) -> bool {
        let tree = self.app().tree();
        let commands = self.roles().into_iter().map(|role| role.get("cmd"));
        let accessories = self.accessories();
        let of_accessories = accessories
            .iter()
            .flat_map(|own| [own.get("cmd"), own.get("image")]);
        let in_command = commands.chain(of_accessories).any(|command| match command {
            Answer::Is(command) => command.written().contains(name),
            Answer::Absent(_) => false,
            Answer::Unknown(..) => true,
        });
        let in_image = process::stage_of(self).is_none_or(|stage| stage.image().mentions(name));
        let in_scripts = self.scripts().iter().any(|script| {
            script
                .source()
                .is_some_and(|source| source.text().contains(name))
        });
        let in_hooks = tree
            .sources()
            .filter(|source| source.path().parent().as_str() == HOOKS)
            .any(|source| source.text().contains(name));
        in_command || in_image || in_scripts || in_hooks
    }

    /// Whether Kamal's hooks, or the workflow that deploys, do something with the database.
    pub fn prepares_database_elsewhere(&self) -> bool {
        let tree = self.app().tree();
        let is_meant = |source: &&Source| {
            let folder = source.path().parent();
            folder.as_str() == HOOKS && !source.path().name().ends_with(".sample")
                || folder.as_str() == workflows::FOLDER && source.text().contains("kamal")
        };
        !self.root().get("hooks_path").is_absent()
            || tree
                .sources()
                .filter(is_meant)
                .any(|source| source.text().contains("db:"))
    }
}

impl<'a> App<'a> {
    /// Kamal's hooks, by their names; none where `hooks_path` has Kamal look elsewhere.
    pub fn hooks(&'a self) -> Vec<Script<'a>> {
        self.hook_files()
            .into_iter()
            .filter(|path| HOOK_NAMES.contains(&path.name()))
            .map(|path| Script {
                app: self,
                started: Origin::at(Place::File(path.clone()), "a hook of Kamal's"),
                path,
            })
            .collect()
    }

    /// Whether Kamal may have a hook to run.
    pub fn has_hook(&self, name: &str) -> bool {
        let is_elsewhere =
            |destination: &Destination<'_>| !destination.root().get("hooks_path").is_absent();
        self.tree().has(&format!("{HOOKS}/{name}")) || self.destinations().iter().any(is_elsewhere)
    }

    /// Files among the hooks whose names are nearly those of hooks, with the name that is meant:
    /// `pre-deploy.sh`, `pre_deploy`.
    pub fn misnamed_hooks(&'a self) -> Vec<Fact<(Path, &'static str)>> {
        self.hook_files()
            .into_iter()
            .filter(|path| !HOOK_NAMES.contains(&path.name()))
            .filter_map(|path| {
                let name = path.name();
                let stem = [".sh", ".bash", ".rb"]
                    .into_iter()
                    .find_map(|ending| name.strip_suffix(ending))
                    .unwrap_or(name)
                    .replace('_', "-");
                let meant = HOOK_NAMES.into_iter().find(|known| *known == stem)?;
                // The hook itself may well run it.
                let has_hook = self.tree().has(&format!("{HOOKS}/{meant}"));
                let origin = Origin::at(Place::File(path.clone()), "no name of a hook");
                (!has_hook).then(|| Fact::new((path, meant), origin))
            })
            .collect()
    }

    fn hook_files(&'a self) -> Vec<Path> {
        let is_elsewhere = self
            .destinations()
            .iter()
            .any(|destination| !destination.root().get("hooks_path").is_absent());
        let names = self.tree().folder(HOOKS).unwrap_or_default();
        names
            .iter()
            .filter(|listed| !listed.is_folder && !is_elsewhere)
            .filter_map(|listed| Path::from(HOOKS).join(&listed.name))
            .collect()
    }
}

impl<'a> Script<'a> {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What starts it.
    pub fn started(&self) -> &Origin {
        &self.started
    }

    /// Its text, if it is there and could be read.
    pub fn source(&self) -> Option<&'a Source> {
        self.app.tree().source(&self.path)
    }

    /// Whether git tracks it without the executable bit, so that every clone has it so.
    pub fn lacks_executable_bit(&self) -> bool {
        let index = self.app.tree().index();
        index.and_then(|index| index.is_executable(&self.path)) == Some(false)
    }

    /// The line that names its interpreter.
    pub fn shebang(&self) -> Option<Fact<&'a Shebang>> {
        let source = self.source()?;
        let shebang = source.shell().shebang.as_ref()?;
        Some(Fact::read(
            shebang,
            source.path(),
            shebang.span,
            "the interpreter",
        ))
    }

    /// What it runs of Kamal's, where it is a script for a shell.
    pub fn kamal_commands(&self) -> Vec<Fact<Command>> {
        let is_for_shell = self
            .shebang()
            .is_some_and(|shebang| shebang.program().ends_with("sh"));
        let Some(source) = self.source().filter(|_| is_for_shell) else {
            return Vec::new();
        };
        let commands = source.shell().commands().into_iter();
        commands
            .filter_map(|command| {
                let words: Vec<Option<String>> = command.words.iter().map(Word::literal).collect();
                let kamal = Command::of(&words)?;
                Some(Fact::read(
                    kamal,
                    source.path(),
                    command.span,
                    "the hook runs this",
                ))
            })
            .collect()
    }

    /// Its lines, ended as on Unix.
    pub fn with_unix_line_ends(&self) -> Option<Changes> {
        let source = self.source().filter(|source| source.is_exact())?;
        let text = source.text();
        let edits = text
            .match_indices("\r\n")
            .map(|(at, _)| Edit::replace(syntax::Span::new(at, at + 1), ""))
            .collect();
        Some(Changes::edit(source.path(), edits))
    }
}
