//! What kamal-proxy is told for a role, beyond the port that it forwards to.
//!
//! Upstream: kamal 2.12 `lib/kamal/configuration/proxy.rb`, kamal-proxy 0.9.2.

use crate::fact::{Answer, Fact};
use crate::facts::kamal::{DEFAULTS, Destination, Proxy, Role};
use crate::facts::setting::Setting;

/// The path that kamal-proxy asks whether a container is well
/// (kamal-proxy 0.9.2 `internal/server/service.go`).
const HEALTH_PATH: &str = "/up";

/// A name that requests are served for.
#[derive(Clone, Debug)]
pub struct Host<'a> {
    /// The name, as kamal-proxy gets it.
    pub name: Fact<String>,
    /// The value that it is, or is one of.
    pub setting: Setting<'a>,
}

impl<'a> Proxy<'a> {
    /// The value at a path of keys.
    pub fn dig(&self, keys: &[&str]) -> Answer<Setting<'a>> {
        match keys.split_first() {
            Some((first, [])) => self.get(first),
            Some((first, rest)) => self.get(first).and_then(|setting| setting.dig(rest)),
            None => unreachable!("a path has a key"),
        }
    }

    /// The path that is asked, over plain HTTP and past every other proxy, until it answers with
    /// a status from 200 to 299.
    pub fn health_path(&self) -> Option<Fact<String>> {
        self.dig(&["healthcheck", "path"])
            .and_then(|path| path.text())
            .map(|path| format!("/{}", path.trim_start_matches('/')))
            .or_default(|| {
                Fact::default(HEALTH_PATH.to_owned(), DEFAULTS, "proxy.healthcheck.path")
            })
            .map(|path| path.labelled("kamal-proxy asks here"))
    }

    /// Seconds between two times that the path is asked, while a deploy waits for it.
    pub fn health_interval(&self) -> Answer<i64> {
        self.dig(&["healthcheck", "interval"])
            .and_then(|interval| interval.integer())
    }

    /// Whether it ends TLS; where that is said, if it is.
    pub fn ends_tls(&self) -> Option<Fact<bool>> {
        let ssl = match self.get("ssl") {
            Answer::Is(ssl) if ssl.is_mapping() => Answer::Is(ssl.map(|_| true)),
            ssl => ssl.and_then(|ssl| ssl.boolean()),
        };
        ssl.or_default(|| Fact::default(false, DEFAULTS, "proxy.ssl"))
            .map(|ends| ends.labelled("kamal-proxy ends TLS"))
    }

    /// What has it fetch certificates from Let's Encrypt: TLS without one of the user's own. Nothing
    /// where it fetches none, or that cannot be told.
    pub fn fetches_certificates(&self) -> Option<Fact<()>> {
        let ends_tls = self.ends_tls()?;
        let has_own = match self.get("ssl") {
            Answer::Is(ssl) if ssl.is_mapping() => {
                let parts = ["certificate_pem", "private_key_pem"].map(|part| ssl.get(part));
                if parts.iter().any(Answer::is_unknown) {
                    return None;
                }
                parts.iter().all(Answer::is_known)
            }
            _ => false,
        };
        (*ends_tls && !has_own).then(|| {
            ends_tls
                .map(|_| ())
                .labelled("certificates come from Let's Encrypt")
        })
    }

    /// The names that requests are served for; empty is all. Nothing where they cannot be told.
    ///
    /// `host` is split at commas, and nothing around them is taken away.
    pub fn hosts(&self) -> Option<Vec<Host<'a>>> {
        self.list("hosts", "host")
    }

    /// The paths below which requests are served, as they are written; empty is all.
    pub fn path_prefixes(&self) -> Option<Vec<Fact<String>>> {
        let prefixes = self.list("path_prefixes", "path_prefix")?;
        Some(prefixes.into_iter().map(|prefix| prefix.name).collect())
    }

    /// The list under `many`, or what stands between the commas of `one`.
    fn list(&self, many: &str, one: &str) -> Option<Vec<Host<'a>>> {
        match self.get(many) {
            Answer::Unknown(..) => return None,
            Answer::Is(list) => {
                let items = list.items();
                let known: Vec<Host<'a>> = items
                    .iter()
                    .filter_map(|item| {
                        Some(Host {
                            name: item.text().known()?,
                            setting: item.clone(),
                        })
                    })
                    .collect();
                return (list.is_settled() && known.len() == items.len()).then_some(known);
            }
            Answer::Absent(_) => {}
        }
        match self.get(one) {
            Answer::Is(setting) => {
                let text = setting.text().known()?;
                let names = text.value.split(',').map(str::to_owned);
                Some(
                    names
                        .map(|name| Host {
                            name: text.clone().map(|_| name),
                            setting: setting.value.clone(),
                        })
                        .collect(),
                )
            }
            Answer::Absent(_) => Some(Vec::new()),
            Answer::Unknown(..) => None,
        }
    }
}

impl<'a> Role<'a> {
    /// Whether kamal-proxy is surely not in front of it. (That it has a proxy is surely so where
    /// [`proxy`](Role::proxy) gives one.)
    pub fn surely_has_no_proxy(&self) -> bool {
        // Kamal 1 has another proxy and another way to wait.
        if !self.destination().root().get("traefik").is_absent() {
            return false;
        }
        match self.get("proxy") {
            Answer::Is(own) => own.boolean().known().is_some_and(|on| !*on),
            Answer::Absent(_) => {
                let primary = self.destination().primary_role();
                primary.is_some_and(|primary| *primary != **self.name())
            }
            Answer::Unknown(..) => false,
        }
    }

    /// Seconds that its containers have to stop before Docker kills them: `stop_timeout`, else
    /// Docker's own where there is a proxy, which has let requests end by then, else `drain_timeout`
    /// (kamal 2.12 `lib/kamal/configuration/role.rb`, `stop_args`).
    pub fn stop_timeout(&self) -> Option<Fact<i64>> {
        let root = self.destination().root();
        let number = |setting: Answer<Setting<'a>>| setting.and_then(|setting| setting.integer());
        let own = number(self.get("stop_timeout")).or_else(|| number(root.get("stop_timeout")));
        let timeout = match own {
            Answer::Is(timeout) => timeout,
            Answer::Unknown(..) => return None,
            Answer::Absent(_) if self.surely_has_no_proxy() => number(root.get("drain_timeout"))
                .or_default(|| Fact::default(30, DEFAULTS, "drain_timeout"))?,
            Answer::Absent(_) => {
                self.proxy()?;
                number(self.option("stop-timeout"))
                    .or_default(|| Fact::default(10, "Docker's defaults", "docker stop"))?
            }
        };
        Some(timeout.labelled("Docker waits so long"))
    }

    /// What `docker run` is told beyond Kamal's own options.
    pub fn options(&self) -> Answer<Setting<'a>> {
        self.get("options")
    }
}

impl Destination<'_> {
    /// `error_pages_path`: the folder of the pages that kamal-proxy answers with itself.
    pub fn error_pages_folder(&self) -> Option<Fact<String>> {
        let folder = self.root().get("error_pages_path");
        let folder = folder.and_then(|folder| folder.text()).known()?;
        Some(folder.labelled("the folder of the error pages"))
    }

    /// Seconds that a new container has until it must be well.
    pub fn deploy_timeout(&self) -> Option<Fact<i64>> {
        let timeout = self
            .root()
            .get("deploy_timeout")
            .and_then(|timeout| timeout.integer());
        let timeout = timeout.or_default(|| Fact::default(30, DEFAULTS, "deploy_timeout"))?;
        Some(timeout.labelled("Kamal waits so long"))
    }
}

/// A port of the server that containers of a role are to answer on.
#[derive(Clone, Debug)]
pub struct Claimed<'a> {
    /// The server's port, as `docker run --publish` is told: `3000`, `127.0.0.1:9394`.
    pub port: Fact<String>,
    /// The value that says so.
    pub setting: Setting<'a>,
}

impl<'a> Role<'a> {
    /// The ports of the server that its containers claim, each of which one container can have.
    ///
    /// A range and a port of the container alone leave the choice to Docker.
    pub fn claimed_ports(&self) -> Vec<Claimed<'a>> {
        let Some(options) = self.options().known() else {
            return Vec::new();
        };
        ["publish", "p"]
            .into_iter()
            .filter_map(|key| options.get(key).known())
            .flat_map(|publish| {
                if publish.is_sequence() {
                    publish.items()
                } else {
                    vec![publish.value]
                }
            })
            .filter_map(|setting| {
                let text = setting.text().known()?;
                let port = claimed_port(&text)?;
                Some(Claimed {
                    port: text.map(|_| port),
                    setting,
                })
            })
            .collect()
    }
}

/// The server's part of `3000:3000` or `127.0.0.1:3000:3000/tcp`, if it is one port.
fn claimed_port(publish: &str) -> Option<String> {
    let (host, _) = publish.rsplit_once(':')?;
    let port = host.rsplit(':').next()?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && port != "0").then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::claimed_port;

    #[test]
    fn a_port_is_claimed_only_where_docker_has_no_choice() {
        for (publish, port) in [
            ("3000:3000", Some("3000")),
            ("127.0.0.1:9394:9394/tcp", Some("127.0.0.1:9394")),
            ("[::1]:9394:9394", Some("[::1]:9394")),
            ("3000", None),
            ("0:3000", None),
            ("9000-9010:9394", None),
            ("127.0.0.1::3000", None),
        ] {
            assert_eq!(claimed_port(publish).as_deref(), port, "{publish}");
        }
    }
}
