//! `seaworthy diagnose`

mod command;

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use engine::diagnose::{Diagnoses, Listener, Said, diagnose};
use engine::render::diagnosis;
use engine::rules::Profile;
use engine::tree::Tree;
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
    if let Some(folder) = &global.directory
        && !folder.is_dir()
    {
        return Err(Error::new(format!(
            "there is no folder {}",
            folder.display()
        )));
    }
    let (said, status) = match asked.command.as_slice() {
        [] => (listen(asked)?, None),
        [program, arguments @ ..] => {
            let (said, status) = command::run(program, arguments, output)?;
            (said, Some(status))
        }
    };
    let (diagnoses, tree) = told(global, &said);
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

/// What was said, compared with the app's files, if there is an app; and these.
pub(super) fn told(global: &Global, said: &Said) -> (Diagnoses, Tree) {
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
    (diagnose(said, report.as_ref()), tree.unwrap_or_default())
}

/// What comes of logs.
enum Event {
    /// A log begins.
    Begins(String),
    /// A piece of it.
    Piece(Vec<u8>),
    /// All of them were read, or one could not be.
    End(Result<(), Error>),
    /// Ctrl-C.
    Stop,
}

/// Pieces that wait at most: whoever reads waits for whoever hears.
const WAITING: usize = 4;

/// How long what writes the log may still take to end after Ctrl-C, which it is told, too.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// Hears logs to their end, or until Ctrl-C.
fn listen(asked: &Diagnose) -> Result<Said, Error> {
    if asked.files.is_empty() && io::stdin().is_terminal() {
        return Err(Error::new("there is no log to look at").hint(
            "name a file, or pipe a log in: `set -o pipefail; kamal deploy 2>&1 | tee deploy.log | seaworthy diagnose`",
        ));
    }
    let (events, heard) = mpsc::sync_channel(WAITING);
    let stop = events.clone();
    // Without it Ctrl-C ends the program, as it does others.
    let _ = ctrlc::set_handler(move || {
        let _ = stop.send(Event::Stop);
    });
    let files = asked.files.clone();
    thread::spawn(move || {
        let end = read_all(&files, &events);
        let _ = events.send(Event::End(end));
    });
    let mut listener = Listener::new(STANDARD_INPUT);
    let mut until: Option<Instant> = None;
    loop {
        let event = match until {
            None => heard.recv().ok(),
            Some(until) => heard
                .recv_timeout(until.saturating_duration_since(Instant::now()))
                .ok(),
        };
        match event {
            Some(Event::Begins(name)) => listener.begin(&name),
            Some(Event::Piece(piece)) => listener.feed(&piece),
            Some(Event::Stop) => until = Some(Instant::now() + LAST_WORDS),
            Some(Event::End(end)) => return end.map(|()| listener.finish()),
            None => return Ok(listener.finish()),
        }
        if until.is_some_and(|until| until <= Instant::now()) {
            return Ok(listener.finish());
        }
    }
}

fn read_all(files: &[PathBuf], events: &SyncSender<Event>) -> Result<(), Error> {
    if files.is_empty() {
        return read(io::stdin().lock(), Path::new("-"), events);
    }
    for file in files {
        if file.as_os_str() == "-" {
            let _ = events.send(Event::Begins(STANDARD_INPUT.to_owned()));
            read(io::stdin().lock(), file, events)?;
        } else {
            let log = File::open(file).map_err(|error| Error::io("opening", file, &error))?;
            let _ = events.send(Event::Begins(file.to_string_lossy().into_owned()));
            read(log, file, events)?;
        }
    }
    Ok(())
}

/// Reads a log to its end, or until nobody hears it any more.
fn read(mut log: impl Read, path: &Path, events: &SyncSender<Event>) -> Result<(), Error> {
    loop {
        let mut piece = vec![0; PIECE];
        match log.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => {
                piece.truncate(length);
                if events.send(Event::Piece(piece)).is_err() {
                    return Ok(());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::io("reading", path, &error)),
        }
    }
}
