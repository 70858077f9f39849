//! What holds for every Dockerfile, and for what it copies and starts.

use std::collections::BTreeSet;

use engine::App;
use engine::facts::process::preparation;
use engine::plan::{Choice, State};
use syntax::dockerfile::{Arguments, Keyword};
use syntax::shell::evaluate::Certainty;

use super::outcome::{ensure, holds, stages, words};
use super::shape::JavaScript;

#[test]
fn an_image_has_three_stages_or_more_and_no_errors() {
    holds(|_, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        ensure(image.errors.is_empty(), || format!("{:?}", image.errors))?;
        ensure(image.empty_continuations.is_empty(), || {
            "a blank line continues an instruction".to_owned()
        })?;
        let count = stages(&image).len();
        ensure(count >= 3, || format!("{count} stages"))
    });
}

#[test]
fn what_is_copied_from_a_stage_comes_from_one_before() {
    holds(|_, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        let mut known: Vec<String> = Vec::new();
        for instruction in &image.instructions {
            if let Arguments::From {
                stage: Some(stage), ..
            } = &instruction.arguments
            {
                known.push(stage.value.clone());
            }
            for flag in instruction
                .flags
                .iter()
                .filter(|flag| flag.name.value == "from")
            {
                let from = flag
                    .value
                    .as_ref()
                    .map(|from| from.value.clone())
                    .unwrap_or_default();
                // An image has a tag.
                let is_known = known.contains(&from) || from.contains(':');
                ensure(is_known, || format!("{from} is no stage before"))?;
            }
        }
        Ok(())
    });
}

#[test]
fn containers_run_as_a_numbered_user_who_is_not_root() {
    holds(|_, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        let stages = stages(&image);
        let user = stages
            .last()
            .and_then(|stage| stage.iter().rfind(|one| *one.keyword == Keyword::User))
            .map(|user| words(user).concat())
            .unwrap_or_default();
        let ids: Vec<Option<u32>> = user.split(':').map(|id| id.parse().ok()).collect();
        let is_numbered = ids.iter().all(|id| id.is_some_and(|id| id > 0));
        ensure(is_numbered, || format!("USER `{user}`"))
    });
}

#[test]
fn manifests_are_copied_before_the_code() {
    holds(|shape, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        let folder = shape
            .beside
            .map_or_else(String::new, |(place, _)| format!("{place}/"));
        let mut wanted = vec![format!("{folder}Gemfile"), format!("{folder}Gemfile.lock")];
        if shape.javascript != JavaScript::ImportMaps {
            wanted.push(format!("{folder}package.json"));
        }
        if let Some((_, gem)) = shape.beside {
            wanted.push(gem.trim_start_matches("../").to_owned());
        }
        let mut copied: BTreeSet<String> = BTreeSet::new();
        for instruction in &image.instructions {
            if *instruction.keyword != Keyword::Copy
                || instruction
                    .flags
                    .iter()
                    .any(|flag| flag.name.value == "from")
            {
                continue;
            }
            let words = words(instruction);
            if words == [".", "."] || words == [folder.as_str(), "."] {
                let missing: Vec<&String> = wanted
                    .iter()
                    .filter(|path| !copied.contains(*path))
                    .collect();
                return ensure(missing.is_empty(), || {
                    format!("{missing:?} come with the code alone")
                });
            }
            copied.extend(words);
        }
        Err("the code is never copied".to_owned())
    });
}

#[test]
fn what_is_copied_is_given_to_docker_and_secrets_are_not() {
    holds(|shape, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        let (name, folder) = match shape.beside {
            Some((place, _)) => ("Dockerfile.dockerignore", format!("{place}/")),
            None => (".dockerignore", String::new()),
        };
        let Some(ignored) = planned.ours(name) else {
            return Ok(());
        };
        let ignored = syntax::dockerignore::parse(&ignored.text);
        for instruction in &image.instructions {
            let is_from = |flag: &syntax::dockerfile::Flag| flag.name.value == "from";
            if *instruction.keyword != Keyword::Copy || instruction.flags.iter().any(is_from) {
                continue;
            }
            let mut sources = words(instruction);
            sources.pop();
            for source in sources.iter().filter(|source| *source != ".") {
                ensure(!ignored.excludes(source), || {
                    format!("{source} is copied and ignored")
                })?;
            }
        }
        for path in [
            "config/master.key",
            ".env",
            ".kamal/secrets",
            "config/deploy.yml",
        ] {
            let path = format!("{folder}{path}");
            ensure(ignored.excludes(&path), || {
                format!("{path} is given to Docker")
            })?;
        }
        if shape.beside.is_some() {
            ensure(ignored.excludes("docs/plan.md"), || {
                "all of the repository is given".to_owned()
            })?;
        }
        Ok(())
    });
}

/// The commands that begin with `bundle`, each as its words.
pub(super) fn bundle_commands(text: &str) -> Vec<Vec<&str>> {
    let is_end = |word: &str| matches!(word, "&&" | "||" | "|" | ";" | "exec");
    let mut commands: Vec<Vec<&str>> = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
    {
        let goes_on = line.trim_end().ends_with('\\');
        for word in line.split_whitespace() {
            if word == "bundle" {
                commands.extend(open.replace(Vec::new()));
            } else if is_end(word) {
                commands.extend(open.take());
            } else if let Some(open) = &mut open {
                open.push(word.trim_matches(['"', '\'', ';']));
            }
        }
        if !goes_on {
            commands.extend(open.take());
        }
    }
    commands.extend(open);
    commands
}

#[test]
fn bundler_gets_no_flag_that_it_lost() {
    const LOST: [&str; 9] = [
        "--deployment",
        "--without",
        "--with",
        "--path",
        "--frozen",
        "--clean",
        "--binstubs",
        "--system",
        "--no-prune",
    ];
    holds(|_, planned| {
        let mut count = 0;
        for file in &planned.plan.files {
            for command in bundle_commands(&file.text) {
                count += 1;
                let lost = command.iter().find(|word| {
                    let flag = word.split('=').next().unwrap_or_default();
                    LOST.contains(&flag)
                });
                ensure(lost.is_none(), || {
                    format!("{}: bundle {}", file.path, command.join(" "))
                })?;
            }
        }
        let has_image = planned.ours("Dockerfile").is_some();
        ensure(!has_image || count >= 1, || {
            "nothing calls Bundler".to_owned()
        })
    });
}

#[test]
fn scripts_can_be_started() {
    holds(|_, planned| {
        for file in &planned.plan.files {
            let path = file.path.as_str();
            let is_script = path.starts_with("bin/") || path.starts_with(".kamal/hooks/");
            if !is_script || file.state == State::Kept {
                continue;
            }
            ensure(file.text.starts_with("#!/"), || {
                format!("{path} has no shebang")
            })?;
            ensure(!file.text.contains('\r'), || format!("{path} has CR"))?;
            ensure(file.text.ends_with('\n'), || {
                format!("{path} ends without a newline")
            })?;
            let source = planned.plan.after.source(path).expect("it was written");
            ensure(file.executable && source.is_executable(), || {
                format!("{path} is not executable")
            })?;
            if file.text.starts_with("#!/bin/sh") {
                let script = syntax::shell::parse(&file.text);
                ensure(script.errors.is_empty(), || {
                    format!("{path}: {:?}", script.errors)
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn packages_are_installed_as_they_are_locked() {
    holds(|shape, planned| {
        let Some(image) = planned.ours("Dockerfile") else {
            return Ok(());
        };
        let command = match shape.javascript {
            JavaScript::ImportMaps => return Ok(()),
            JavaScript::Npm => "npm ci",
            JavaScript::Yarn => "yarn install --frozen-lockfile",
            JavaScript::YarnBerry => "yarn install --immutable",
            JavaScript::Pnpm => "pnpm install --frozen-lockfile",
            JavaScript::Bun => "bun install --frozen-lockfile",
        };
        ensure(image.text.contains(command), || format!("no `{command}`"))
    });
}

#[test]
fn the_library_that_makes_variants_is_in_the_image() {
    holds(|shape, planned| {
        let Some(image) = planned.ours("Dockerfile") else {
            return Ok(());
        };
        let is_left_out = shape
            .choices
            .iter()
            .any(|(choice, _)| *choice == Choice::Without);
        if !shape.gems.contains(&"image_processing") || !shape.uploads || is_left_out {
            return Ok(());
        }
        let has_it = ["libvips", " vips"]
            .iter()
            .any(|name| image.text.contains(name));
        ensure(has_it, || {
            "Active Storage makes variants with libvips, and the image has none".to_owned()
        })
    });
}

#[test]
fn packages_that_node_runs_while_the_app_serves_stay() {
    holds(|shape, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        // Grover has Node run Puppeteer, which is a package of the app's.
        if !shape.gems.contains(&"grover") || shape.javascript == JavaScript::ImportMaps {
            return Ok(());
        }
        let text = &planned.ours("Dockerfile").expect("it was read").text;
        let stages = stages(&image);
        let copies = stages.last().into_iter().flatten().any(|instruction| {
            words(instruction)
                .iter()
                .any(|word| word.ends_with("node_modules"))
        });
        ensure(copies || !text.contains("rm -rf node_modules"), || {
            "node_modules are removed, and Puppeteer with them".to_owned()
        })?;
        let packages = text.split("AS packages").nth(1).unwrap_or_default();
        let packages = packages.split("\nFROM ").next().unwrap_or_default();
        ensure(packages.contains("PUPPETEER_SKIP_DOWNLOAD"), || {
            "npm downloads a browser that nothing uses".to_owned()
        })
    });
}

#[test]
fn the_image_that_runs_leaves_the_compilers_behind() {
    holds(|_, planned| {
        let app = App::new(&planned.plan.after);
        let file = planned.ours("Dockerfile");
        let Some(last) = file.and_then(|file| app.image(&file.path)?.final_stage(None)) else {
            return Ok(());
        };
        for stage in last.lineage() {
            let compiles = stage.commands().iter().any(|step| {
                let is_installed = step.has("install") || step.has("add");
                is_installed && (step.has("build-essential") || step.has("build-base"))
            });
            ensure(!compiles, || {
                format!("stage {} of it installs compilers", stage.index())
            })?;
        }
        Ok(())
    });
}

#[test]
fn databases_are_prepared_by_the_web_server_and_nothing_else() {
    holds(|_, planned| {
        let app = App::new(&planned.plan.after);
        let files = ["Dockerfile", "bin/docker-entrypoint"];
        if files.iter().any(|file| planned.ours(file).is_none()) {
            return Ok(());
        }
        for destination in app.destinations() {
            for role in destination.roles() {
                let found = preparation(&role).known();
                let certainty = found.and_then(|found| found.value.certainty);
                let wanted = role.web_server().map(|_| Certainty::Certain);
                ensure(certainty == wanted, || {
                    format!(
                        "role {}: {certainty:?} in the place of {wanted:?}",
                        role.name().value
                    )
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn a_library_is_loaded_before_all_others_only_where_it_is_installed() {
    holds(|_, planned| {
        let Some(file) = planned.ours("Dockerfile") else {
            return Ok(());
        };
        let is_loaded = file.text.contains("LD_PRELOAD");
        let is_installed = file.text.contains("libjemalloc2");
        ensure(is_loaded == is_installed, || {
            format!("loaded: {is_loaded}, installed: {is_installed}")
        })
    });
}
