//! Questions on a terminal.

use std::io::IsTerminal;

use dialoguer::{Confirm, Editor, Input, Select};
use engine::App;
use engine::plan::{Choice, Intent, Plan, State};
use engine::render::Redactor;
use engine::render::text::printable_lines;
use engine::tree::{Path as AppPath, Tree};

use crate::arguments::{Global, Init};
use crate::error::Error;
use crate::output::Output;

/// Whether somebody is there to answer, and wants to be asked.
pub(super) fn is_possible(init: &Init, output: &Output) -> bool {
    let asks = !init.yes && !init.dry_run && !init.diff && !output.is_json();
    asks && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// What only the user knows, where nothing said it yet. An empty answer leaves a placeholder.
pub(super) fn for_choices(
    global: &Global,
    app: &App<'_>,
    intent: &mut Intent,
) -> Result<(), Error> {
    let destination = global.destination.as_deref();
    let of = destination.map_or_else(String::new, |name| format!(" of {name}"));
    let questions = [
        (
            Choice::Servers,
            format!("Address of the server{of}, several with spaces"),
        ),
        (
            Choice::Domain,
            format!("Domain that the app{of} is reached by"),
        ),
    ];
    for (choice, question) in questions {
        let is_known = match destination {
            Some(name) => intent.is_chosen_for(name, choice),
            None => intent.all(choice).is_some(),
        };
        // A deploy.yml of the user's own says it already.
        if is_known || (destination.is_none() && app.tree().has("config/deploy.yml")) {
            continue;
        }
        let answer: String = Input::new()
            .with_prompt(format!("{question} (empty: later)"))
            .allow_empty(true)
            .interact_text()
            .map_err(unanswered)?;
        let values: Vec<String> = answer.split_whitespace().map(str::to_owned).collect();
        if values.is_empty() {
            continue;
        }
        match destination {
            Some(name) => intent.choose_for(name, choice, values),
            None => intent.choose(choice, values),
        }
    }
    Ok(())
}

/// What happens to each file that is the user's and other than ours. Whether anything changed.
pub(super) fn about_files(plan: &Plan, tree: &Tree, intent: &mut Intent) -> Result<bool, Error> {
    let mut changed = false;
    for file in &plan.files {
        let is_open = file.state == State::Kept && !file.is_declined;
        let Some(source) = tree.source(&file.path).filter(|_| is_open) else {
            continue;
        };
        eprintln!("\n{} is yours. Yours is -, ours is +:", file.path);
        eprintln!(
            "{}",
            difference(tree, &file.path, source.text(), &file.text)
        );
        let answer = Select::new()
            .with_prompt(format!("{}", file.path))
            .items(["keep yours", "take ours", "edit ours", "decide later"])
            .default(0)
            .interact()
            .map_err(unanswered)?;
        match answer {
            0 => intent.keep.push(file.path.clone()),
            1 => intent.replace.push(file.path.clone()),
            2 => {
                let edited = Editor::new()
                    .extension(&ending(&file.path))
                    .trim_newlines(false)
                    .edit(&file.text)
                    .map_err(unanswered)?;
                // An editor that is left without saving changes nothing.
                let Some(edited) = edited else { continue };
                intent.edited.insert(file.path.clone(), edited);
            }
            _ => continue,
        }
        changed = true;
    }
    Ok(changed)
}

/// Whether the plan is to be written.
pub(super) fn whether_to_write() -> Result<bool, Error> {
    Confirm::new()
        .with_prompt("Write these files?")
        .default(false)
        .interact()
        .map_err(unanswered)
}

fn difference(tree: &Tree, path: &AppPath, theirs: &str, ours: &str) -> String {
    let change = engine::change::Outcome {
        path: path.clone(),
        before: Some((theirs.to_owned(), false)),
        after: Some((ours.to_owned(), false)),
    };
    printable_lines(&Redactor::new(tree).mask(&change.diff()))
}

/// What editors tell the language by.
fn ending(path: &AppPath) -> String {
    path.name()
        .rsplit_once('.')
        .map_or_else(String::new, |(_, ending)| format!(".{ending}"))
}

fn unanswered(error: dialoguer::Error) -> Error {
    let dialoguer::Error::IO(error) = error;
    Error::io("reading", std::path::Path::new("the answer"), &error)
}
