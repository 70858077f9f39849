//! Users of an image: those that instructions name, and those that it has.
//!
//! Upstream: BuildKit `solver/llbsolver/ops/user_linux.go`, `executor/oci/user.go`.

use syntax::Spanned;
use syntax::dockerfile::{Arguments, Instruction, Keyword};

use crate::fact::Fact;
use crate::facts::build::Build;
use crate::facts::steps::{Instructed, Step};

/// The users of Debian's image and of Alpine's, and so of Ruby's.
const OF_THE_BASE: [&str; 31] = [
    "_apt", "adm", "backup", "bin", "cron", "daemon", "ftp", "games", "guest", "gnats", "halt",
    "irc", "list", "lp", "mail", "man", "news", "nobody", "ntp", "operator", "proxy", "root",
    "shutdown", "smmsp", "sshd", "squid", "sync", "sys", "uucp", "vpopmail", "www-data",
];

/// Programs that make a user, or bring one along, where they are told its name.
const MAKERS: [&str; 8] = [
    "adduser", "apk", "apt", "apt-get", "dpkg", "newusers", "useradd", "usermod",
];

/// Programs of which nobody knows what they run.
const RUNNERS: [&str; 9] = [
    ".", "bash", "eval", "make", "perl", "python3", "ruby", "sh", "source",
];

/// Programs of an app that make no users, wherever they lie.
const OF_THE_APP: [&str; 6] = ["bootsnap", "bundle", "rails", "rake", "shakapacker", "vite"];

impl Build<'_> {
    /// Users that an instruction names and that surely are not there yet.
    pub fn missing_users(&self) -> Vec<Fact<String>> {
        let mut missing = Vec::new();
        for stage in self.stages() {
            if !stage.starts_from_official_ruby(self) {
                continue;
            }
            let mut steps: Vec<Step> = Vec::new();
            for above in stage.lineage().into_iter().rev() {
                let is_own = above.index() == stage.index();
                for instruction in above.instructions() {
                    let named = match (&instruction.keyword.value, above.instructed(instruction)) {
                        // What a step in exec form runs is not told.
                        (_, Instructed::Runs(_, commands)) if commands.is_empty() => {
                            return missing;
                        }
                        (_, Instructed::Runs(_, commands)) => {
                            steps.extend(commands);
                            None
                        }
                        (_, Instructed::Copies(copy)) => {
                            let target = copy.destination.unwrap_or_default();
                            // The list of users may come from somewhere else.
                            if target == "/" || target.starts_with("/etc") {
                                return missing;
                            }
                            owner(instruction)
                        }
                        (Keyword::User, _) => user(instruction),
                        _ => None,
                    };
                    let Some(name) = named.filter(|_| is_own) else {
                        continue;
                    };
                    let user = name.value.split(':').next().unwrap_or_default();
                    let is_name = user.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                        && !user.contains('$');
                    let is_made = steps.iter().any(|step| self.may_make(step, user));
                    if is_name && !is_made && !OF_THE_BASE.contains(&user) {
                        let user = user.to_owned();
                        missing.push(stage.step_fact(
                            user,
                            name.span,
                            "nothing has made this user",
                        ));
                    }
                }
            }
        }
        missing
    }

    /// Whether a command may make a user.
    fn may_make(&self, step: &Step, user: &str) -> bool {
        let written = step.span.of(self.image().source().text());
        let is_path = |word: &Option<String>| word.as_ref().is_some_and(|word| word.contains('/'));
        step.program().is_none_or(|program| {
            RUNNERS.contains(&program)
                || step.words.first().is_some_and(is_path) && !OF_THE_APP.contains(&program)
                || MAKERS.contains(&program) && (written.contains(user) || written.contains('$'))
                || written.contains("passwd")
        })
    }
}

/// What `--chown` says.
fn owner(copy: &Instruction) -> Option<Spanned<String>> {
    let mut flags = copy.flags.iter();
    let flag = flags.find(|flag| flag.name.value == "chown")?;
    flag.value.clone()
}

/// What `USER` says.
fn user(instruction: &Instruction) -> Option<Spanned<String>> {
    match &instruction.arguments {
        Arguments::Words(words) => {
            let word = words.first()?;
            Some(Spanned::new(word.literal()?, word.span))
        }
        _ => None,
    }
}
