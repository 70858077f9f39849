//! The variables that the instructions of a Dockerfile see, and those that they use.
//!
//! Upstream: BuildKit `frontend/dockerfile/dockerfile2llb/{convert,validations,platform}.go`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use syntax::Spanned;
use syntax::dockerfile::{Arguments, Instruction, Keyword, Pair, Word};

use crate::fact::Fact;
use crate::facts::dockerfile::{Image, Stage, pairs};
use crate::facts::reference;
use crate::near;

/// What BuildKit sets for `FROM` and for an `ARG` without a default.
const PLATFORM_ARGUMENTS: [&str; 11] = [
    "BUILDARCH",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "TARGETARCH",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETPLATFORM",
    "TARGETSTAGE",
    "TARGETVARIANT",
];

/// What nothing need set: they say what is scanned for the bill of materials.
const NEVER_SET: [&str; 2] = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// The variables that official images set.
static IMAGES: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../knowledge/tables/images.toml"))
        .expect("the table of images is valid")
});

/// The variables at one place of a stage.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Their values; nothing for one that only the build knows.
    values: BTreeMap<String, Option<String>>,
    /// Whether there are no others: the variables of the base image are known.
    is_complete: bool,
}

/// A variable that an instruction uses and nothing sets.
#[derive(Clone, Debug)]
pub struct Undefined {
    /// Its name.
    pub name: Fact<String>,
    /// One that is set and of nearly the same name.
    pub near: Option<String>,
}

/// A `FROM` that names no image if the build is given no arguments.
#[derive(Clone, Debug)]
pub struct Nameless {
    /// What it names then.
    pub name: Fact<String>,
    /// The arguments that it uses.
    pub arguments: Vec<Fact<String>>,
}

impl Scope {
    /// What a stage begins with that starts from `base`; nothing is known of the base if there is none.
    fn of_base(base: Option<&str>) -> Self {
        let variables = match base {
            Some("scratch") => Some(&[] as &[String]),
            Some(base) => reference::official(base)
                .and_then(|name| IMAGES.get(name))
                .map(Vec::as_slice),
            None => None,
        };
        let mut values = BTreeMap::from([("PATH".to_owned(), None)]);
        values.extend(
            variables
                .unwrap_or_default()
                .iter()
                .map(|name| (name.clone(), None)),
        );
        Self {
            values,
            is_complete: variables.is_some(),
        }
    }

    /// What a word says here; nothing if only the build knows.
    pub fn expand(&self, word: &Word) -> Option<String> {
        let is_known = |name: &str| match self.values.get(name) {
            Some(value) => value.is_some(),
            None => self.is_complete,
        };
        word.variables()
            .all(|name| is_known(name.value))
            .then(|| word.expand_in_build(&|name| self.values.get(name).cloned().flatten()))?
    }

    /// The name of a variable that is set and that `name` is likely a slip of.
    fn near(&self, name: &str) -> Option<String> {
        near::slip(name, self.values.keys().map(String::as_str)).map(str::to_owned)
    }

    /// Sets what a name of an `ARG` of `image` stands for.
    fn take(&mut self, image: Image<'_>, pair: &Pair) {
        let value = match &pair.value {
            Some(default) => self.expand(default),
            None => image
                .global_argument(&pair.key.value)
                .map(|global| global.value),
        };
        self.values.insert(pair.key.value.clone(), value);
    }

    /// Sets the variables of an `ENV`, which do not see each other.
    fn set(&mut self, instruction: &Instruction) {
        let values: Vec<(String, Option<String>)> = pairs(instruction)
            .map(|pair| {
                let value = pair.value.as_ref().and_then(|value| self.expand(value));
                (pair.key.value.clone(), value)
            })
            .collect();
        self.values.extend(values);
    }

    /// Sets what an instruction of `image` sets.
    fn pass(&mut self, image: Image<'_>, instruction: &Instruction) {
        match instruction.keyword.value {
            Keyword::Arg => pairs(instruction).for_each(|pair| self.take(image, pair)),
            Keyword::Env => self.set(instruction),
            _ => {}
        }
    }
}

impl<'a> Image<'a> {
    /// The names of `ARG` and `ENV` in the stages, each with which of them it is.
    pub fn stage_variables(self) -> Vec<(&'a Keyword, Fact<String>)> {
        let stages = self.stages().into_iter();
        stages
            .flat_map(Stage::instructions)
            .filter(|own| matches!(own.keyword.value, Keyword::Arg | Keyword::Env))
            .flat_map(|own| pairs(own).map(|pair| (&own.keyword.value, &pair.key)))
            .map(|(keyword, key)| {
                let name = self.fact(key.value.clone(), key.span, "named like a secret");
                (keyword, name)
            })
            .collect()
    }

    /// The variables that instructions use and nothing sets. Of a base image that is not known they are
    /// only those of which another one is near.
    pub fn undefined_variables(self) -> Vec<Undefined> {
        let mut found: Vec<Undefined> = Vec::new();
        for stage in self.stages() {
            stage.walk(|_| true, &mut |instruction, scope| {
                if instruction.keyword.value != Keyword::Arg {
                    found.extend(self.undefined_in(self.used_by(instruction), scope));
                    return;
                }
                // Each one sees those before it.
                let mut scope = scope.clone();
                for pair in pairs(instruction) {
                    let used = pair.value.iter().flat_map(variables).collect();
                    found.extend(self.undefined_in(used, &scope));
                    scope.take(self, pair);
                }
            });
        }
        found
    }

    fn undefined_in(self, used: Vec<Spanned<String>>, scope: &Scope) -> Vec<Undefined> {
        let mut found: Vec<Undefined> = Vec::new();
        for Spanned { value, span } in used {
            let is_known = scope.values.contains_key(&value)
                || NEVER_SET.contains(&value.as_str())
                || found.iter().any(|known| *known.name == value);
            if is_known {
                continue;
            }
            let near = scope.near(&value);
            if scope.is_complete || near.is_some() {
                let name = self.fact(value, span, "nothing sets it before here");
                found.push(Undefined { name, near });
            }
        }
        found
    }

    /// The arguments that `FROM` uses and that no `ARG` before the first `FROM` takes.
    pub fn undeclared_arguments(self) -> Vec<Undefined> {
        let declared: Vec<String> = self
            .arguments()
            .into_iter()
            .filter(|(_, is_global)| *is_global)
            .map(|(name, _)| name.value)
            .chain(PLATFORM_ARGUMENTS.map(str::to_owned))
            .collect();
        let mut found = Vec::new();
        for stage in self.stages() {
            let platform = stage.platform();
            let words = stage.base_word().into_iter().chain(platform.as_ref());
            for used in words.flat_map(Word::variables) {
                if declared.iter().any(|name| name == used.value) {
                    continue;
                }
                found.push(Undefined {
                    near: near::slip(used.value, declared.iter().map(String::as_str))
                        .map(str::to_owned),
                    name: self.fact(
                        used.value.to_owned(),
                        used.span,
                        "no ARG before the first FROM takes it",
                    ),
                });
            }
        }
        found
    }

    /// The stages that start from no valid name if the build is given no arguments.
    pub fn nameless_bases(self) -> Vec<Nameless> {
        let Some(values) = self.defaults() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for stage in self.stages() {
            let Some(word) = stage.base_word() else {
                continue;
            };
            let Some(name) = word.expand_in_build(&|name| values.get(name).cloned()) else {
                break;
            };
            if reference::is_valid(&name) {
                continue;
            }
            let uses =
                |argument: &Fact<String>| word.variables().any(|used| used.value == argument.value);
            let global = self.arguments().into_iter().filter(|(_, global)| *global);
            found.push(Nameless {
                name: self.fact(name, word.span, "the base image"),
                arguments: global.map(|(name, _)| name).filter(uses).collect(),
            });
        }
        found
    }

    /// The arguments before the first `FROM` where the build is given none; nothing if BuildKit refuses
    /// one.
    fn defaults(self) -> Option<BTreeMap<String, String>> {
        let platform = |name: &str| match name {
            name if name.ends_with("PLATFORM") => "linux/amd64",
            name if name.ends_with("OS") => "linux",
            name if name.ends_with("ARCH") => "amd64",
            "TARGETSTAGE" => "default",
            _ => "",
        };
        let mut values: BTreeMap<String, String> = PLATFORM_ARGUMENTS
            .into_iter()
            .map(|name| (name.to_owned(), platform(name).to_owned()))
            .collect();
        let global = self
            .instructions()
            .iter()
            .take_while(|instruction| instruction.keyword.value != Keyword::From);
        for pair in global.flat_map(pairs) {
            if let Some(word) = &pair.value {
                let value = word.expand_in_build(&|name| values.get(name).cloned())?;
                values.insert(pair.key.value.clone(), value);
            }
        }
        Some(values)
    }

    /// The variables that BuildKit expands in an instruction.
    fn used_by(self, instruction: &Instruction) -> Vec<Spanned<String>> {
        let escape = self.document().escape;
        let flags: &[&str] = match instruction.keyword.value {
            Keyword::Add => &["chown", "chmod", "checksum"],
            Keyword::Copy => &["chown", "chmod"],
            Keyword::Run => &["mount"],
            _ => &[],
        };
        let is_expanded = |name: &str| flags.contains(&name);
        let flags = instruction.flags.iter();
        let mut used: Vec<Spanned<String>> = flags
            .filter(|flag| is_expanded(&flag.name))
            .filter_map(|flag| flag.word(escape))
            .flat_map(|word| variables(&word))
            .collect();
        match (&instruction.keyword.value, &instruction.arguments) {
            (Keyword::Env | Keyword::Label, _) => {
                let values = pairs(instruction).filter_map(|pair| pair.value.as_ref());
                used.extend(values.flat_map(variables));
            }
            // An empty one is left out, and the checks do not ask for it.
            (Keyword::Expose, _) => {}
            (_, Arguments::Words(words)) => used.extend(words.iter().flat_map(variables)),
            (Keyword::Add | Keyword::Copy | Keyword::Volume, Arguments::Exec(strings)) => {
                for string in strings {
                    let names = variables(&Word::of_literal(string, escape)).into_iter();
                    used.extend(names.map(|name| Spanned::new(name.value, string.span)));
                }
            }
            _ => {}
        }
        if matches!(instruction.keyword.value, Keyword::Add | Keyword::Copy) {
            let text = self.source().text();
            let bodies = instruction.heredocs.iter();
            let names = bodies.flat_map(|heredoc| heredoc.variables(text));
            used.extend(names.map(|name| Spanned::new(name.value.to_owned(), name.span)));
        }
        used
    }
}

fn variables(word: &Word) -> Vec<Spanned<String>> {
    word.variables()
        .map(|name| Spanned::new(name.value.to_owned(), name.span))
        .collect()
}

impl<'a> Stage<'a> {
    /// The value of `--platform`.
    pub fn platform(self) -> Option<Word> {
        let mut flags = self.from().flags.iter();
        flags
            .find(|flag| flag.name.value == "platform")?
            .word(self.image().document().escape)
    }

    /// What it starts from, as it is written.
    pub fn base_word(self) -> Option<&'a Word> {
        match &self.from().arguments {
            Arguments::From { image, .. } => Some(image),
            _ => None,
        }
    }

    /// Lets `look` see those of its own instructions that `is_meant` picks, each with the variables that it
    /// sees.
    pub fn walk(
        self,
        is_meant: impl Fn(&'a Instruction) -> bool,
        look: &mut dyn FnMut(&'a Instruction, &Scope),
    ) {
        let all = self.instructions();
        let Some(last) = all.iter().rposition(&is_meant) else {
            return;
        };
        let mut scope = self.scope_before();
        for instruction in &all[..=last] {
            if is_meant(instruction) {
                look(instruction, &scope);
            }
            scope.pass(self.image(), instruction);
        }
    }

    /// The variables that its first instruction sees.
    fn scope_before(self) -> Scope {
        let Some(parent) = self.parent() else {
            return Scope::of_base(self.base().known().as_deref().map(String::as_str));
        };
        let mut scope = parent.scope_before();
        for instruction in parent.instructions() {
            scope.pass(parent.image(), instruction);
        }
        scope
    }
}
