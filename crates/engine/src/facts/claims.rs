//! What a deploy takes of a server that no other can have: addresses of the proxy, ports, volumes,
//! names of containers.
//!
//! Upstream: kamal 2.12 `lib/kamal/configuration/{role,accessory}.rb`, kamal-proxy
//! `internal/server/service_map.go`, `CheckAvailability`.

use crate::fact::{Answer, Fact};
use crate::facts::kamal::{Accessory, Destination, Published, Role};
use crate::facts::setting::Setting;
use crate::rules::is_placeholder;

/// What a deploy asks for that names no host: all that nobody else has.
const ANY_HOST: &str = "any host";

/// Something that one deploy has on a server.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The server.
    pub server: String,
    /// What it is.
    pub kind: Kind,
    /// What it is called; two claims of a kind on a server collide if this is the same.
    pub name: Fact<String>,
    /// Whose it is on the server: claims of one owner never collide.
    pub owner: String,
}

/// What can be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A host that kamal-proxy leads to a role, with the path below it.
    ProxyHost,
    /// A port of the server.
    Port,
    /// A named volume.
    Volume,
    /// The name that containers are found by.
    Containers,
}

impl Destination<'_> {
    /// All that it takes of its servers, as far as the files tell.
    pub fn claims(&self) -> Vec<Claim> {
        let mut claims = Vec::new();
        let Some(service) = self.service().known() else {
            return claims;
        };
        for role in self.roles() {
            let owner = owner(&service, &role);
            for server in role.hosts().iter().filter(|server| !is_placeholder(server)) {
                let mut claim = |kind, name: Fact<String>| {
                    claims.push(Claim {
                        server: server.value.clone(),
                        kind,
                        name,
                        owner: owner.clone(),
                    });
                };
                claim(Kind::Containers, service.clone().map(|_| owner.clone()));
                for host in proxied_hosts(&role) {
                    claim(Kind::ProxyHost, host);
                }
                for port in role.claimed_ports() {
                    claim(Kind::Port, port.port);
                }
                for volume in named_volumes(self.root().get("volumes")) {
                    claim(Kind::Volume, volume);
                }
            }
        }
        for accessory in self.accessories() {
            claim_accessory(&accessory, &mut claims);
        }
        claims
    }
}

/// What can be deployed on its own, with its claims.
#[derive(Clone, Debug)]
pub struct Deploy {
    /// What its app is called, where several are looked at.
    app: Option<String>,
    /// The destination; nothing for the base file.
    destination: Option<String>,
    claims: Vec<Claim>,
}

/// A deploy, and those that came before it, of this app and of others.
pub struct Neighbours<'a> {
    /// The deploy.
    own: &'a Deploy,
    /// The others.
    before: Vec<&'a Deploy>,
}

/// Two claims of one thing, of which only one can have it.
#[derive(Debug)]
pub struct Collision<'a> {
    /// What this deploy claims.
    pub own: &'a Claim,
    /// What the other one does.
    other: &'a Claim,
    /// The other deploy; nothing if it is this one itself.
    neighbour: Option<&'a Deploy>,
}

impl Deploy {
    /// A destination with its claims.
    pub fn of(destination: &Destination<'_>) -> Self {
        Self {
            app: None,
            destination: destination.name().map(str::to_owned),
            claims: destination.claims(),
        }
    }

    /// The same, as a deploy of an app that is looked at beside another.
    #[must_use]
    pub fn of_app(self, app: &str) -> Self {
        Self {
            app: Some(app.to_owned()),
            ..self
        }
    }

    /// The destination; nothing for the base file.
    pub fn destination(&self) -> Option<&str> {
        self.destination.as_deref()
    }

    /// The hosts that it names.
    fn hosts(&self) -> impl Iterator<Item = &str> {
        self.claims
            .iter()
            .filter(|claim| claim.kind == Kind::ProxyHost && claim.name.value != ANY_HOST)
            .map(|claim| claim.name.as_str())
    }

    /// Whether both are surely deployed. A base file with everything in it may be there for its
    /// destinations alone; one that answers for other hosts is deployed itself.
    fn is_apart(&self, other: &Deploy) -> bool {
        other.app.is_some()
            || (self.destination.is_some() && other.destination.is_some())
            || (self.hosts().next().is_some()
                && other.hosts().next().is_some()
                && self
                    .hosts()
                    .all(|host| other.hosts().all(|other| other != host)))
    }
}

impl<'a> Neighbours<'a> {
    /// A deploy with those that came before it.
    pub fn new(own: &'a Deploy, before: Vec<&'a Deploy>) -> Self {
        Self { own, before }
    }

    /// The claims of a kind that collide with another deploy's, each once.
    pub fn collisions(&self, kind: Kind) -> Vec<Collision<'a>> {
        let mut collisions: Vec<Collision<'a>> = Vec::new();
        for &neighbour in self.before.iter().filter(|other| self.own.is_apart(other)) {
            for own in self.own.claims.iter().filter(|claim| claim.kind == kind) {
                let other = neighbour.claims.iter().find(|other| {
                    own.is_of_the_same(other)
                        && (neighbour.app.is_some() || own.owner != other.owner)
                });
                add(&mut collisions, own, other, Some(neighbour));
            }
        }
        collisions
    }

    /// The claims of a kind that two roles or accessories of this one deploy have, each once.
    pub fn within(&self, kind: Kind) -> Vec<Collision<'a>> {
        let mut collisions: Vec<Collision<'a>> = Vec::new();
        for (number, own) in self.own.claims.iter().enumerate() {
            let other = self.own.claims[..number]
                .iter()
                .find(|other| own.is_of_the_same(other) && own.owner != other.owner);
            if own.kind == kind {
                add(&mut collisions, own, other, None);
            }
        }
        collisions
    }
}

/// Adds a collision, unless one of that name is there.
fn add<'a>(
    collisions: &mut Vec<Collision<'a>>,
    own: &'a Claim,
    other: Option<&'a Claim>,
    neighbour: Option<&'a Deploy>,
) {
    let is_new = collisions
        .iter()
        .all(|known| known.own.name.value != own.name.value);
    if let Some(other) = other.filter(|_| is_new) {
        collisions.push(Collision {
            own,
            other,
            neighbour,
        });
    }
}

impl Claim {
    fn is_of_the_same(&self, other: &Claim) -> bool {
        self.kind == other.kind
            && self.server == other.server
            && self.name.value == other.name.value
    }
}

impl Collision<'_> {
    /// The other claim, if it stands in the same app.
    pub fn other(&self) -> Option<&Fact<String>> {
        let is_same_app = self.neighbour.is_none_or(|deploy| deploy.app.is_none());
        is_same_app.then_some(&self.other.name)
    }

    /// Whose the other claim is, to be said in a message: `staging`, `shop (production)`.
    pub fn whose(&self) -> String {
        let Some(neighbour) = self.neighbour else {
            return self.other.owner.clone();
        };
        match (&neighbour.app, &neighbour.destination) {
            (Some(app), Some(destination)) => format!("{app} ({destination})"),
            (Some(app), None) => app.clone(),
            (None, Some(destination)) => destination.clone(),
            (None, None) => "config/deploy.yml".to_owned(),
        }
    }
}

/// The name that a role's containers begin with: one deploy never stops another's.
fn owner(service: &str, role: &Role<'_>) -> String {
    let destination = role.destination().option();
    [Some(service), Some(role.name().as_str()), destination]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("-")
}

/// The hosts that kamal-proxy leads to a role, each with its path.
fn proxied_hosts(role: &Role<'_>) -> Vec<Fact<String>> {
    let Some(proxy) = role.proxy() else {
        return Vec::new();
    };
    let (Some(hosts), Some(paths)) = (proxy.hosts(), proxy.path_prefixes()) else {
        return Vec::new();
    };
    let mut hosts: Vec<Fact<String>> = hosts.into_iter().map(|host| host.name).collect();
    if hosts.is_empty() {
        hosts.push(role.name().clone().map(|_| ANY_HOST.to_owned()));
    }
    let mut paths: Vec<String> = paths
        .iter()
        .map(|path| format!("/{}", path.trim_matches('/')))
        .collect();
    if paths.is_empty() {
        paths.push("/".to_owned());
    }
    let mut bound = Vec::new();
    for host in &hosts {
        for path in &paths {
            let path = path.trim_end_matches('/');
            bound.push(host.clone().map(|host| format!("{host}{path}")));
        }
    }
    bound
}

/// The volumes that Docker keeps by a name, rather than folders of the server.
fn named_volumes(volumes: Answer<Setting<'_>>) -> Vec<Fact<String>> {
    let volumes = volumes.known().map(|volumes| volumes.texts());
    volumes
        .unwrap_or_default()
        .into_iter()
        .filter_map(|volume| {
            let name = volume.split_once(':')?.0.to_owned();
            let is_name = name.starts_with(|first: char| first.is_ascii_alphanumeric());
            is_name.then(|| volume.map(|_| name))
        })
        .collect()
}

fn claim_accessory(accessory: &Accessory<'_>, claims: &mut Vec<Claim>) {
    let Some(name) = accessory.host_name() else {
        return;
    };
    let port: Option<Fact<Published>> = accessory.published_port().known();
    for server in accessory
        .hosts()
        .iter()
        .filter(|server| !is_placeholder(server))
    {
        let claim = |kind, claimed: Fact<String>| Claim {
            server: server.value.clone(),
            kind,
            name: claimed,
            owner: name.value.clone(),
        };
        claims.push(claim(Kind::Containers, name.clone()));
        if let Some(port) = &port {
            claims.push(claim(
                Kind::Port,
                port.clone().map(|port| match &port.address {
                    // Ports of different addresses do not meet.
                    Some(address) if !port.is_public() => format!("{address}:{}", port.host),
                    _ => port.host.clone(),
                }),
            ));
        }
        for volume in named_volumes(accessory.get("volumes")) {
            claims.push(claim(Kind::Volume, volume));
        }
    }
}
