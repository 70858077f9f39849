//! The workflow that deploys, as GitHub runs it.

use crate::fact::Fact;
use crate::facts::kamal::Destination;
use crate::facts::setting::Setting;
use crate::tree::{Path, Source};

/// Where the workflow that deploys is looked for.
const FILE: &str = ".github/workflows/deploy.yml";

/// A step that deploys, on a machine that has a clone and nothing else.
#[derive(Clone, Debug)]
pub struct DeployStep<'a> {
    /// What it runs.
    pub run: Fact<String>,
    workflow: &'a Source,
    hooks: Vec<&'a Source>,
}

impl<'a> Destination<'a> {
    /// The step that deploys it.
    pub fn deploy_step(&self) -> Option<DeployStep<'a>> {
        let tree = self.app().tree();
        let workflow = tree.source(FILE)?;
        let jobs = Setting::of_file(workflow).and_then(|file| file.get("jobs"));
        let runs = jobs
            .known()?
            .members()
            .into_iter()
            .filter(|job| job.value.is_mapping())
            .filter_map(|job| job.value.get("steps").known())
            .flat_map(|steps| steps.items())
            .filter(Setting::is_mapping)
            .filter_map(|step| step.get("run").and_then(|run| run.text()).known());
        let run = { runs }.find(|run| run.lines().any(|line| deploys(line, self.option())))?;
        let is_hook = |source: &&Source| source.path().starts_with(".kamal/hooks/");
        Some(DeployStep {
            run: run.labelled("deploys from a clone"),
            workflow,
            hooks: tree.sources().filter(is_hook).collect(),
        })
    }
}

impl DeployStep<'_> {
    /// Whether the workflow or a hook names a file, and so may make it.
    pub fn may_make(&self, path: &Path) -> bool {
        let names = |source: &Source| source.text().contains(path.name());
        names(self.workflow) || self.hooks.iter().any(|hook| names(hook))
    }
}

/// Whether a line of a script deploys this destination.
fn deploys(line: &str, destination: Option<&str>) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let kamal = words
        .iter()
        .position(|word| *word == "kamal" || word.ends_with("/kamal"));
    let Some(arguments) = kamal.map(|kamal| &words[kamal + 1..]) else {
        return false;
    };
    let is_deploy = arguments
        .first()
        .is_some_and(|verb| ["deploy", "redeploy", "setup"].contains(verb));
    let given = arguments
        .windows(2)
        .find(|pair| ["-d", "--destination"].contains(&pair[0]))
        .map(|pair| pair[1]);
    let has_other = arguments.iter().any(|word| {
        word.starts_with("--destination=") || word.starts_with("-c") || word.starts_with("--config")
    });
    is_deploy && !has_other && given == destination
}

impl Destination<'_> {
    /// The secrets that Kamal looks up in files that git does not have, each with the file.
    pub fn secrets_in_untracked_files(&self) -> Vec<(String, Fact<Path>)> {
        let (Some(secrets), Some(index)) = (self.known_secrets(), self.app().tree().index()) else {
            return Vec::new();
        };
        let mut found: Vec<(String, Fact<Path>)> = Vec::new();
        for asked in self.asked_secrets() {
            let is_new = found.iter().all(|(name, _)| *name != asked.name.value);
            let Some(file) = secrets.file(&asked.name).filter(|_| is_new) else {
                continue;
            };
            let is_own = !file.starts_with(['~', '/']);
            if let Some(path) =
                Path::new(&file).filter(|path| is_own && index.is_executable(path).is_none())
            {
                found.push((asked.name.value, file.map(|_| path)));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::deploys;

    #[test]
    fn lines_deploy_one_destination() {
        assert!(deploys("bin/kamal deploy", None));
        assert!(deploys(
            "bundle exec kamal deploy -d staging --skip-push",
            Some("staging")
        ));
        assert!(!deploys("bin/kamal deploy -d staging", None));
        assert!(!deploys("bin/kamal deploy", Some("staging")));
        assert!(!deploys("bin/kamal deploy -c config/deploy.api.yml", None));
        assert!(!deploys("bin/kamal lock release", None));
        assert!(!deploys("gem install kamal", None));
    }
}
