//! What a build tells Bundler, which one that is, and where the gems go.
//!
//! Upstream: rubygems `bundler/lib/bundler/{cli,definition,self_manager,settings}.rb` (bundler 4.0).

use crate::fact::{Answer, Fact, Place, Why};
use crate::facts::build::Build;
use crate::facts::dockerfile::Stage;
use crate::facts::environment::Environment;
use crate::facts::mounts::is_below;
use crate::facts::reference;
use crate::facts::scripts::Script;
use crate::facts::steps::{Instructed, RunMount, Step};
use crate::version::at_least;

/// Where the official Ruby image has gems, and Bundler's settings.
const OFFICIAL_FOLDER: &str = "/usr/local/bundle";

/// Flags that `bundle install` remembered until Bundler 4, each with the variable that says the same.
const REMEMBERED: [(&str, &str); 9] = [
    ("--clean", "BUNDLE_CLEAN"),
    ("--deployment", "BUNDLE_DEPLOYMENT"),
    ("--frozen", "BUNDLE_FROZEN"),
    ("--no-prune", "BUNDLE_NO_PRUNE"),
    ("--path", "BUNDLE_PATH"),
    ("--shebang", "BUNDLE_SHEBANG"),
    ("--system", "BUNDLE_PATH__SYSTEM"),
    ("--with", "BUNDLE_WITH"),
    ("--without", "BUNDLE_WITHOUT"),
];

/// A flag that `bundle install` remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The flag.
    pub flag: &'static str,
    /// The variable that says the same.
    pub variable: &'static str,
    /// What the flag is given; nothing if that cannot be told.
    pub value: Option<String>,
}

/// What of a variable's or a setting's name is no server, though it has parts: `BUNDLE_BUILD__PG`.
const NO_SERVERS: [&str; 7] = ["build", "gem", "git", "local", "mirror", "path", "plugin"];

/// A step that tells Bundler the credentials of a gem server, which it remembers in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedServer {
    /// The server: `gems.example.com`.
    pub host: String,
    /// The command.
    pub step: Fact<()>,
    /// What copies the file that they are in, where that is another stage.
    pub copied: Option<Fact<()>>,
}

impl RememberedServer {
    /// The variable that Bundler reads the same from.
    pub fn variable(&self) -> String {
        let name = self.host.replace('-', "___").replace('.', "__");
        format!("BUNDLE_{}", name.to_ascii_uppercase())
    }
}

/// The gem server whose credentials a variable has: `gems.example.com` of `BUNDLE_GEMS__EXAMPLE__COM`.
pub fn server_of_variable(name: &str) -> Option<String> {
    let name = name.strip_prefix("BUNDLE_")?.to_ascii_lowercase();
    let host = name.replace("___", "-").replace("__", ".");
    is_server(&host).then_some(host)
}

/// The gem server that a setting of Bundler's is for: `gems.example.com`, with or without a scheme.
pub fn server_of_setting(name: &str) -> Option<&str> {
    let host = name.trim_matches(['"', '\'']);
    let host = host.trim_start_matches("https://").trim_end_matches('/');
    is_server(host).then_some(host)
}

fn is_server(name: &str) -> bool {
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let is_part = |part: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !part.is_empty() && part.chars().all(is_plain)
    };
    // `github.https` is a setting of Bundler's.
    !NO_SERVERS.contains(&first) && !["", "https"].contains(&rest) && name.split('.').all(is_part)
}

impl Step {
    /// The server whose credentials a `bundle config` sets, and whether for all apps of the user.
    fn server_told(&self) -> Option<(&str, bool)> {
        let words: Vec<Option<&str>> = self.words.iter().map(Option::as_deref).collect();
        let told = words.strip_prefix(&[Some("bundle"), Some("config")])?;
        let is_meant = |word: &str| word != "set" && !word.starts_with("--");
        let told: Vec<Option<&str>> = told
            .iter()
            .copied()
            .filter(|word| word.is_none_or(is_meant))
            .collect();
        let name = told.first().copied().flatten()?;
        let host = server_of_setting(name).filter(|_| told.len() > 1)?;
        Some((host, self.has("--global")))
    }

    /// The flags of a `bundle install` that Bundler 4 refuses.
    pub fn remembered_flags(&self) -> Vec<Remembered> {
        let mut words = self.words.iter().peekable();
        let mut found = Vec::new();
        while let Some(word) = words.next() {
            let Some(text) = word else { continue };
            let (name, mut value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (text.as_str(), None),
            };
            let Some((flag, variable)) = REMEMBERED.into_iter().find(|(flag, _)| *flag == name)
            else {
                continue;
            };
            let is_list = ["--with", "--without"].contains(&flag);
            let takes_one = ["--path", "--shebang"].contains(&flag);
            let mut is_told = true;
            if value.is_none() && (is_list || takes_one) {
                let mut given = Vec::new();
                while let Some(next) = words.next_if(|next| {
                    let is_value = next.as_ref().is_none_or(|next| !next.starts_with('-'));
                    is_value && (is_list || given.is_empty())
                }) {
                    is_told &= next.is_some();
                    given.push(next.clone().unwrap_or_default());
                }
                value = Some(given.join(":"));
            }
            let value = value.unwrap_or_else(|| "1".to_owned());
            found.push(Remembered {
                flag,
                variable,
                value: is_told.then(|| value.replace(' ', ":")),
            });
        }
        found
    }
}

/// Programs that surely leave gems where they are; others may copy them.
const LEAVE: [&str; 13] = [
    "apk", "apt-get", "bootsnap", "bundle", "chmod", "chown", "echo", "export", "gem", "mkdir",
    "rm", "set", "touch",
];

impl<'a> Build<'a> {
    /// The first step that installs gems, and its stage.
    pub fn gem_step(&self) -> Option<(Stage<'a>, Step)> {
        self.stages().into_iter().find_map(|stage| {
            let step = stage.commands().into_iter().find(Step::is_bundle_install)?;
            Some((stage, step))
        })
    }

    /// The version of Bundler that installs gems in a stage: the one that the lockfile was written by, as
    /// each changes itself to that one, else the one that comes with Ruby.
    pub fn bundler(&self, stage: Stage<'a>) -> Option<Fact<String>> {
        // `system`, or another one than the locked.
        stage.variable("BUNDLE_VERSION").absent()?;
        if says(stage, "version system") {
            return None;
        }
        match stage.variable("BUNDLER_VERSION") {
            Answer::Is(version) => return Some(version),
            Answer::Unknown(..) => return None,
            Answer::Absent(_) => {}
        }
        match self.destination().app().gems().bundler() {
            Answer::Is(version) => Some(version),
            Answer::Unknown(..) => None,
            Answer::Absent(_) => {
                let is_own = !says(stage, "install bundler") && !says(stage, "update --system");
                let ruby = self
                    .ruby()
                    .filter(|ruby| is_own && at_least(ruby, [4, 0]))?;
                Some(ruby.map(|_| "4".to_owned()).labelled("it comes with this"))
            }
        }
    }

    /// The groups whose gems are left out in a stage, as `BUNDLE_WITHOUT` has them. Absent where nothing says
    /// so in any way.
    pub fn left_out(&self, stage: Stage<'a>) -> Answer<String> {
        let set = stage.variable("BUNDLE_WITHOUT");
        let text = self.image().source().text();
        let said_otherwise = says(stage, "without")
            || ["BUNDLE_ONLY", "BUNDLE_WITHOUT", "bundle/config"]
                .iter()
                .any(|word| text.contains(word))
            || self.has_settings_file();
        if set.is_absent() && said_otherwise {
            return Answer::Unknown(
                Place::File(self.image().source().path().clone()),
                Why::NotRead("a step or a file tells Bundler".to_owned()),
            );
        }
        set
    }

    /// Settings that the gems are installed with and that containers have not, neither from the image nor
    /// from `deploy.yml`: each with where it is set for the build.
    pub fn lost_settings(&self) -> Vec<(&'static str, Fact<String>)> {
        let (Some((stage, _)), Some(last)) = (self.gem_step(), self.stage()) else {
            return Vec::new();
        };
        // The last stage installs them itself, for the stage that it starts from or once more.
        let mut own = last.lineage().into_iter().flat_map(Stage::commands);
        let installs = own.any(|step| step.is_bundle_install());
        // What a step tells Bundler is remembered beside the gems, and copied with them.
        let may_be_remembered = self.has_settings_file()
            || says(stage, "bundle config")
            || says(last, "bundle config")
            || !last.starts_from_official_ruby(self);
        if installs || may_be_remembered {
            return Vec::new();
        }
        let destination = self.destination();
        let mut all = vec![destination.environment().clone()];
        all.extend(
            destination
                .roles()
                .iter()
                .map(|role| role.environment().clone()),
        );
        // Ruby itself is told where gems are, or they were copied to where it looks: without the folders
        // that Bundler makes for each Ruby.
        let copied = last.lineage().into_iter().flat_map(Stage::copies);
        let mut sources = copied.flat_map(|copy| copy.sources);
        let is_elsewhere = !last.variable("GEM_HOME").is_absent()
            || !last.variable("GEM_PATH").is_absent()
            || sources.any(|source| source.contains("/ruby/"));
        let text = self.image().source().text();
        let started = destination.scripts();
        let says_so = |name: &str| {
            let scripts = started.iter().filter_map(Script::source);
            let boot = destination.app().tree().source("config/boot.rb");
            let own = last.lineage().into_iter().flat_map(Stage::instructions);
            let mut own = own.map(|instruction| instruction.span.of(text));
            own.any(|written| written.contains(name))
                || scripts
                    .chain(boot)
                    .any(|source| source.text().contains(name))
        };
        let has = |name: &str| {
            let is_given = |given: &Environment<'_>| !given.variable(name).is_absent();
            !last.variable(name).is_absent()
                || all.iter().any(is_given)
                || says_so(name)
                || (name == "BUNDLE_PATH" && is_elsewhere)
        };
        ["BUNDLE_PATH", "BUNDLE_WITHOUT"]
            .into_iter()
            .filter_map(|name| Some((name, stage.variable(name).known()?)))
            .filter(|(name, value)| match *name {
                // Bundler's own place with a deployment.
                "BUNDLE_PATH" => !value.ends_with("vendor/bundle"),
                _ => {
                    let left_out: Vec<&str> = groups(value).collect();
                    let gems = self.destination().app().gems();
                    !gems.of_groups(&left_out).is_empty()
                }
            })
            .filter(|(name, _)| !has(name))
            .collect()
    }

    /// The cache that gems are installed into, so that none of them is in the image, and their folder; nothing
    /// where a step may take them out of it, or it cannot be told.
    pub fn gems_in_cache(&self) -> Option<(Fact<RunMount>, String)> {
        let (stage, _) = self.gem_step()?;
        let folder = self.gem_folder(stage)?;
        let may_take_out = |step: &Step| {
            step.program().is_none_or(|name| !LEAVE.contains(&name))
                || step.has("cache")
                || step.has("package")
                || step.variables.contains("BUNDLE_PATH")
        };
        if stage.commands().iter().any(may_take_out) {
            return None;
        }
        let is_over = |mount: &Fact<RunMount>| {
            let target = mount.target.as_deref().unwrap_or_default();
            let target = target
                .replace("${BUNDLE_PATH}", &folder)
                .replace("$BUNDLE_PATH", &folder);
            mount.kind == "cache" && target.starts_with('/') && is_below(&folder, &target)
        };
        let mount = stage.steps().into_iter().find_map(|step| match step {
            Instructed::Runs(mounts, commands) if commands.iter().any(Step::is_bundle_install) => {
                mounts.into_iter().find(is_over)
            }
            _ => None,
        })?;
        Some((mount, folder))
    }

    /// Where a stage installs gems, from the root of the image.
    fn gem_folder(&self, stage: Stage<'a>) -> Option<String> {
        match stage.variable("BUNDLE_PATH") {
            Answer::Is(path) if path.starts_with('/') => Some(path.value),
            Answer::Absent(_)
                if stage.variable("BUNDLE_DEPLOYMENT").is_absent()
                    && !says(stage, "bundle config")
                    && !self.has_settings_file()
                    && stage.starts_from_official_ruby(self) =>
            {
                Some(OFFICIAL_FOLDER.to_owned())
            }
            _ => None,
        }
    }

    /// What copies all of the app before gems are installed, so that each change of it installs them anew;
    /// nothing where they come out of a cache.
    pub fn copied_before_gems(&self) -> Option<(Fact<()>, Fact<String>)> {
        let mut copied = None;
        let (stage, install) = self.gem_step()?;
        for stage in stage.lineage().into_iter().rev() {
            for step in stage.steps() {
                match step {
                    Instructed::Copies(copy) if copy.from.is_none() => {
                        let all = |source: &Fact<String>| [".", "./"].contains(&source.as_str());
                        copied = copied.or_else(|| copy.sources.into_iter().find(all));
                    }
                    Instructed::Runs(mounts, commands)
                        if commands.iter().any(Step::is_bundle_install) =>
                    {
                        let is_cached = mounts.iter().any(|mount| mount.kind == "cache");
                        let place = stage.step_fact((), install.span, "gems are installed here");
                        return copied.filter(|_| !is_cached).map(|all| (place, all));
                    }
                    _ => {}
                }
            }
        }
        None
    }

    /// The gem servers whose credentials a step writes into the image: into a stage that is kept, or beside
    /// gems that are copied with them.
    pub fn remembered_servers(&self) -> Vec<RememberedServer> {
        let Some(last) = self.stage() else {
            return Vec::new();
        };
        let text = self.image().source().text();
        let kept = last.lineage();
        let mut found = Vec::new();
        for stage in self.stages() {
            let is_kept = kept.iter().any(|own| own.index() == stage.index());
            let copied = kept.iter().find_map(|own| own.copies_settings_of(stage));
            for step in stage.commands() {
                let Some((host, is_for_everybody)) = step.server_told() else {
                    continue;
                };
                // Whoever forgets it again does so in the same step.
                let forgets = |other: &Step| {
                    let is_it = other.has("unset") || other.has("--delete");
                    let written = other.span.of(text);
                    let edits = matches!(other.program(), Some("rm" | "sed"));
                    is_it && written.contains(host) || edits && written.contains("config")
                };
                let is_lost = !is_kept
                    && (is_for_everybody
                        || copied.is_none()
                        || !stage.starts_from_official_ruby(self));
                if is_lost || stage.commands().iter().any(forgets) {
                    continue;
                }
                found.push(RememberedServer {
                    host: host.to_owned(),
                    step: stage.step_fact((), step.span, "remembered in Bundler's settings"),
                    copied: copied.clone().filter(|_| !is_kept),
                });
            }
        }
        found
    }

    fn has_settings_file(&self) -> bool {
        self.destination().app().tree().has(".bundle/config")
    }
}

impl<'a> Stage<'a> {
    /// What copies Bundler's settings, beside the gems in the official image, out of another stage.
    fn copies_settings_of(self, other: Stage<'a>) -> Option<Fact<()>> {
        let folder = match other.variable("BUNDLE_APP_CONFIG") {
            Answer::Is(folder) => folder.value,
            Answer::Absent(_) => OFFICIAL_FOLDER.to_owned(),
            Answer::Unknown(..) => return None,
        };
        let is_beside_gems = other.variable("BUNDLE_PATH").known().as_deref() == Some(&folder);
        let text = self.image().source().text();
        self.instructions().iter().find_map(|instruction| {
            let Instructed::Copies(copy) = self.instructed(instruction) else {
                return None;
            };
            let is_from = copy
                .from
                .as_deref()
                .is_some_and(|name| other.is_called(name));
            let mut written = instruction.span.of(text).split_whitespace();
            let is_path = |word: &str| {
                ["$BUNDLE_PATH", "${BUNDLE_PATH}"].contains(&word.trim_end_matches('/'))
            };
            let has_folder = copy.sources.iter().any(|source| is_below(&folder, source))
                || is_beside_gems && written.any(is_path);
            let place = || self.step_fact((), instruction.span, "copied with the gems");
            (is_from && has_folder).then(place)
        })
    }

    /// Whether the image that it starts from, whatever stages are between, is the official one of Ruby.
    pub fn starts_from_official_ruby(self, build: &Build<'a>) -> bool {
        let base = build.base_of(self);
        base.is_some_and(|base| reference::official(&base) == Some("ruby"))
    }
}

/// The groups of a `BUNDLE_WITHOUT`, which may have spaces between them as well.
pub fn groups(list: &str) -> impl Iterator<Item = &str> {
    list.split([':', ' ', ','])
        .filter(|group| !group.is_empty())
}

/// Whether a step of a stage, or of those that it starts from, has a text in it.
fn says(stage: Stage<'_>, text: &str) -> bool {
    let file = stage.image().source().text();
    let mut commands = stage.lineage().into_iter().flat_map(Stage::commands);
    commands.any(|step| step.span.of(file).contains(text))
}
