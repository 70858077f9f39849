//! A command on a terminal of its own: it prints as if nobody listened.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::thread;

use engine::diagnose::{Listener, Said};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

use super::PIECE;
use crate::error::Error;
use crate::output::Output;

/// Runs a command to its end. What it said, and its exit status.
pub(super) fn run(
    program: &OsString,
    arguments: &[OsString],
    output: &Output,
) -> Result<(Said, u8), Error> {
    let name = program.to_string_lossy().into_owned();
    let failed = |doing: &str, error: &dyn std::fmt::Display| {
        // What follows the first line is the whole PATH.
        let error = error.to_string();
        let first = error.lines().next().unwrap_or_default();
        Error::new(format!("{doing} {name}: {first}"))
    };
    let terminal = native_pty_system()
        .openpty(size())
        .map_err(|error| failed("making a terminal for", &error))?;
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    if let Ok(folder) = std::env::current_dir() {
        command.cwd(folder);
    }
    let mut child = terminal
        .slave
        .spawn_command(command)
        .map_err(|error| failed("starting", &error))?;
    // Its end is seen only once nobody else has it open.
    drop(terminal.slave);
    let said = terminal
        .master
        .try_clone_reader()
        .map_err(|error| failed("listening to", &error))?;
    let typed = terminal
        .master
        .take_writer()
        .map_err(|error| failed("writing to", &error))?;
    let raw = Raw::begin();
    // What is typed goes to the command for as long as there is one.
    thread::spawn(move || hand_on(typed));
    let said = hear(said, &name, output);
    drop(raw);
    let status = child
        .wait()
        .map_err(|error| failed("waiting for", &error))?;
    let code = u8::try_from(status.exit_code()).unwrap_or(u8::MAX);
    Ok((said?, code))
}

/// The size of the terminal that there is.
fn size() -> PtySize {
    let size = tcgetwinsize(io::stdout()).or_else(|_| tcgetwinsize(io::stderr()));
    match size {
        Ok(size) if size.ws_col > 0 => PtySize {
            rows: size.ws_row,
            cols: size.ws_col,
            ..PtySize::default()
        },
        // Narrow terminals break lines that tell something.
        _ => PtySize {
            rows: 50,
            cols: 200,
            ..PtySize::default()
        },
    }
}

/// Shows what a command says, and listens.
fn hear(mut said: impl Read, name: &str, output: &Output) -> Result<Said, Error> {
    let mut listener = Listener::new(name);
    let mut piece = vec![0; PIECE];
    // JSON alone goes to standard output.
    let mut shown: Box<dyn Write> = if output.is_json() {
        Box::new(io::stderr())
    } else {
        Box::new(io::stdout())
    };
    loop {
        match said.read(&mut piece) {
            // Linux says that a terminal is gone by an error.
            Ok(0) | Err(_) => break,
            Ok(length) => {
                listener.feed(&piece[..length]);
                shown
                    .write_all(&piece[..length])
                    .and_then(|()| shown.flush())
                    .map_err(|error| Error::io("writing to", Path::new("the terminal"), &error))?;
            }
        }
    }
    Ok(listener.finish())
}

fn hand_on(mut typed: impl Write) {
    let mut piece = [0; 1024];
    while let Ok(length @ 1..) = io::stdin().read(&mut piece) {
        if typed.write_all(&piece[..length]).is_err() {
            return;
        }
    }
}

/// The terminal hands everything on as it is typed; the command's own terminal echoes it and has Ctrl-C.
struct Raw(Option<Termios>);

impl Raw {
    fn begin() -> Self {
        let input = io::stdin();
        if !input.is_terminal() {
            return Self(None);
        }
        let before = tcgetattr(&input).ok();
        if let Some(mut raw) = before.clone() {
            raw.make_raw();
            let _ = tcsetattr(&input, OptionalActions::Now, &raw);
        }
        Self(before)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}
