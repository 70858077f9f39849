//! What the environment of a role's containers gives Rails, and what it surely does not.

use syntax::ruby::ExpressionKind;

use crate::fact::{Answer, Fact, Origin, Why};
use crate::facts::App;
use crate::facts::database::{Adapter, Database};
use crate::facts::kamal::Role;
use crate::facts::process::{self, Process};
use crate::facts::setting::Value;

/// Gems that put variables into the environment when Rails boots, from files that may be in the
/// image or from a service.
const LOADERS: [&str; 7] = [
    "chamber",
    "dotenv",
    "dotenv-rails",
    "dotenv_config",
    "envkey-ruby",
    "figaro",
    "nenv",
];

/// Options of `docker run` that give variables.
const GIVING: [&str; 3] = ["e", "env", "env-file"];

impl Role<'_> {
    /// Whether its containers surely run Rails: a web server, or a program that works off jobs.
    pub fn runs_rails(&self) -> bool {
        self.process()
            .is_some_and(|process| matches!(process.value, Process::Web(_) | Process::Jobs(_)))
    }

    /// A variable as Rails finds it: absent only if nothing that is read here can set it.
    pub fn variable(&self, name: &str) -> Answer<String> {
        let answer = process::role_variable(self, name);
        let Answer::Absent(slot) = answer else {
            return answer;
        };
        if process::stage(self).is_none() || self.may_be_given(name) {
            return Answer::Unknown(slot, Why::Dynamic);
        }
        Answer::Absent(slot)
    }

    /// A value of configuration as it is in its containers. Absent is a variable that is not set
    /// and has no default.
    pub fn resolved(&self, value: Answer<Value>) -> Answer<String> {
        value.and_then(|value| match value.value.clone() {
            Value::Text(text) => Answer::Is(value.map(|_| text)),
            Value::Variable { name, default } => match (self.variable(&name), default) {
                (Answer::Is(set), _) => {
                    let read = value.origin;
                    Answer::Is(set.labelled(format!("{name} is set here")).because(read))
                }
                (Answer::Absent(_), Some(default)) => {
                    let origin = Origin::at(value.origin.place, format!("{name} is not set"));
                    Answer::Is(Fact::new(default, origin))
                }
                (Answer::Absent(_), None) => Answer::Absent(value.origin.place),
                (Answer::Unknown(_, why), _) => Answer::Unknown(value.origin.place, why),
            },
        })
    }

    /// Whether something besides Kamal's `env` and the image may set a variable.
    fn may_be_given(&self, name: &str) -> bool {
        let by_gem = self.destination().app().may_load_variables();
        let by_option = GIVING.iter().any(|option| !self.option(option).is_absent());
        // A script that has its name in it may set it.
        by_gem || by_option || self.destination().entrypoint_mentions(name)
    }
}

impl App<'_> {
    /// Whether a gem may put variables into the environment as Rails boots.
    pub fn may_load_variables(&self) -> bool {
        *self
            .loads_variables
            .get_or_init(|| self.loads_variables(&LOADERS))
    }

    /// The same of an image without `.env` and its siblings, which is where dotenv looks by itself.
    pub fn may_load_variables_without_dotenv(&self) -> bool {
        let others = LOADERS.map(|gem| if gem.starts_with("dotenv") { "" } else { gem });
        self.loads_variables(&others)
    }

    fn loads_variables(&self, loaders: &[&str]) -> bool {
        loaders.iter().any(|gem| self.gems().may_be_required(gem)) || requires_loader(self)
    }
}

/// Which of the roles that run Rails lack something, as the subject of a sentence: `no role has`.
pub fn who_lacks(lacking: &[&Role<'_>], all: &[Role<'_>]) -> String {
    let names: Vec<String> = lacking
        .iter()
        .map(|role| format!("`{}`", role.name()))
        .collect();
    match names.as_slice() {
        names if names.len() == all.len() => "no role has".to_owned(),
        [only] => format!("role {only} does not have"),
        names => format!("roles {} do not have", names.join(", ")),
    }
}

/// Whether the app requires one of them by itself, before Rails is configured.
fn requires_loader(app: &App<'_>) -> bool {
    let Some(source) = app.tree().source("config/application.rb") else {
        return false;
    };
    source.ruby().calls_named("require").any(|call| {
        matches!(call.arguments.first().map(|file| &file.kind), Some(ExpressionKind::String(file))
            if LOADERS.contains(&file.split('/').next().unwrap_or(file)))
    })
}

impl Database<'_> {
    /// The variables that give it a URL, whose parts win over `config/database.yml`
    /// (rails 8.1 `activerecord/lib/active_record/database_configurations.rb`,
    /// `environment_value_for`).
    pub fn url_variables(&self) -> Vec<String> {
        let own = format!("{}_DATABASE_URL", self.name().to_uppercase());
        if self.name().value == "primary" {
            vec![own, "DATABASE_URL".to_owned()]
        } else {
            vec![own]
        }
    }

    /// Whether its own keys in `config/database.yml` are all that a role has: no URL stands there
    /// or in the environment.
    pub fn has_no_url(&self, role: &Role<'_>) -> bool {
        let in_file = match self.url() {
            Answer::Absent(_) => true,
            url => role.resolved(url).is_absent(),
        };
        in_file
            && self
                .url_variables()
                .iter()
                .all(|name| role.variable(name).is_absent())
    }

    /// The server that a role looks for it on. Absent is the container's own, by a socket.
    pub fn server(&self, role: &Role<'_>) -> Answer<String> {
        if !self.has_no_url(role) {
            return Answer::Unknown(
                self.name().origin.place.clone(),
                Why::NotRead("a URL may name the server".to_owned()),
            );
        }
        let host = role.resolved(self.host());
        let is_given = |name: &str| !role.variable(name).is_absent();
        // libpq reads these where it is told nothing.
        let by_library = self.is_postgresql()
            && ["PGHOST", "PGHOSTADDR", "PGSERVICE"]
                .into_iter()
                .any(is_given);
        match host {
            Answer::Absent(place) if by_library => Answer::Unknown(place, Why::Dynamic),
            host => host,
        }
    }

    /// The file that it is, as a path in a role's containers; absent for a database on a server, or
    /// in memory.
    pub fn file(&self, role: &Role<'_>) -> Answer<String> {
        let place = self.name().origin.place.clone();
        match self.adapter() {
            Answer::Is(adapter) if *adapter == Adapter::Sqlite => {}
            Answer::Unknown(place, why) => return Answer::Unknown(place, why),
            Answer::Is(_) | Answer::Absent(_) => return Answer::Absent(place),
        }
        if !self.has_no_url(role) {
            return Answer::Unknown(place, Why::Dynamic);
        }
        role.resolved(self.database()).and_then(|file| {
            if file.value.contains(":memory:") || file.value.starts_with("file:") {
                return Answer::Absent(file.origin.place);
            }
            match role.path(&file) {
                Some(path) => Answer::Is(file.map(|_| path)),
                None => Answer::Unknown(file.origin.place, Why::Dynamic),
            }
        })
    }

    fn is_postgresql(&self) -> bool {
        self.adapter()
            .known()
            .is_none_or(|adapter| *adapter == Adapter::PostgreSql)
    }
}
