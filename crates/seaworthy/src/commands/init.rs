//! `seaworthy init`

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

use engine::App;
use engine::finding::Severity;
use engine::plan::{self, Choice, Decision, Intent, Obstacle, Plan, State};
use engine::render::text::{counted, printable_lines};
use engine::render::{Redactor, json, text};
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
    let intent = intent(&app, global, init)?;
    let plan = plan::plan(&app, &intent).map_err(|obstacles| refusal(&obstacles))?;
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
        output.result(&describe(&plan, &tree, init, output))?;
    }
    let writes = !shows_only && !plan.changes.is_empty() && (init.yes || confirmed(output)?);
    if writes {
        apply::apply(&root, &tree, &plan.changes)?;
    }
    if output.is_json() {
        output.json(&document(&plan, &tree, writes))?;
    } else {
        output.result(&closing(&plan, writes, shows_only, output))?;
    }
    Ok(Verdict::Fine)
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
    let all: [(Choice, &[String]); 25] = [
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
    let messages: Vec<&str> = obstacles
        .iter()
        .map(|obstacle| obstacle.message.as_str())
        .collect();
    let helps: Vec<&str> = obstacles
        .iter()
        .map(|obstacle| obstacle.help.as_str())
        .collect();
    Error::new(messages.join("; ")).hint(helps.join("; "))
}

/// The plan for people: what it is for, decisions, files, and what only the user can say.
fn describe(plan: &Plan, tree: &Tree, init: &Init, output: &Output) -> String {
    let mut text = output.bold(&format!("{}\n", plan.summary));
    let _ = writeln!(text, "\n{}", output.bold("Decisions"));
    for decision in &plan.decisions {
        text.push_str(&describe_decision(decision, tree, init.explain));
    }
    let _ = writeln!(text, "\n{}", output.bold("Files"));
    for file in &plan.files {
        let (mark, word) = match file.state {
            State::New => ('+', "new"),
            State::Updated => ('~', "updated: still as init wrote it"),
            State::Unchanged => ('=', "as it should be"),
            State::Replaced => ('!', "yours, replaced as you said"),
            State::Extended => ('*', "yours, with lines that it lacks"),
            State::Edited => ('!', "yours, as you edited it"),
            State::Kept => ('.', "yours, stays; --replace overwrites it"),
        };
        let _ = writeln!(text, "  {mark} {:<24} {word}", file.path.as_str());
    }
    if init.diff {
        text.push('\n');
        text.push_str(&diffs(plan, tree));
    }
    if !plan.notes.is_empty() {
        let _ = writeln!(text, "\n{}", output.bold("Good to know"));
        for note in &plan.notes {
            let _ = writeln!(text, "  - {note}");
        }
    }
    text
}

fn describe_decision(decision: &Decision, tree: &Tree, explains: bool) -> String {
    let origin = decision.origin.place.describe(tree);
    let mut text = format!(
        "  {:<18} {:<34} {origin}\n",
        decision.subject, decision.value
    );
    if explains {
        let _ = writeln!(text, "  {:<18} {}", "", decision.why);
        for from in decision.origin.chain().into_iter().skip(1) {
            let _ = writeln!(text, "  {:<18} from {}", "", from.place.describe(tree));
        }
    }
    text
}

fn diffs(plan: &Plan, tree: &Tree) -> String {
    let redactor = Redactor::new(tree);
    let outcomes = plan.changes.outcomes(tree).unwrap_or_default();
    outcomes.iter().fold(String::new(), |text, outcome| {
        text + &printable_lines(&redactor.mask(&outcome.diff())) + "\n"
    })
}

/// Asks on a terminal; elsewhere nothing is written without `--yes`.
fn confirmed(output: &Output) -> Result<bool, Error> {
    if !std::io::stdin().is_terminal() || output.is_json() {
        return Ok(false);
    }
    let _ = write!(std::io::stderr(), "\nWrite these files? [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Error::io("reading", std::path::Path::new("the answer"), &error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The audit of the result, what needs the user, and what comes next.
fn closing(plan: &Plan, written: bool, shows_only: bool, output: &Output) -> String {
    let mut text = String::new();
    let (needs, other): (Vec<_>, Vec<_>) = plan
        .audit
        .findings
        .iter()
        .partition(|finding| finding.rule.name() == "placeholder-value");
    if !needs.is_empty() {
        let _ = writeln!(text, "\n{}", output.bold("Needs you"));
        for finding in &needs {
            let place = finding.primary.place.describe(&plan.after);
            let _ = writeln!(text, "  - {place}: {}", finding.help);
        }
    }
    if !other.is_empty() {
        text.push('\n');
        let other: Vec<_> = other.into_iter().cloned().collect();
        text.push_str(&text::findings(&other, &plan.after, output.style()));
    }
    let errors = plan.audit.count(Severity::Error);
    let found = plan.audit.findings.len();
    let audited = if found == 0 {
        "no findings".to_owned()
    } else {
        format!(
            "{} ({})",
            counted(found, "finding"),
            counted(errors, "error")
        )
    };
    let _ = writeln!(text, "\n{} {audited}", output.bold("Audit of the result:"));
    let next = if written && !needs.is_empty() {
        "Written. Next: give those values, as options of init or in the files, then seaworthy check"
    } else if written {
        "Written. Next: git diff, docker build --check . and kamal config, then kamal setup"
    } else if plan.changes.is_empty() && !needs.is_empty() {
        "Nothing to write. Next: give those values, as options of init or in the files"
    } else if plan.changes.is_empty() {
        "Nothing to write: everything is as it should be. Next: kamal deploy"
    } else if shows_only {
        "Nothing was written. Next: seaworthy init --yes"
    } else {
        "Nothing was written. Next: seaworthy init --yes, or --diff to see the files"
    };
    let _ = writeln!(text, "{next}");
    text
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
    json!({
        "version": json::VERSION,
        "summary": plan.summary,
        "decisions": decisions,
        "files": files,
        "notes": plan.notes,
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
