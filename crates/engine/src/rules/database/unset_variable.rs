use crate::fact::{Answer, Fact};
use crate::facts::database::{Adapter, Database};
use crate::facts::kamal::{Destination, Role, container_name};
use crate::facts::provided::who_lacks;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let is_settled = destination.has_settled_roles() && destination.is_deployed();
    if !destination.is_production() || !is_settled {
        return None;
    }
    let databases = destination.app().databases().known()?;
    let roles: Vec<Role<'_>> = destination
        .roles()
        .into_iter()
        .filter(Role::runs_rails)
        .collect();
    let mut missing: Vec<(Fact<String>, Vec<&Role<'_>>)> = Vec::new();
    for role in &roles {
        let unset = databases.iter().flat_map(|database| unset(role, database));
        // A list of secrets that a destination replaces by mistake is found itself.
        for variable in unset.filter(|variable| !destination.has_replaced(variable)) {
            match missing
                .iter_mut()
                .find(|(known, _)| known.value == variable.value)
            {
                Some((_, lacking)) if lacking.iter().any(|known| known.name() == role.name()) => {}
                Some((_, lacking)) => lacking.push(role),
                None => missing.push((variable, vec![role])),
            }
        }
    }
    for (variable, lacking) in missing {
        let who = who_lacks(&lacking, &roles);
        let finding = report.at(
            &variable,
            format!("config/database.yml reads {}, which {who}", variable.value),
        );
        finding.confidence(Confidence::Likely);
        let environment = lacking[0].environment();
        let given = environment
            .clear()
            .iter()
            .map(|(name, _)| name.value.as_str());
        let secret = environment.secret().iter().map(|name| container_name(name));
        let section = if is_secret(&variable) {
            "env.secret"
        } else {
            "env.clear"
        };
        let same = given
            .chain(secret)
            .find(|name| last_word(name) == last_word(&variable));
        match same {
            Some(same) => finding.help(format!(
                "add {} to `{section}` in config/deploy.yml, or read {same}, which is there",
                variable.value
            )),
            None => finding.help(format!(
                "add {} to `{section}` in config/deploy.yml",
                variable.value
            )),
        };
    }
    None
}

/// What a variable is about: `HOST` of `DB_HOST`.
fn last_word(name: &str) -> &str {
    name.rsplit('_').next().unwrap_or(name)
}

fn is_secret(name: &str) -> bool {
    ["PASSWORD", "URL", "PASS", "PWD"].contains(&last_word(name))
}

/// The variables that a database needs and a role surely does not have.
fn unset(role: &Role<'_>, database: &Database<'_>) -> Vec<Fact<String>> {
    let has_variable = database
        .url_variables()
        .iter()
        .any(|name| !role.variable(name).is_absent());
    let adapter = database.adapter().known().map(|adapter| adapter.value);
    if has_variable || adapter.is_none() && database.url().is_absent() {
        return Vec::new();
    }
    if let Answer::Is(url) = database.url()
        && role.resolved(Answer::Is(url.clone())).is_absent()
        && database.host().is_absent()
    {
        return variable(&url).into_iter().collect();
    }
    if !database.url().is_absent() {
        return Vec::new();
    }
    let is_set = |name: &str| !role.variable(name).is_absent();
    let is_postgresql = adapter == Some(Adapter::PostgreSql);
    let keys = [
        (database.host(), "PGHOST"),
        (database.database(), "PGDATABASE"),
        (database.username(), "PGUSER"),
        (database.password(), "PGPASSWORD"),
    ];
    keys.into_iter()
        .enumerate()
        .filter(|(index, _)| adapter != Some(Adapter::Sqlite) || *index == 1)
        .filter(|(index, _)| *index != 3 || !role.destination().has_open_database())
        .filter(|(_, (_, library))| !is_postgresql || !is_set(library))
        .filter_map(|(_, (value, _))| {
            let value = value.known()?;
            role.resolved(Answer::Is(value.clone()))
                .is_absent()
                .then(|| variable(&value))?
        })
        .collect()
}

fn variable(value: &Fact<crate::facts::setting::Value>) -> Option<Fact<String>> {
    let name = value.variable()?.to_owned();
    Some(value.clone().map(|_| name).labelled("read here"))
}
