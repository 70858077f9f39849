//! `seaworthy config`

use engine::App;
use engine::fact::Origin;
use engine::facts::effective::{self, Line};
use engine::facts::kamal::Destination;
use engine::render::Redactor;
use engine::render::json::{self, VERSION};
use engine::render::text::printable;
use engine::tree::Tree;
use serde_json::json;

use crate::arguments::Global;
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, disk};

/// Where origins stand beside values that are shorter.
const COLUMN: usize = 48;

pub(crate) fn run(global: &Global, output: &Output) -> Result<Verdict, Error> {
    let root = disk::the_app(global.directory.as_deref())?;
    let tree = disk::read(&root);
    let app = App::new(&tree);
    let destinations = app.destinations();
    let destination = chosen(&destinations, global.destination.as_deref())?;
    let lines = effective::lines(destination);
    let redactor = Redactor::new(&tree);
    if output.is_json() {
        let rows: Vec<_> = lines
            .iter()
            .map(|line| {
                json!({
                    "key": line.key,
                    "value": line.value.as_ref().map(|_| masked(line, &redactor)),
                    "unknown": line.why.as_ref().map(ToString::to_string),
                    "origin": json::origin(&Origin::at(line.place.clone(), "set here"), &tree),
                })
            })
            .collect();
        output.json(&json!({
            "version": VERSION,
            "destination": destination.name(),
            "configuration": rows,
        }))?;
        return Ok(Verdict::Fine);
    }
    let text: String = lines
        .iter()
        .map(|line| shown(line, &redactor, &tree))
        .collect();
    output.result(&text)?;
    Ok(Verdict::Fine)
}

/// The destination that is asked for; without a name, the base file or the only one there is.
fn chosen<'d, 'a>(
    destinations: &'d [Destination<'a>],
    name: Option<&str>,
) -> Result<&'d Destination<'a>, Error> {
    let found = match (name, destinations) {
        (None, [only]) => Some(only),
        _ => destinations
            .iter()
            .find(|destination| destination.name() == name),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = destinations.iter().filter_map(Destination::name).collect();
        match (name, names.as_slice()) {
            (_, []) => Error::new("there is no config/deploy.yml that could be read")
                .hint("`seaworthy init` writes one, `seaworthy check` says what is wrong with it"),
            (Some(name), _) => Error::new(format!("there is no destination called `{name}`"))
                .hint(format!("there is: {}", names.join(", "))),
            (None, _) => Error::new("config/deploy.yml deploys nothing without a destination")
                .hint(format!("name one with -d: {}", names.join(", "))),
        }
    })
}

/// `  host: app.example.org                  config/deploy.yml:9`
fn shown(line: &Line, redactor: &Redactor, tree: &Tree) -> String {
    let value = match (&line.value, &line.why) {
        (Some(_), _) => format!(" {}", masked(line, redactor)),
        (None, Some(why)) => format!(" ({why})"),
        (None, None) => String::new(),
    };
    let text = format!("{}{}{value}", "  ".repeat(line.depth), line.name);
    let origin = line.place.describe(tree);
    printable(&format!("{text:<COLUMN$} {origin}")) + "\n"
}

/// The value without a secret that it may be: its name tells, so both are looked at together.
fn masked(line: &Line, redactor: &Redactor) -> String {
    let value = line.value.as_deref().unwrap_or_default();
    let name = line.key.rsplit(['.', '[']).next().unwrap_or_default();
    let prefix = format!("{name}: ");
    let first = value.lines().next().unwrap_or_default();
    let shown = redactor.mask(&format!("{prefix}{first}"));
    let more = if value.lines().count() > 1 {
        " …"
    } else {
        ""
    };
    format!("{}{more}", &shown[prefix.len()..])
}
