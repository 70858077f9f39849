//! `Procfile` and `Procfile.dev`: processes by their names.
//!
//! Upstream: foreman 0.90 `lib/foreman/procfile.rb`.

use syntax::Span;

use crate::fact::Fact;
use crate::facts::App;

impl App<'_> {
    /// The processes of a Procfile: their names, each with its command.
    pub fn processes(&self, path: &str) -> Vec<Fact<(String, String)>> {
        let Some(source) = self.tree().source(path) else {
            return Vec::new();
        };
        let mut start = 0;
        let lines = source.text().split_inclusive('\n').filter_map(|line| {
            let at = start;
            start += line.len();
            let (name, command) = line.split_once(':')?;
            let is_name = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
            if name.is_empty() || !name.chars().all(is_name) || command.trim().is_empty() {
                return None;
            }
            let span = Span::new(at, at + line.trim_end().len());
            let process = (name.to_owned(), command.trim().to_owned());
            Some(Fact::read(process, source.path(), span, "the process"))
        });
        lines.collect()
    }
}
