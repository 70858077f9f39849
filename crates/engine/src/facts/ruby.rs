//! Which Ruby the app runs on.

use syntax::ruby::ExpressionKind;
use syntax::version_file;

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::tree::Source;

/// The app's Ruby.
#[derive(Clone, Copy)]
pub struct Ruby<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// Which Ruby the app runs on.
    pub fn ruby(&'a self) -> Ruby<'a> {
        Ruby { app: self }
    }
}

impl<'a> Ruby<'a> {
    /// The version, as precise as the app gives it (`3.4.10`, `3.4`): from `.ruby-version`,
    /// `.tool-versions`, `mise.toml`, the lockfile or the Gemfile, the first that has one.
    pub fn version(self) -> Answer<String> {
        self.in_version_file(".ruby-version")
            .or_else(|| self.app.tool_version("ruby"))
            .or_else(|| self.in_lockfile())
            .or_else(|| self.in_gemfile())
    }

    /// The file that the Gemfile reads its version from: `ruby file: ".ruby-version"`.
    pub fn version_file(self) -> Option<Fact<String>> {
        let (source, call) = self.directive()?;
        match &call.keyword("file")?.kind {
            ExpressionKind::String(file) => Some(Fact::read(
                file.clone(),
                source.path(),
                call.span,
                "the Gemfile reads this file",
            )),
            _ => None,
        }
    }

    fn in_version_file(self, path: &'static str) -> Answer<String> {
        let source = match self.app.file(path) {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        match version_file::single(source.text()) {
            Some(version) => Answer::Is(Fact::read(
                version.value,
                source.path(),
                version.span,
                "the app's Ruby",
            )),
            None => Answer::Absent(Place::File(source.path().clone())),
        }
    }

    fn in_lockfile(self) -> Answer<String> {
        let source = match self.app.file("Gemfile.lock") {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        match &source.lockfile().ruby_version {
            Some(version) => Answer::Is(Fact::read(
                version.value.clone(),
                source.path(),
                version.span,
                "the locked Ruby",
            )),
            None => Answer::Absent(Place::File(source.path().clone())),
        }
    }

    fn in_gemfile(self) -> Answer<String> {
        let Some((source, call)) = self.directive() else {
            return self.app.no_file("Gemfile");
        };
        let place = Place::text(source.path(), call.span);
        if let Some(file) = self.version_file() {
            let named = self
                .app
                .tree()
                .source(&file)
                .map(|source| (source, source.text()));
            return match named
                .and_then(|(source, text)| Some((source, version_file::single(text)?)))
            {
                Some((source, version)) => Answer::Is(
                    Fact::read(version.value, source.path(), version.span, "the app's Ruby")
                        .because(file.origin),
                ),
                None => Answer::Unknown(place, Why::Unreadable),
            };
        }
        match call.arguments.first().map(|argument| &argument.kind) {
            Some(ExpressionKind::String(version))
                if version.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                Answer::Is(Fact::new(
                    version.clone(),
                    Origin::at(place, "the Gemfile's Ruby"),
                ))
            }
            Some(ExpressionKind::String(range)) => Answer::Unknown(
                place,
                Why::NotRead(format!("`{range}` is a range of versions, not one")),
            ),
            _ => Answer::Unknown(place, Why::Dynamic),
        }
    }

    /// The Gemfile's `ruby` line.
    fn directive(self) -> Option<(&'a Source, &'a syntax::ruby::Call)> {
        let source = self.app.tree().source("Gemfile")?;
        let call = source
            .ruby()
            .calls_named("ruby")
            .find(|call| call.receiver.is_none())?;
        Some((source, call))
    }
}

impl App<'_> {
    /// The version of a tool in the files of asdf and mise.
    pub fn tool_version(&self, tool: &str) -> Answer<String> {
        type Reader = fn(&str) -> Vec<(syntax::Spanned<String>, syntax::Spanned<String>)>;
        let files: [(&'static str, Reader); 3] = [
            (".tool-versions", version_file::tool_versions),
            ("mise.toml", version_file::mise),
            (".mise.toml", version_file::mise),
        ];
        for (path, read) in files {
            let Some(source) = self.tree().source(path) else {
                continue;
            };
            let found = read(source.text())
                .into_iter()
                .find(|(name, _)| name.value == tool);
            if let Some((_, version)) = found {
                return Answer::Is(Fact::read(
                    version.value,
                    source.path(),
                    version.span,
                    "the tool's version",
                ));
            }
        }
        Answer::Absent(Place::File(".tool-versions".into()))
    }
}
