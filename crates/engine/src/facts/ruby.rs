//! Which Ruby the app runs on.

use std::fmt;

use syntax::ruby::{Context, ExpressionKind};
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

    /// The version that people and CI develop with: from `.ruby-version`, `.tool-versions` or
    /// `mise.toml`.
    pub fn of_version_manager(self) -> Answer<String> {
        let named = self.in_version_file(".ruby-version");
        named.or_else(|| self.app.tool_version("ruby"))
    }

    /// The versions that the Gemfile allows.
    pub fn required(self) -> Answer<Required> {
        let Some((source, call)) = self.directive() else {
            return Answer::Absent(Place::File("Gemfile".into()));
        };
        let place = Place::text(source.path(), call.span);
        let is_conditional = call
            .within()
            .iter()
            .any(|context| !matches!(context, Context::Block { .. } | Context::Namespace { .. }));
        if is_conditional {
            return Answer::Unknown(place, Why::Conditional);
        }
        if call.keyword("file").is_some() {
            return self.in_gemfile().map(|version| Required(vec![version]));
        }
        let texts: Option<Vec<String>> = call
            .arguments
            .iter()
            .map(|argument| match &argument.kind {
                ExpressionKind::String(text) => Some(text.clone()),
                _ => None,
            })
            .collect();
        match texts {
            Some(texts) if !texts.is_empty() && call.keyword("engine").is_none() => Answer::Is(
                Fact::new(Required(texts), Origin::at(place, "the Gemfile's Ruby")),
            ),
            _ => Answer::Unknown(place, Why::Dynamic),
        }
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

/// Which versions are allowed, as `Gem::Requirement` reads them; all have to be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required(Vec<String>);

impl Required {
    /// The one version that is allowed.
    pub fn exact(&self) -> Option<&str> {
        match self.0.as_slice() {
            [only] if only.starts_with(|c: char| c.is_ascii_digit()) => Some(only),
            _ => None,
        }
    }

    /// Whether no version that begins with `has` is allowed.
    pub fn refuses(&self, has: &str) -> bool {
        self.0
            .iter()
            .flat_map(|all| all.split(','))
            .any(|one| refuses(one.trim(), has) == Some(true))
    }
}

impl fmt::Display for Required {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

/// Whether no version that begins with `has` meets one requirement; nothing if it cannot be read.
fn refuses(requirement: &str, has: &str) -> Option<bool> {
    let digits = requirement.find(|c: char| c.is_ascii_digit())?;
    let (operator, wanted) = requirement.split_at(digits);
    let (low, high) = bounds(has)?;
    let (least, most) = bounds(wanted)?;
    Some(match operator.trim() {
        "" | "=" => are_different(wanted, has),
        ">=" => high < least,
        ">" => high <= least,
        "<" => low >= least,
        "<=" => low > least,
        "~>" => {
            let parts = wanted.split('.').count();
            let (_, end) = match parts {
                0..=2 => bounds(wanted.split('.').next()?)?,
                _ => bounds(wanted.rsplit_once('.')?.0)?,
            };
            high < least || low > end
        }
        "!=" => low == high && least == most && low == least,
        _ => return None,
    })
}

/// The first and the last version that begin as written.
fn bounds(version: &str) -> Option<([u64; 3], [u64; 3])> {
    let parts: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
    let parts = parts.filter(|parts| parts.len() <= 3)?;
    let filled = |rest: u64| std::array::from_fn(|part| parts.get(part).copied().unwrap_or(rest));
    Some((filled(0), filled(u64::MAX)))
}

/// Whether two versions of Ruby itself are not the same, as precisely as both are given.
pub fn are_different(one: &str, other: &str) -> bool {
    match (bounds(one), bounds(other)) {
        (Some((one_low, one_high)), Some((low, high))) => one_high < low || high < one_low,
        _ => false,
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
