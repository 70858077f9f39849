//! What is printed: results on standard output, all else on standard error.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use engine::render::text::{Style, printable};
use serde_json::Value;

use crate::arguments::{Colour, Format, Global};
use crate::error::Error;

/// Where and how results go.
pub(crate) struct Output {
    format: Format,
    quiet: bool,
    style: Style,
    out: Sink,
    err: io::Stderr,
}

/// Where results go.
enum Sink {
    Standard(io::Stdout),
    Kept(RefCell<String>),
}

impl Output {
    /// As the options and the terminal say.
    pub(crate) fn new(global: &Global) -> Self {
        let colour = match global.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        let width = columns.unwrap_or(100usize).clamp(40, 200);
        Self {
            format: global.format,
            quiet: global.quiet,
            style: Style { colour, width },
            out: Sink::Standard(io::stdout()),
            err: io::stderr(),
        }
    }

    /// Results that are kept, for [`Output::kept`]; nothing is said beside them.
    pub(crate) fn keeping(format: Format) -> Self {
        Self {
            format,
            quiet: true,
            style: Style::default(),
            out: Sink::Kept(RefCell::default()),
            err: io::stderr(),
        }
    }

    /// The results that were kept.
    pub(crate) fn kept(self) -> String {
        match self.out {
            Sink::Kept(text) => text.into_inner(),
            Sink::Standard(_) => String::new(),
        }
    }

    /// How results are written.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Whether results are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether only what was asked for is said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// How text is written.
    pub(crate) fn style(&self) -> Style {
        self.style
    }

    /// A result, as it is.
    pub(crate) fn result(&self, text: &str) -> Result<(), Error> {
        match &self.out {
            Sink::Kept(kept) => {
                kept.borrow_mut().push_str(text);
                Ok(())
            }
            Sink::Standard(out) => {
                let mut out = out.lock();
                out.write_all(text.as_bytes())
                    .and_then(|()| out.flush())
                    .map_err(|error| Error::io("writing to", Path::new("standard output"), &error))
            }
        }
    }

    /// A result that is JSON.
    pub(crate) fn json(&self, value: &Value) -> Result<(), Error> {
        self.result(&format!("{value:#}\n"))
    }

    /// Something worth knowing beside the result.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(
                self.err.lock(),
                "{}",
                text.lines().map(printable).collect::<Vec<_>>().join("\n")
            );
        }
    }

    /// Why the program could not run.
    pub(crate) fn error(&self, error: &Error) {
        let mut err = self.err.lock();
        let _ = writeln!(err, "seaworthy: {}", printable(&error.to_string()));
        for line in error.help().unwrap_or_default().lines() {
            let _ = writeln!(err, "  {}", printable(line));
        }
    }

    /// `text` in bold on a terminal.
    pub(crate) fn bold(&self, text: &str) -> String {
        if self.style.colour {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
