//! `seaworthy facts`

use engine::App;
use engine::facts::listing;
use engine::render::Redactor;
use engine::render::text::printable;
use serde_json::json;

use crate::arguments::Global;
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, disk};

pub(crate) fn run(global: &Global, output: &Output) -> Result<Verdict, Error> {
    let root = disk::the_app(global.directory.as_deref())?;
    let tree = disk::read(&root);
    let app = App::new(&tree);
    let rows = listing::list(&app);
    let rows = rows.iter().filter(|row| match &global.destination {
        // Facts of other destinations are named `kamal…`; those of the app are of all.
        Some(name) => {
            !row.name.starts_with("kamal") || row.name.starts_with(&format!("kamal[{name}]"))
        }
        None => true,
    });
    if output.is_json() {
        let facts: Vec<_> = rows
            .map(|row| engine::render::json::fact(row, &tree))
            .collect();
        output.json(&json!({ "version": engine::render::json::VERSION, "facts": facts }))?;
        return Ok(Verdict::Fine);
    }
    let redactor = Redactor::new(&tree);
    let mut text = String::new();
    for row in rows {
        let value = match &row.value {
            Some(value) => redactor.mask(value),
            None => format!("({})", row.state),
        };
        let origin = row.origin.place.describe(&tree);
        let why = if row.state == "unknown" {
            format!(": {}", row.why)
        } else {
            String::new()
        };
        text.push_str(&printable(&format!(
            "{:<34} {:<36} {origin}{why}",
            row.name, value
        )));
        text.push('\n');
    }
    output.result(&text)?;
    Ok(Verdict::Fine)
}
