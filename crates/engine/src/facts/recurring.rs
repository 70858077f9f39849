//! `config/recurring.yml`: tasks that Solid Queue enqueues by the clock.
//!
//! Upstream: `solid_queue` 1.5 `lib/solid_queue/configuration.rb` (`config_from`, `recurring_tasks`) and
//! `app/models/solid_queue/recurring_task.rb`.

use crate::fact::{Answer, Fact, Place, Why};
use crate::facts::App;
use crate::facts::setting::Setting;
use crate::near;
use crate::version::numbers;

/// Where Solid Queue reads them.
pub const FILE: &str = "config/recurring.yml";

/// The first release that starts nothing at all while a task is invalid.
const REFUSES: [u64; 3] = [1, 1, 1];

/// The variable that has Solid Queue read another file.
const ELSEWHERE: &str = "SOLID_QUEUE_RECURRING_SCHEDULE";

/// The environment that is asked for.
const ENVIRONMENT: &str = "production";

/// The recurring tasks.
#[derive(Clone, Copy)]
pub struct Recurring<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// The recurring tasks.
    pub fn recurring(&'a self) -> Recurring<'a> {
        Recurring { app: self }
    }
}

/// One task.
#[derive(Clone, Debug)]
pub struct Task<'a> {
    app: &'a App<'a>,
    /// Its name.
    pub name: Fact<String>,
    setting: Setting<'a>,
}

impl<'a> Recurring<'a> {
    /// The locked Solid Queue, if it starts neither workers nor anything else while a task is
    /// invalid.
    pub fn refusing_version(self) -> Option<Fact<String>> {
        let locked = self.app.gems().shipped("solid_queue").known()?;
        (numbers(&locked) >= REFUSES)
            .then(|| locked.labelled("refuses to start with an invalid task"))
    }

    /// The tasks of production: below its name, or all of the file where that name is not in it.
    pub fn tasks(self) -> Vec<Task<'a>> {
        let Some(root) = self.root() else {
            return Vec::new();
        };
        let tasks = match root.get(ENVIRONMENT) {
            Answer::Is(tasks) => tasks.value,
            Answer::Absent(_) => root,
            Answer::Unknown(..) => return Vec::new(),
        };
        let members = tasks.members().into_iter();
        let tasks = members.filter(|member| member.value.is_mapping());
        tasks
            .map(|member| Task {
                app: self.app,
                name: member.name.labelled("the task"),
                setting: member.value,
            })
            .collect()
    }

    /// Keys that tasks stand below as if they were environments, and that are none, where production
    /// has no tasks of its own. Solid Queue takes such a key for a task without a schedule.
    pub fn unknown_environments(self) -> Vec<Fact<String>> {
        let Some(root) = self.root() else {
            return Vec::new();
        };
        let environments = self.app.tree().folder("config/environments");
        let Some(environments) = environments.filter(|_| root.is_settled()) else {
            return Vec::new();
        };
        let is_environment = |name: &str| {
            let file = format!("{name}.rb");
            environments.iter().any(|listed| listed.name == file)
        };
        let members = root.members();
        if members
            .iter()
            .any(|member| member.name.value == ENVIRONMENT)
        {
            return Vec::new();
        }
        let has_tasks = |setting: &Setting<'_>| {
            let tasks = setting.members();
            let is_task = |setting: &Setting<'_>| {
                setting.is_mapping() && KEYS.iter().any(|key| !setting.get(key).is_absent())
            };
            !tasks.is_empty() && tasks.iter().all(|task| is_task(&task.value))
        };
        members
            .into_iter()
            .filter(|member| !is_environment(&member.name) && has_tasks(&member.value))
            .map(|member| member.name.labelled("no environment"))
            .collect()
    }

    fn root(self) -> Option<Setting<'a>> {
        let source = self.app.tree().source(FILE)?;
        let is_elsewhere = self.app.destinations().iter().any(|destination| {
            let environment = destination.environment();
            environment.variable(ELSEWHERE).is_known()
        });
        if is_elsewhere {
            return None;
        }
        // A file with an error may say something else when it is mended.
        if !source.yaml().errors.is_empty() {
            return None;
        }
        Setting::of_file(source).known().map(|root| root.value)
    }
}

/// What a task has at the least.
const KEYS: [&str; 3] = ["schedule", "class", "command"];

impl Task<'_> {
    /// When it runs.
    pub fn schedule(&self) -> Answer<String> {
        self.setting.get("schedule").and_then(|text| text.text())
    }

    /// What it runs: the class of its job, or a command.
    pub fn runs(&self) -> Answer<String> {
        let class = self.setting.get("class");
        let runs = class.or_else(|| self.setting.get("command"));
        runs.and_then(|text| text.text())
    }

    /// Where its schedule would stand, if it has none.
    pub fn lacks_schedule(&self) -> Option<Place> {
        self.setting.is_settled().then_some(())?;
        self.setting.lacks("schedule")
    }

    /// Whether it surely has neither a class nor a command.
    pub fn does_nothing(&self) -> bool {
        self.setting.is_settled()
            && self.setting.get("class").is_absent()
            && self.setting.get("command").is_absent()
    }

    /// A key of its that is nearly `schedule`, or what other tools call it.
    pub fn schedule_by_another_name(&self) -> Option<Fact<String>> {
        let members = self.setting.members().into_iter();
        let mut names = members.map(|member| member.name);
        names.find(|name| {
            ["cron", "every", "at", "interval"].contains(&name.as_str())
                || near::nearest(name, ["schedule"]).is_some()
        })
    }

    /// Its schedule, if Solid Queue surely does not take it.
    pub fn invalid_schedule(&self) -> Option<Fact<String>> {
        let schedule = self.schedule().known()?;
        is_invalid(&schedule).then(|| schedule.labelled("no schedule that Solid Queue takes"))
    }

    /// The class of its job, if nothing in the app defines it. Unknown where a gem may, or where
    /// nobody said what is in the repository.
    pub fn missing_class(&self) -> Answer<String> {
        let class = self.setting.get("class").and_then(|class| class.text());
        class.and_then(|class| {
            let place = class.origin.place.clone();
            let tree = self.app.tree();
            let Some(index) = tree.index() else {
                let why = Why::NotRead("the files of the repository are not known".to_owned());
                return Answer::Unknown(place, why);
            };
            let jobs = tree.folder("app/jobs").unwrap_or_default();
            let jobs: Vec<&str> = jobs.iter().map(|listed| listed.name.as_str()).collect();
            let files = || index.files().chain(jobs.iter().copied());
            let (namespaces, name) = match class.trim_start_matches("::").rsplit_once("::") {
                Some((namespaces, name)) => (Some(namespaces), name),
                None => (None, class.trim_start_matches("::")),
            };
            let is_of = |path: &str, constant: &str| {
                let stem = path
                    .rsplit('/')
                    .next()
                    .and_then(|file| file.strip_suffix(".rb"));
                stem.is_some_and(|stem| is_bare(stem, constant))
            };
            let name = bare(name);
            if files().any(|path| is_of(path, &name)) {
                return Answer::Absent(place);
            }
            // A namespace that is not the app's is a gem's.
            let is_own = |namespace: &str| {
                let gem = namespace.to_lowercase();
                let namespace = bare(namespace);
                let is_there = |path: &str| {
                    is_of(path, &namespace)
                        || path.split('/').any(|folder| is_bare(folder, &namespace))
                };
                let mut own = index.files().filter(|path| path.starts_with("app/"));
                self.app.gems().locked(&gem).is_absent() && own.any(is_there)
            };
            match namespaces.and_then(|all| all.split("::").next()) {
                Some(first) if !is_own(first) => Answer::Unknown(place, Why::Dynamic),
                _ => Answer::Is(class.labelled("no such class")),
            }
        })
    }

    /// A job of the app whose name is nearly that of the class.
    pub fn nearest_job(&self, class: &str) -> Option<String> {
        let jobs = self.app.tree().folder("app/jobs").unwrap_or_default();
        let stems = jobs
            .iter()
            .filter_map(|listed| listed.name.strip_suffix(".rb"));
        let names: Vec<String> = stems.map(camelize).collect();
        near::nearest(class, names.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// A constant's name or a file's, without what acronyms make different.
fn bare(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// Whether that is what is left of a file's name.
fn is_bare(name: &str, bare: &str) -> bool {
    let letters = name.chars().filter(|c| *c != '_');
    letters.flat_map(char::to_lowercase).eq(bare.chars())
}

fn camelize(stem: &str) -> String {
    let words = stem.split('_').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
    });
    words.flatten().collect()
}

/// Whether fugit surely makes no cron of a text: a cron with too few or too many fields, or a number
/// too large for its field, or a mere duration (fugit 1.12 `lib/fugit/{cron,duration,parse}.rb`).
/// Nothing else of its grammar is judged.
fn is_invalid(schedule: &str) -> bool {
    is_duration(schedule) || is_no_cron(schedule)
}

/// `5 minutes`, `1h`: fugit reads these as durations, before it tries words.
fn is_duration(schedule: &str) -> bool {
    let text = schedule.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let units = [
        "s", "sec", "second", "seconds", "m", "min", "mins", "minute", "minutes", "h", "hour",
        "hours", "d", "day", "days", "w", "week", "weeks", "month", "months", "y", "year", "years",
    ];
    unit.len() < text.len() && units.contains(&unit.trim_start_matches(' '))
}

fn is_no_cron(schedule: &str) -> bool {
    let is_cron = |c: char| c.is_ascii_digit() || "*/,- ".contains(c);
    // Without a star it may be words of fugit's own: `16` is a time of day. A comma may have space
    // around it.
    if !schedule.contains('*') || !schedule.chars().all(is_cron) || schedule.contains(", ") {
        return false;
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    let most: &[u32] = match fields.len() {
        5 => &[59, 24, 31, 12, 7],
        6 => &[59, 59, 24, 31, 12, 7],
        _ => return true,
    };
    fields.iter().zip(most).any(|(field, most)| {
        let values = field.split(',').filter_map(|part| part.split('/').next());
        let mut numbers = values
            .flat_map(|value| value.split('-'))
            .filter_map(|number| number.parse::<u32>().ok());
        numbers.any(|number| number > *most)
    })
}

#[cfg(test)]
mod tests {
    use super::is_invalid;

    #[test]
    fn only_what_is_surely_no_schedule_is_refused() {
        for schedule in [
            "0 3 * *",
            "* * * * * * *",
            "60 3 * * *",
            "0 25 * * *",
            "0 3 32 * *",
            "5 minutes",
            "1h",
            "2 days",
        ] {
            assert!(is_invalid(schedule), "{schedule}");
        }
        for schedule in [
            "0 3 * * *",
            "*/15 * * * *",
            "0 0 24 * * *",
            "0 3 * * 1-5",
            "0 3 * * mon",
            "0 3 * * * Europe/Berlin",
            "every 5 minutes",
            "at 3am every day",
            "every hour at minute 12",
            "16",
            "@daily",
            "0 3 1, 15 * *",
        ] {
            assert!(!is_invalid(schedule), "{schedule}");
        }
    }
}
