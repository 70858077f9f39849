//! `seaworthy diagnose`

mod command;

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use engine::diagnose::{Listener, Said, diagnose};
use engine::render::diagnosis;
use engine::rules::Profile;
use engine::{App, Selection, check};

use crate::arguments::{Diagnose, Global};
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, disk};

/// What is read at a time.
const PIECE: usize = 256 * 1024;

/// What a log from standard input is called.
const STANDARD_INPUT: &str = "standard input";

pub(crate) fn run(global: &Global, asked: &Diagnose, output: &Output) -> Result<Verdict, Error> {
    let (said, status) = match asked.command.as_slice() {
        [] => (listen(asked)?, None),
        [program, arguments @ ..] => {
            let (said, status) = command::run(program, arguments, output)?;
            (said, Some(status))
        }
    };
    let tree = disk::the_app(global.directory.as_deref())
        .ok()
        .map(|root| disk::read(&root));
    let report = tree.as_ref().map(|tree| {
        let selection = Selection {
            profile: Profile::Pedantic,
            destination: global.destination.clone(),
            ..Selection::default()
        };
        check(&App::new(tree), &selection)
    });
    let diagnoses = diagnose(&said, report.as_ref());
    let tree = tree.unwrap_or_default();
    if output.is_json() {
        output.json(&diagnosis::json(&diagnoses, &tree))?;
    } else {
        output.result(&diagnosis::text(&diagnoses, &tree, output.style()))?;
    }
    if diagnoses.all.is_empty() && status != Some(0) {
        output.note("no failure that is known");
    }
    Ok(match status {
        Some(status) => Verdict::OfCommand(status),
        None if diagnoses.all.is_empty() => Verdict::Negative,
        None => Verdict::Fine,
    })
}

fn listen(asked: &Diagnose) -> Result<Said, Error> {
    let mut listener = Listener::new(STANDARD_INPUT);
    let is_input = |file: &Path| file.as_os_str() == "-";
    if asked.files.is_empty() && io::stdin().is_terminal() {
        return Err(Error::new("there is no log to look at").hint(
            "name a file, or pipe a log in: `set -o pipefail; kamal deploy 2>&1 | tee deploy.log | seaworthy diagnose`",
        ));
    }
    if asked.files.is_empty() {
        hear(&mut listener, io::stdin().lock(), Path::new("-"))?;
    }
    for file in &asked.files {
        if is_input(file) {
            listener.begin(STANDARD_INPUT);
            hear(&mut listener, io::stdin().lock(), file)?;
        } else {
            let log = File::open(file).map_err(|error| Error::io("opening", file, &error))?;
            listener.begin(&file.to_string_lossy());
            hear(&mut listener, log, file)?;
        }
    }
    Ok(listener.finish())
}

/// Hears a log to its end.
fn hear(listener: &mut Listener, mut log: impl Read, path: &Path) -> Result<(), Error> {
    let mut piece = vec![0; PIECE];
    loop {
        match log.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => listener.feed(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::io("reading", path, &error)),
        }
    }
}
