//! Where the app asks for Redis' address.

use syntax::ruby::{Call, ExpressionKind};

use crate::fact::{Fact, Origin};
use crate::facts::App;
use crate::facts::setting::Setting;

/// What a variable says of Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its whole address.
    Url,
    /// The address, which the app puts a database's number behind: `"#{ENV["REDIS_URL"]}/1"`.
    UrlWithoutDatabase,
    /// The address, which the app puts a port behind.
    UrlWithoutPort,
    /// Its host's name.
    Host,
    /// Its port.
    Port,
    /// The password that it asks for.
    Password,
}

impl Part {
    fn of(name: &str) -> Option<Self> {
        let mut words = name.split('_');
        let last = words.clone().next_back();
        match last {
            _ if !name.contains("REDIS") => None,
            Some("HOST" | "HOSTNAME") => Some(Self::Host),
            Some("PORT") => Some(Self::Port),
            Some("PASSWORD") => Some(Self::Password),
            _ if name.ends_with("URL") || words.any(|word| word == "URL") => Some(Self::Url),
            _ => None,
        }
    }

    /// What is left of an address that stands in a text, where more of it follows.
    fn before(self, rest: &str) -> Self {
        let rest = rest.trim_start();
        match self {
            Self::Url if rest.starts_with("}:") => Self::UrlWithoutPort,
            Self::Url if rest.starts_with("}/") => Self::UrlWithoutDatabase,
            part => part,
        }
    }

    fn is_url(self) -> bool {
        matches!(
            self,
            Self::Url | Self::UrlWithoutDatabase | Self::UrlWithoutPort
        )
    }
}

impl App<'_> {
    /// The variables that the files of production's configuration read Redis' address from, each once:
    /// `REDIS_URL`, `SIDEKIQ_REDIS_URL`, `REDIS_HOST`. Where one is read as a whole and as a part, it is the part,
    /// as an address is one without its port as well.
    pub fn redis_variables(&self) -> Vec<Fact<(String, Part)>> {
        let sources = self.rails().configuring();
        let in_ruby = sources.flat_map(|source| {
            let calls = source.ruby().calls.iter();
            calls.filter_map(|call| {
                let name = read_by(call)?;
                let part = Part::of(name)?.before(&source.text()[call.span.end as usize..]);
                let read = (name.to_owned(), part);
                Some(Fact::read(read, source.path(), call.span, "read here"))
            })
        });
        let cable = self.tree().source("config/cable.yml");
        let cable = cable.and_then(|source| Setting::of_file(source).known());
        let production = cable.and_then(|cable| cable.get("production").known());
        let in_cable = production.and_then(|own| {
            let url = own.get("url").known()?;
            let name = url.variable()?;
            let part = Part::of(&name).filter(|part| part.is_url())?;
            let origin = Origin::at(url.place(), "read here");
            Some(Fact::new((name, part), origin))
        });
        let mut found: Vec<Fact<(String, Part)>> = Vec::new();
        for read in in_ruby.chain(in_cable) {
            let known = found.iter_mut().find(|known| known.value.0 == read.value.0);
            match known {
                Some(known)
                    if known.value.1 == Part::Url || read.value.1 == Part::UrlWithoutPort =>
                {
                    known.value.1 = read.value.1;
                }
                Some(_) => {}
                None => found.push(read),
            }
        }
        found
    }
}

/// The variable that a call reads, unless something else than a text stands in for it.
fn read_by(call: &Call) -> Option<&str> {
    if call.receiver.as_deref() != Some("ENV") {
        return None;
    }
    let (name, default) = match (call.name.value.as_str(), &*call.arguments) {
        ("[]" | "fetch", [name]) => (name, None),
        ("fetch", [name, default]) => (name, Some(default)),
        _ => return None,
    };
    let is_settled = default.is_none_or(|default| {
        matches!(
            default.kind,
            ExpressionKind::String(_) | ExpressionKind::Nil
        )
    });
    name.as_str().filter(|_| is_settled)
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn names_say_what_of_redis_they_have() {
        for (name, part) in [
            ("REDIS_URL", Some(Part::Url)),
            ("SIDEKIQ_REDIS_URL", Some(Part::Url)),
            ("REDIS_URL_SIDEKIQ", Some(Part::Url)),
            ("REDIS_HOST", Some(Part::Host)),
            ("CACHE_REDIS_PORT", Some(Part::Port)),
            ("REDIS_PASSWORD", Some(Part::Password)),
            ("REDIS_POOL_SIZE", None),
            ("DATABASE_URL", None),
        ] {
            assert_eq!(Part::of(name), part, "{name}");
        }
    }

    #[test]
    fn an_address_that_is_put_together_is_a_part() {
        for (rest, part) in [
            (") }", Part::Url),
            ("}:#{port}/0\"", Part::UrlWithoutPort),
            ("}/1\"", Part::UrlWithoutDatabase),
        ] {
            assert_eq!(Part::Url.before(rest), part, "{rest}");
        }
    }
}
