//! `seaworthy init`

mod ask;
mod show;

use engine::App;
use engine::plan::{self, Choice, Intent, Obstacle, Plan, State};
use engine::render::{Redactor, json};
use engine::tree::{Path as AppPath, Tree};
use serde_json::json;

use crate::arguments::{Global, Init};
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, apply, disk};

pub(crate) fn run(global: &Global, init: &Init, output: &Output) -> Result<Verdict, Error> {
    let root = disk::the_app(global.directory.as_deref())?;
    let tree = disk::read(&root);
    let app = App::new(&tree);
    let mut intent = intent(&app, global, init)?;
    let asks = ask::is_possible(init, output);
    if asks {
        ask::for_choices(global, &app, &mut intent)?;
    }
    let mut plan = planned(&app, &intent)?;
    if let Some(unknown) = init.files.iter().find(|file| {
        plan.files
            .iter()
            .all(|planned| planned.path.as_str() != file.as_str())
    }) {
        return Err(Error::new(format!("init does not write {unknown}"))
            .hint("`seaworthy init --dry-run` lists what it writes"));
    }

    let shows_only = init.dry_run || init.diff;
    if !output.is_json() {
        output.result(&show::describe(&plan, &tree, init, output))?;
    }
    if asks && ask::about_files(&plan, &tree, &mut intent)? {
        plan = planned(&app, &intent)?;
    }
    let is_wanted = init.yes || (asks && !plan.changes.is_empty() && ask::whether_to_write()?);
    let writes = !shows_only && !plan.changes.is_empty() && is_wanted;
    if writes {
        apply::apply(&root, &tree, &plan.changes)?;
    }
    if output.is_json() {
        output.json(&document(&plan, &tree, writes))?;
    } else {
        output.result(&show::closing(&plan, writes, shows_only, output))?;
    }
    Ok(Verdict::Fine)
}

fn planned(app: &App<'_>, intent: &Intent) -> Result<Plan, Error> {
    plan::plan(app, intent).map_err(|obstacles| refusal(&obstacles))
}

fn intent(app: &App<'_>, global: &Global, init: &Init) -> Result<Intent, Error> {
    let mut intent = Intent::remembered(app);
    if let Some(name) = &global.destination {
        let is_plain = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_plain {
            return Err(
                Error::new(format!("`{name}` cannot be the name of a destination"))
                    .hint("letters, digits, - and _: it becomes a part of file names"),
            );
        }
        intent.add_destination(name);
    }
    for (choice, values) in choices(init) {
        match &global.destination {
            Some(name) if choice.is_of_destination() => {
                intent.choose_for(name, choice, values.to_vec());
            }
            _ => intent.choose(choice, values.to_vec()),
        }
    }
    let paths = |names: &[String]| -> Result<Vec<AppPath>, Error> {
        let path = |name: &String| {
            AppPath::new(name)
                .ok_or_else(|| Error::new(format!("{name} is not a path inside the app")))
        };
        names.iter().map(path).collect()
    };
    intent.replace = paths(&init.replace)?;
    intent.only = paths(&init.files)?;
    Ok(intent)
}

/// What the options choose.
fn choices(init: &Init) -> impl Iterator<Item = (Choice, &[String])> {
    let all: [(Choice, &[String]); 27] = [
        (Choice::Service, init.service.as_slice()),
        (Choice::Workdir, init.workdir.as_slice()),
        (Choice::Servers, &init.server),
        (Choice::Domain, init.domain.as_slice()),
        (Choice::Tls, init.tls.as_slice()),
        (Choice::Email, init.email.as_slice()),
        (Choice::Registry, init.registry.as_slice()),
        (Choice::RegistryUser, init.registry_user.as_slice()),
        (Choice::Arch, &init.arch),
        (Choice::DatabaseHost, init.database_host.as_slice()),
        (Choice::DatabaseVersion, init.database_version.as_slice()),
        (Choice::DatabaseEnv, init.database_env.as_slice()),
        (Choice::Solid, init.solid.as_slice()),
        (Choice::Jobs, init.jobs.as_slice()),
        (Choice::Base, init.base.as_slice()),
        (Choice::Hardened, init.hardened.as_slice()),
        (Choice::Thruster, init.thruster.as_slice()),
        (Choice::Packages, &init.package),
        (Choice::Without, &init.without),
        (Choice::Kamal, init.kamal.as_slice()),
        (Choice::Traefik, init.traefik.as_slice()),
        (Choice::Hooks, &init.hook),
        (Choice::Secrets, init.secrets.as_slice()),
        (Choice::SecretsAccount, init.secrets_account.as_slice()),
        (Choice::SecretsVault, init.secrets_vault.as_slice()),
        (Choice::Compose, init.compose.as_slice()),
        (Choice::Ci, init.ci.as_slice()),
    ];
    all.into_iter().filter(|(_, values)| !values.is_empty())
}

fn refusal(obstacles: &[Obstacle]) -> Error {
    if let [only] = obstacles {
        return Error::new(only.message.as_str()).hint(only.help.as_str());
    }
    let each: Vec<String> = obstacles
        .iter()
        .map(|obstacle| format!("{}\n  {}", obstacle.message, obstacle.help))
        .collect();
    Error::new(format!("{} things stand in the way", obstacles.len())).hint(each.join("\n"))
}

fn document(plan: &Plan, tree: &Tree, written: bool) -> serde_json::Value {
    let decisions: Vec<_> = plan
        .decisions
        .iter()
        .map(|decision| {
            json!({
                "subject": decision.subject,
                "value": decision.value,
                "why": decision.why,
                "origin": json::origin(&decision.origin, tree),
            })
        })
        .collect();
    let files: Vec<_> = plan
        .files
        .iter()
        .map(|file| json!({ "path": file.path.as_str(), "state": state(file.state) }))
        .collect();
    let left_out: Vec<_> = plan
        .left_out
        .iter()
        .map(|left_out| json!({ "what": left_out.what, "why": left_out.why }))
        .collect();
    let next: Vec<_> = plan
        .next
        .iter()
        .map(|step| json!({ "command": step.command, "what": step.what }))
        .collect();
    json!({
        "version": json::VERSION,
        "summary": plan.summary,
        "decisions": decisions,
        "files": files,
        "notes": plan.notes,
        "estimate": json::estimate(&plan.estimate),
        "left_out": left_out,
        "next": next,
        "changes": json::changes(&plan.changes, tree, &Redactor::new(tree)),
        "written": written,
        "audit": json::findings(&plan.audit.findings, &plan.after),
    })
}

fn state(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::Updated => "updated",
        State::Unchanged => "unchanged",
        State::Replaced => "replaced",
        State::Extended => "extended",
        State::Edited => "edited",
        State::Kept => "kept",
    }
}
