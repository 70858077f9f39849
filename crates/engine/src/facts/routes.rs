//! Which paths `config/routes.rb` answers, as far as that can be told without running it.
//!
//! Upstream: rails 8.1 `actionpack/lib/action_dispatch/routing/mapper.rb`.

use syntax::Span;
use syntax::ruby::{Call, Context, Document, Expression, ExpressionKind};

use crate::change::Changes;
use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::tree::{Path, Source};

/// Where routes are drawn.
pub const FILE: &str = "config/routes.rb";

/// Where `draw :name` finds more of them.
pub const FOLDER: &str = "config/routes";

/// The app's routes.
#[derive(Clone, Copy)]
pub struct Routes<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// The app's routes.
    pub fn routes(&'a self) -> Routes<'a> {
        Routes { app: self }
    }
}

/// Whether a route answers a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    No,
    Perhaps,
    Yes,
}

/// Calls that draw nothing by themselves; what they hold is drawn at the same path.
const TRANSPARENT: [&str; 14] = [
    "authenticate",
    "authenticated",
    "collection",
    "concern",
    "constraints",
    "controller",
    "defaults",
    "devise_scope",
    "member",
    "nested",
    "new",
    "shallow",
    "unauthenticated",
    "with_options",
];

/// Those of them that hold back requests.
const GUARDS: [&str; 4] = [
    "authenticate",
    "authenticated",
    "constraints",
    "unauthenticated",
];

/// Calls that draw nothing that answers `GET`, or nothing that is not drawn by other calls.
const NO_ROUTES: [&str; 13] = [
    "concerns",
    "delete",
    "direct",
    "options",
    "patch",
    "post",
    "put",
    "puts",
    "raise",
    "redirect",
    "require",
    "require_relative",
    "resolve",
];

impl<'a> Routes<'a> {
    /// The route that answers `GET path`. Absent only where all routes are known and none does.
    pub fn get(self, path: &str) -> Answer<()> {
        // An app without the file is not one: it was not given.
        let Some(source) = self.app.tree().source(FILE) else {
            return Answer::Unknown(Place::File(FILE.into()), Why::Unreadable);
        };
        let Some(draw) = drawing(source.ruby()) else {
            let why = Why::NotRead("the routes are not drawn there".to_owned());
            return Answer::Unknown(Place::File(FILE.into()), why);
        };
        let mut perhaps: Option<(Place, Why)> = self.elsewhere(path);
        let files = std::iter::once(source).chain(self.drawn_files());
        for source in files {
            if !source.ruby().errors.is_empty() {
                perhaps.get_or_insert((Place::File(source.path().clone()), Why::Broken));
            }
            for call in &source.ruby().calls {
                let place = Place::text(source.path(), call.span);
                match self.matches(call, path) {
                    Match::Yes => {
                        return Answer::Is(Fact::new((), Origin::at(place, "the route")));
                    }
                    Match::Perhaps => {
                        perhaps.get_or_insert((place, Why::Dynamic));
                    }
                    Match::No => {}
                }
            }
        }
        match perhaps {
            Some((place, why)) => Answer::Unknown(place, why),
            None => Answer::Absent(Place::Slot {
                path: FILE.into(),
                span: Span::new(draw.span.start as usize, draw.name.span.end as usize),
                key: format!("get \"{path}\""),
            }),
        }
    }

    /// The path of the first route at the root that surely leads to an action, `controller#action`.
    pub fn to(self, action: &str) -> Option<Fact<String>> {
        let source = self.app.tree().source(FILE)?;
        let calls = source.ruby().calls_named("get").filter(|call| {
            let around = Around::of(call);
            !around.is_guarded && around.prefixes.as_deref() == Some(&[String::new()])
        });
        let path = |call: &Call| {
            let options = &call.arguments.last()?.kind;
            let ExpressionKind::Hash(pairs) = options else {
                return None;
            };
            let is_told = |(key, value): &(Expression, Expression)| {
                let is_target = key.as_str().is_some() || key.as_name() == Some("to");
                is_target && value.as_str() == Some(action)
            };
            let (key, _) = pairs.iter().find(|pair| is_told(pair))?;
            let path = match plain(&call.arguments).next() {
                Some(path) => path.as_name()?,
                None => key.as_str()?,
            };
            let path = format!("/{}", path.trim_start_matches('/'));
            Some(Fact::read(path, source.path(), call.span, "the route"))
        };
        calls.into_iter().find_map(path)
    }

    /// Adds a line to the end of the routes.
    pub fn draw_also(self, line: &str) -> Option<Changes> {
        let source = self.app.tree().source(FILE)?;
        let block = drawing(source.ruby())?.block?;
        let edit = source.ruby().insert_at_end(source.text(), &block, line)?;
        Some(Changes::edit(source.path(), vec![edit]))
    }

    /// What may answer besides the routes that are drawn.
    fn elsewhere(self, path: &str) -> Option<(Place, Why)> {
        let tree = self.app.tree();
        let name = path.trim_matches('/');
        // Files below `public` are served before any route is asked.
        let first = name.split('/').next().unwrap_or_default();
        let file = match name {
            "" => vec!["public/index.html".to_owned()],
            _ => vec![format!("public/{first}"), format!("public/{name}.html")],
        };
        let file = file.into_iter().find(|file| tree.has(file));
        if let Some(file) = file.and_then(|file| Path::new(&file)) {
            let why = Why::NotRead("a file of that name is served".to_owned());
            return Some((Place::File(file), why));
        }
        if self.app.middleware().may_answer() || !self.app.gems().path_gems().is_empty() {
            let why = Why::NotRead("something else may answer".to_owned());
            return Some((Place::File(FILE.into()), why));
        }
        // Routes can be drawn elsewhere, too, and files of them be named.
        tree.sources()
            .filter(|source| {
                let path = source.path();
                path.parent().as_str() == "config/initializers"
                    || path.as_str() == "config/application.rb"
            })
            .find_map(|source| {
                let mut calls = source.ruby().calls.iter();
                let call = calls.find(|call| {
                    let receiver = call.receiver.as_deref().unwrap_or_default();
                    let names_routes = |argument: &Expression| {
                        argument
                            .as_str()
                            .is_some_and(|path| path.contains("routes"))
                    };
                    match call.name.value.as_str() {
                        "draw" | "append" | "prepend" => receiver.ends_with(".routes"),
                        _ => {
                            receiver.ends_with("config.paths")
                                && call.arguments.iter().any(names_routes)
                        }
                    }
                })?;
                let why = Why::NotRead("routes may be drawn there, too".to_owned());
                Some((Place::text(source.path(), call.span), why))
            })
    }

    /// The files that `draw :name` may read.
    fn drawn_files(self) -> impl Iterator<Item = &'a Source> {
        self.app
            .tree()
            .sources()
            .filter(|source| source.path().parent().as_str() == FOLDER)
    }

    /// Whether a call draws a route that answers `GET path`.
    fn matches(self, call: &Call, path: &str) -> Match {
        let is_statement = call.span.start == call.statement.start;
        if call.receiver_span.is_some() {
            // `ActiveAdmin.routes(self)` draws what it likes.
            let gives_itself = call
                .arguments
                .iter()
                .any(|argument| argument.kind == ExpressionKind::Other);
            let may_draw = is_statement && gives_itself && call.operator.is_none();
            return if may_draw { Match::Perhaps } else { Match::No };
        }
        let around = Around::of(call);
        let own = match call.name.value.as_str() {
            "get" | "match" if !answers_get(call) => return Match::No,
            "get" | "match" => paths_of_verb(call),
            "root" => Some(vec![Own::Path(String::new())]),
            "mount" => path_of_mount(call).map(|path| vec![Own::Below(path)]),
            "resources" | "resource" | "devise_for" => names(&call.name.value, &call.arguments)
                .map(|names| names.into_iter().map(Own::Below).collect()),
            "namespace" | "scope" => return Match::No,
            "draw" => return self.draw(call, &around),
            name if TRANSPARENT.contains(&name) || NO_ROUTES.contains(&name) => return Match::No,
            // Helpers in arguments draw nothing, nor do blocks that are run for each request.
            _ if !is_statement || around.is_in_block => return Match::No,
            _ => return Match::Perhaps,
        };
        let (Some(own), Some(mut prefixes)) = (own, around.prefixes) else {
            return Match::Perhaps;
        };
        // `shallow` takes away what is in front of resources.
        if call.name.value.starts_with("resource") {
            prefixes.push(String::new());
        }
        let found = prefixes
            .iter()
            .flat_map(|prefix| own.iter().map(move |own| own.compare(prefix, path)))
            .max()
            .unwrap_or(Match::No);
        if around.is_guarded {
            found.min(Match::Perhaps)
        } else {
            found
        }
    }

    /// `draw :name` draws what `config/routes/name.rb` says, which is looked at by itself.
    fn draw(self, call: &Call, around: &Around) -> Match {
        let name = call.arguments.first().and_then(Expression::as_name);
        let is_read = name.is_some_and(|name| {
            self.app
                .tree()
                .source(&format!("{FOLDER}/{name}.rb"))
                .is_some()
        });
        // What is drawn there is looked at as if it stood at the root.
        let is_at_root = around.prefixes.as_deref() == Some(&[String::new()]);
        if is_read && is_at_root {
            Match::No
        } else {
            Match::Perhaps
        }
    }
}

/// `Rails.application.routes.draw do … end`.
fn drawing(document: &Document) -> Option<&Call> {
    document.calls.iter().find(|call| {
        call.name.value == "draw"
            && call
                .receiver
                .as_deref()
                .is_some_and(|receiver| receiver.ends_with("routes"))
            && call.block.is_some()
    })
}

/// The path of a route of its own.
enum Own {
    /// This one.
    Path(String),
    /// All below this one.
    Below(String),
}

impl Own {
    fn compare(&self, prefix: &str, path: &str) -> Match {
        let (Self::Path(own) | Self::Below(own)) = self;
        let own = own.trim_end_matches("(.:format)");
        let whole = format!("{prefix}/{own}");
        let whole: Vec<&str> = whole
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        let wanted: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        if let Self::Below(_) = self {
            let is_apart = whole
                .iter()
                .zip(&wanted)
                .any(|(own, wanted)| is_literal(own) && own != wanted);
            return if is_apart
                || (whole.len() > wanted.len() && whole.iter().all(|own| is_literal(own)))
            {
                Match::No
            } else {
                Match::Perhaps
            };
        }
        if whole == wanted {
            return Match::Yes;
        }
        for (index, own) in whole.iter().enumerate() {
            if own.starts_with('*') || own.contains('(') {
                return Match::Perhaps;
            }
            match wanted.get(index) {
                None => return Match::No,
                Some(wanted) if is_literal(own) && own != wanted => return Match::No,
                Some(_) => {}
            }
        }
        if whole.len() == wanted.len() {
            Match::Perhaps
        } else {
            Match::No
        }
    }
}

/// What a call stands in.
struct Around {
    /// The paths that it begins with, as `resources` can have several names; nothing where they
    /// cannot be told.
    prefixes: Option<Vec<String>>,
    /// Whether it may not be drawn, or not answer every request.
    is_guarded: bool,
    /// Whether it stands in a block that is not known to draw.
    is_in_block: bool,
}

impl Around {
    fn of(call: &Call) -> Self {
        let mut around = Self {
            prefixes: Some(vec![String::new()]),
            is_guarded: false,
            is_in_block: false,
        };
        for context in call.within() {
            match context {
                Context::Block {
                    call: name,
                    arguments,
                    ..
                } => around.enter(name, arguments),
                Context::Definition { .. } | Context::Loop { .. } => {
                    around.is_guarded = true;
                    around.prefixes = None;
                }
                _ => around.is_guarded = true,
            }
        }
        if call.keyword("constraints").is_some() {
            around.is_guarded = true;
        }
        around
    }

    fn enter(&mut self, name: &str, arguments: &[Expression]) {
        if name.ends_with("routes.draw") || name.ends_with("routes.prepend") {
            return;
        }
        self.is_guarded |= GUARDS.contains(&name);
        match name {
            "namespace" | "scope" | "resources" | "resource" => {
                self.is_guarded |= arguments
                    .last()
                    .is_some_and(|last| last.get("constraints").is_some());
                self.prefixes = self.prefixes.take().and_then(|prefixes| {
                    let own = names(name, arguments)?;
                    let below = |prefix: &String| -> Vec<String> {
                        own.iter().map(|own| format!("{prefix}/{own}")).collect()
                    };
                    Some(match name {
                        "scope" => prefixes
                            .iter()
                            .map(|prefix| format!("{prefix}/{}", own.join("/")))
                            .collect(),
                        _ => prefixes.iter().flat_map(below).collect(),
                    })
                });
            }
            _ if TRANSPARENT.contains(&name) => {}
            _ => {
                self.is_guarded = true;
                self.is_in_block = true;
            }
        }
    }
}

/// The names that `namespace`, `scope`, `resources` and the like are given, or the `path:` in
/// their place.
fn names(name: &str, arguments: &[Expression]) -> Option<Vec<String>> {
    let path = arguments.last().and_then(|options| options.get("path"));
    if let Some(path) = path {
        let path = path.as_name()?.to_owned();
        // What Devise draws at the root has names of its own.
        let is_devise_at_root = name == "devise_for" && path.trim_matches('/').is_empty();
        return Some(if is_devise_at_root {
            Vec::new()
        } else {
            vec![path]
        });
    }
    plain(arguments)
        .map(|name| name.as_name().map(str::to_owned))
        .collect()
}

/// The arguments without the options at the end.
fn plain(arguments: &[Expression]) -> impl Iterator<Item = &Expression> {
    arguments
        .iter()
        .filter(|argument| !matches!(argument.kind, ExpressionKind::Hash(_)))
}

/// Whether `via:` lets `GET` through.
fn answers_get(call: &Call) -> bool {
    let Some(via) = call.keyword("via") else {
        return true;
    };
    let verbs = match &via.kind {
        ExpressionKind::Array(verbs) => verbs.as_slice(),
        _ => std::slice::from_ref(via),
    };
    verbs.iter().any(|verb| {
        verb.as_name()
            .is_none_or(|verb| ["get", "all"].contains(&verb))
    })
}

/// The paths that `get` or `match` is given, as texts or as the first key of a hash.
fn paths_of_verb(call: &Call) -> Option<Vec<Own>> {
    let mut paths: Vec<Option<String>> = plain(&call.arguments)
        .map(|path| path.as_name().map(str::to_owned))
        .collect();
    if let Some(path) = call.keyword("path") {
        paths = vec![path.as_name().map(str::to_owned)];
    }
    if paths.is_empty() {
        let ExpressionKind::Hash(pairs) = &call.arguments.first()?.kind else {
            return None;
        };
        paths.push(pairs.first()?.0.as_name().map(str::to_owned));
    }
    paths.into_iter().map(|path| path.map(Own::Path)).collect()
}

/// The path that `mount` is given: `at:`, or the value of the first pair.
fn path_of_mount(call: &Call) -> Option<String> {
    let path = match (call.keyword("at"), &call.arguments.last()?.kind) {
        (Some(at), _) => at,
        (None, ExpressionKind::Hash(pairs)) => &pairs.first()?.1,
        _ => return None,
    };
    path.as_name().map(str::to_owned)
}

/// Whether a segment of a pattern stands for itself.
fn is_literal(segment: &str) -> bool {
    !segment.contains([':', '*', '(', ')'])
}
