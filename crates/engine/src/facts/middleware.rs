//! What Rails does with a request before a route sees it: the names that it answers for, the
//! redirect to HTTPS, and which requests neither is for.
//!
//! Upstream: rails 8.1 `railties/lib/rails/application/default_middleware_stack.rb` and
//! `actionpack/lib/action_dispatch/middleware/{host_authorization,ssl}.rb`.

use std::net::IpAddr;

use syntax::ruby::{self, Call, Context, Document, Expression, ExpressionKind, InterpolatedPart};

use crate::fact::{Answer, Fact, Place, Why};
use crate::facts::App;
use crate::facts::rails::{APPLICATION, ASKS, PRODUCTION};
use crate::tree::Source;

/// The app's middleware.
#[derive(Clone, Copy)]
pub struct Middleware<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// What Rails does with a request before a route sees it.
    pub fn middleware(&'a self) -> Middleware<'a> {
        Middleware { app: self }
    }
}

/// Paths that a middleware leaves alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusion {
    exact: Vec<String>,
    prefixes: Vec<String>,
    all: bool,
}

impl Exclusion {
    /// Whether requests for `path` are left alone.
    pub fn covers(&self, path: &str) -> bool {
        self.all
            || self.exact.iter().any(|exact| exact == path)
            || self.prefixes.iter().any(|prefix| path.starts_with(prefix))
    }

    /// Whether requests for `path` surely are no exception.
    pub fn surely_lets_in(excluded: &Answer<Self>, path: &str) -> bool {
        match excluded {
            Answer::Is(excluded) => !excluded.covers(path),
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.exact.extend(other.exact);
        self.prefixes.extend(other.prefixes);
        self
    }
}

/// Middleware that answers no request by itself, or only to refuse it.
const HARMLESS: [&str; 10] = [
    "Autotuner::RackPlugin",
    "OmniAuth::Builder",
    "Rack::Attack",
    "Rack::Brotli",
    "Rack::ConditionalGet",
    "Rack::Cors",
    "Rack::Deflater",
    "Rack::ETag",
    "Rack::Head",
    "Rack::MethodOverride",
];

/// Calls that put middleware before others, or take it away.
const IN_FRONT: [&str; 12] = [
    "delete",
    "delete!",
    "insert",
    "insert_after",
    "insert_before",
    "move",
    "move!",
    "move_after",
    "move_before",
    "prepend",
    "swap",
    "unshift",
];

impl<'a> Middleware<'a> {
    /// Whether `config.force_ssl` redirects requests that came over HTTP.
    pub fn forces_https(self) -> Answer<bool> {
        self.app.rails().settled("config.force_ssl", || {
            self.app.rails().boolean("config.force_ssl")
        })
    }

    /// Whether `config.assume_ssl` takes every request for one that came over HTTPS.
    pub fn assumes_https(self) -> Answer<bool> {
        self.app.rails().settled("config.assume_ssl", || {
            self.app.rails().boolean("config.assume_ssl")
        })
    }

    /// The requests that `config.force_ssl` does not redirect.
    pub fn not_redirected(self) -> Answer<Exclusion> {
        self.options("config.ssl_options", |options, document, text| {
            let Some(redirect) = options.get("redirect") else {
                return Some(Exclusion::default());
            };
            if redirect.kind == ExpressionKind::False {
                return Some(Exclusion {
                    all: true,
                    ..Exclusion::default()
                });
            }
            // To another host or port: who answers there is not known.
            if !is_plain_hash(redirect)
                || redirect.get("host").is_some()
                || redirect.get("port").is_some()
            {
                return None;
            }
            match redirect.get("exclude") {
                None => Some(Exclusion::default()),
                Some(exclude) => excluded(exclude, document, text),
            }
        })
    }

    /// The requests that are answered whatever name they are for.
    pub fn not_held_to_hosts(self) -> Answer<Exclusion> {
        self.options("config.host_authorization", |options, document, text| {
            if options.get("response_app").is_some() {
                return None;
            }
            match options.get("exclude") {
                None => Some(Exclusion::default()),
                Some(exclude) => excluded(exclude, document, text),
            }
        })
    }

    /// `config.hosts`, where it surely names hosts and nothing that a container's name could match:
    /// the names and patterns, each as it is written. Absent where Rails answers for any.
    pub fn hosts(self) -> Answer<Vec<Fact<String>>> {
        self.app.rails().settled("config.hosts", || {
            let mut hosts: Vec<Fact<String>> = Vec::new();
            for path in [APPLICATION, PRODUCTION] {
                let Some(source) = self.app.tree().source(path) else {
                    continue;
                };
                for call in &source.ruby().calls {
                    if let Err(place) = add_hosts(source, call, &mut hosts) {
                        return Answer::Unknown(place, Why::Dynamic);
                    }
                }
            }
            match hosts.first() {
                Some(first) => {
                    let origin = first.origin.clone();
                    Answer::Is(Fact::new(hosts, origin))
                }
                None => Answer::Absent(slot("config.hosts")),
            }
        })
    }

    /// What has Rails look for the visitor behind a CDN: a gem that knows Cloudflare's addresses, or one that
    /// is [trusted](Self::trusted_outside).
    pub fn behind_cdn(self) -> Option<Fact<String>> {
        let gem = self.app.gems().shipped("cloudflare-rails").known();
        gem.or_else(|| self.trusted_outside())
    }

    /// A public address in `config.action_dispatch.trusted_proxies`: something out there stands in front,
    /// such as a CDN. None where only private networks are named.
    pub fn trusted_outside(self) -> Option<Fact<String>> {
        let setting = self
            .app
            .rails()
            .setting("config.action_dispatch.trusted_proxies");
        let setting = setting.known()?;
        let public = setting
            .value
            .strings()
            .into_iter()
            .find(|text| is_public(text))?;
        let public = public.to_owned();
        Some(setting.map(|_| public))
    }

    /// Whether the session's cookie may be marked as one for HTTPS only, whatever `force_ssl` says.
    pub fn may_mark_sessions_secure(self) -> bool {
        self.rack_files().any(|source| {
            source.ruby().calls.iter().any(|call| {
                call.name.value.trim_end_matches('=') == "session_store"
                    && call
                        .keyword("secure")
                        .is_some_and(|secure| secure.kind != ExpressionKind::False)
            })
        })
    }

    /// Whether something that is not known may answer a request before Rails' own middleware, or
    /// Rails' own is not what it is by default.
    pub fn may_be_answered_first(self) -> bool {
        self.rack_files().any(|source| {
            source.ruby().calls.iter().any(|call| {
                is_stack(source, call)
                    && (source.path().as_str() == RACKUP
                        || IN_FRONT.contains(&call.name.value.as_str()))
                    && !is_harmless(call)
            })
        }) || self.has_health_gem()
    }

    /// Whether something that is not known may answer a request instead of a route.
    pub fn may_answer(self) -> bool {
        self.may_be_answered_first()
            || self.rack_files().any(|source| {
                source
                    .ruby()
                    .calls
                    .iter()
                    .any(|call| is_stack(source, call) && !is_harmless(call))
            })
    }

    /// The files that middleware is put in place in.
    fn rack_files(self) -> impl Iterator<Item = &'a Source> {
        let tree = self.app.tree();
        [APPLICATION, PRODUCTION, RACKUP]
            .into_iter()
            .filter_map(|path| tree.source(path))
            .chain(self.app.rails().initializers())
    }

    /// Gems for health checks bring routes or middleware of their own.
    fn has_health_gem(self) -> bool {
        self.app
            .gems()
            .all_shipped()
            .iter()
            .any(|gem| gem.contains("health") || ["okcomputer", "easymon"].contains(&gem.as_str()))
    }

    /// What the hash of a setting excludes; `read` gives nothing where that cannot be told.
    fn options(
        self,
        path: &'static str,
        read: impl Fn(&'a Expression, &'a Document, &'a str) -> Option<Exclusion>,
    ) -> Answer<Exclusion> {
        self.app.rails().settled(path, || {
            let changed = [APPLICATION, PRODUCTION].into_iter().find_map(|file| {
                let source = self.app.tree().source(file)?;
                let mut calls = source.ruby().calls.iter();
                let call = calls.find(|call| call.receiver.as_deref() == Some(path))?;
                Some(Place::text(source.path(), call.span))
            });
            if let Some(place) = changed {
                return Answer::Unknown(place, Why::Dynamic);
            }
            self.app.rails().setting(path).and_then(|value| {
                let place = value.origin.place.clone();
                let source = place.path().and_then(|path| self.app.tree().source(path));
                let Some(source) = source.filter(|_| is_plain_hash(value.value)) else {
                    return Answer::Unknown(place, Why::Dynamic);
                };
                match read(value.value, source.ruby(), source.text()) {
                    Some(exclusion) if exclusion == Exclusion::default() => Answer::Absent(place),
                    Some(exclusion) => Answer::Is(value.map(|_| exclusion)),
                    None => Answer::Unknown(place, Why::Dynamic),
                }
            })
        })
    }
}

/// What Rack runs.
const RACKUP: &str = "config.ru";

fn slot(key: &str) -> Place {
    Place::Slot {
        path: PRODUCTION.into(),
        span: syntax::Span::default(),
        key: key.to_owned(),
    }
}

/// Whether a call changes what stands between Rack and the routes.
fn is_stack(source: &Source, call: &Call) -> bool {
    if source.path().as_str() == RACKUP {
        return call.receiver_span.is_none() && ["use", "map"].contains(&call.name.value.as_str());
    }
    let receiver = call.receiver.as_deref().unwrap_or_default();
    let is_middleware = receiver
        .rsplit('.')
        .next()
        .is_some_and(|last| last == "middleware" || last == "app_middleware");
    is_middleware && (call.name.value == "use" || IN_FRONT.contains(&call.name.value.as_str()))
}

/// Whether all middleware that a call names answers no request by itself.
fn is_harmless(call: &Call) -> bool {
    let places =
        usize::from(["insert_before", "insert_after", "insert"].contains(&&*call.name.value));
    call.arguments.get(places).is_some_and(|class| {
        matches!(&class.kind, ExpressionKind::Constant(name) if HARMLESS.contains(&name.as_str()))
    }) && !call.name.value.starts_with("delete")
        && call.name.value != "swap"
}

/// Adds the names that a call adds to `config.hosts`, or says where one is that cannot be told.
fn add_hosts(source: &Source, call: &Call, hosts: &mut Vec<Fact<String>>) -> Result<(), Place> {
    let place = Place::text(source.path(), call.span);
    let is_conditional = call
        .within()
        .iter()
        .any(|context| !matches!(context, Context::Block { .. } | Context::Namespace { .. }));
    let is_setting = call.operator.is_some() && call.path().as_deref() == Some("config.hosts");
    let is_change = call.receiver.as_deref() == Some("config.hosts");
    if !is_setting && !is_change {
        return Ok(());
    }
    if is_conditional {
        return Err(place);
    }
    let operator = call
        .operator
        .as_ref()
        .map(|operator| operator.value.as_str());
    match (operator, call.name.value.as_str()) {
        (Some("="), _) | (None, "clear") => hosts.clear(),
        (Some("+="), _) | (None, "<<" | "push" | "append" | "concat" | "unshift") => {}
        (None, asks) if ASKS.contains(&asks) => return Ok(()),
        _ => return Err(place),
    }
    for argument in call.arguments.iter() {
        let resolved = source.ruby().resolve(argument);
        let items = match &resolved.kind {
            ExpressionKind::Array(items) => items.as_slice(),
            ExpressionKind::Nil => &[],
            _ => std::slice::from_ref(resolved),
        };
        for item in items {
            let names = names_of_hosts(item).ok_or_else(|| place.clone())?;
            hosts.extend(names.into_iter().map(|name| {
                let why = "Rails answers for these names only";
                Fact::read(name, source.path(), call.span, why)
            }));
        }
    }
    Ok(())
}

/// What surely is a text, and so a name, as it is to be shown; none where there may be none.
fn names_of_hosts(expression: &Expression) -> Option<Vec<String>> {
    match &expression.kind {
        ExpressionKind::String(name) => Some(vec![name.clone()]),
        ExpressionKind::Env { name, .. } => Some(vec![format!("ENV[\"{name}\"]")]),
        ExpressionKind::Interpolated(parts) => {
            let shown = parts.iter().map(|part| match part {
                InterpolatedPart::Text(text) => text.as_str(),
                InterpolatedPart::Code(_) => "…",
            });
            Some(vec![shown.collect()])
        }
        // A container's name has no dot in it.
        ExpressionKind::Regex(pattern) if requires_dot(pattern) => {
            Some(vec![format!("/{pattern}/")])
        }
        ExpressionKind::Call {
            receiver: Some(receiver),
            name,
            ..
        } if name == "split" && matches!(receiver.kind, ExpressionKind::Env { .. }) => {
            Some(Vec::new())
        }
        _ => None,
    }
}

/// Whether all that a regular expression matches surely has a dot in it: one stands there by itself,
/// in no group, and there is no other branch.
fn requires_dot(pattern: &str) -> bool {
    if pattern.contains(['|', '[']) {
        return false;
    }
    let mut depth = 0;
    let mut characters = pattern.chars().peekable();
    let mut has_dot = false;
    while let Some(character) = characters.next() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => {
                let escaped = characters.next();
                let may_be_missing = matches!(characters.peek(), Some('?' | '*' | '{'));
                has_dot |= escaped == Some('.') && depth == 0 && !may_be_missing;
            }
            _ => {}
        }
    }
    has_dot
}

/// Whether a text is an address or a network of the internet.
fn is_public(text: &str) -> bool {
    let address = text.split('/').next().unwrap_or(text);
    match address.parse() {
        Ok(IpAddr::V4(v4)) => {
            // 100.64.0.0/10 is for carriers' own networks (RFC 6598).
            let is_shared = v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || is_shared)
        }
        Ok(IpAddr::V6(v6)) => (0x2000..0x4000).contains(&v6.segments()[0]),
        Err(_) => false,
    }
}

/// A hash without `**rest`.
fn is_plain_hash(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Hash(pairs) => pairs.iter().all(|(key, _)| key.as_name().is_some()),
        _ => false,
    }
}

/// The paths that a lambda compares the request's with, if that is all that it does.
fn excluded(lambda: &Expression, document: &Document, text: &str) -> Option<Exclusion> {
    let block = document
        .calls
        .iter()
        .filter(|call| lambda.span.encloses(call.span))
        .flat_map(Call::within)
        .find_map(|context| match context {
            Context::Block { call, span, .. }
                if lambda.span.encloses(*span)
                    && ["->", "lambda", "proc", "Proc.new"].contains(&call.as_str()) =>
            {
                Some(*span)
            }
            _ => None,
        })?;
    let body = block.of(text);
    let body = body
        .strip_prefix('{')
        .and_then(|body| body.strip_suffix('}'))
        .or_else(|| body.strip_prefix("do")?.strip_suffix("end"))?;
    // `lambda { |request| … }` has its parameter inside.
    let body = match body.trim_start().strip_prefix('|') {
        Some(rest) => rest.split_once('|')?.1,
        None => body,
    };
    paths(&ruby::expression(body.trim(), 0)?)
}

fn paths(expression: &Expression) -> Option<Exclusion> {
    let (receiver, name, arguments) = match &expression.kind {
        ExpressionKind::Or(left, right) => return Some(paths(left)?.and(paths(right)?)),
        ExpressionKind::Call {
            receiver: Some(receiver),
            name,
            arguments,
        } => (receiver, name.as_str(), arguments),
        _ => return None,
    };
    let texts = |expression: &Expression| -> Option<Vec<String>> {
        let items = match &expression.kind {
            ExpressionKind::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(expression),
        };
        items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    let only = || match &**arguments {
        [only] => Some(only),
        _ => None,
    };
    let exact = |exact| Exclusion {
        exact,
        ..Exclusion::default()
    };
    match name {
        "==" | "eql?" | "in?" if is_path(receiver) => texts(only()?).map(exact),
        "==" | "include?" | "member?" if is_path(only()?) => texts(receiver).map(exact),
        "start_with?" if is_path(receiver) => {
            let prefixes: Option<Vec<Vec<String>>> = arguments.iter().map(texts).collect();
            Some(Exclusion {
                prefixes: prefixes?.concat(),
                ..Exclusion::default()
            })
        }
        _ => None,
    }
}

/// `request.path`, whatever the request is called.
fn is_path(expression: &Expression) -> bool {
    matches!(&expression.kind, ExpressionKind::Call { receiver: Some(_), name, arguments }
        if arguments.is_empty() && ["path", "path_info", "fullpath"].contains(&name.as_str()))
}
