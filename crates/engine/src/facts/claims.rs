//! What a deploy takes of a server that no other can have: addresses of the proxy, ports, volumes,
//! names of containers.
//!
//! Upstream: kamal 2.12 `lib/kamal/configuration/{role,accessory}.rb`, kamal-proxy
//! `internal/server/service_map.go`, `CheckAvailability`.

use crate::fact::Fact;
use crate::facts::kamal::{Accessory, Destination, Role};
use crate::facts::mounts::{self, Mount};
use crate::facts::placeholders::is_placeholder;

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
    /// Of a volume, what is kept in it, by paths below its root: two that have nothing of the same name
    /// in it share nothing.
    holds: Vec<String>,
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
            let containers = service.clone().map(|_| owner.clone());
            let mut taken = vec![(Kind::Containers, containers)];
            taken.extend(of_kind(Kind::ProxyHost, proxied_hosts(&role)));
            let ports = role.claimed_ports().into_iter().map(|port| port.port);
            taken.extend(of_kind(Kind::Port, ports));
            claims.extend(on_each(&role.hosts(), &owner, &taken));
            for mount in named_volumes(role.mounts()) {
                let holds = kept_in(&role, &mount);
                let volume = [(Kind::Volume, mount.map(|mount| mount.source))];
                let volumes = on_each(&role.hosts(), &owner, &volume).into_iter();
                claims.extend(volumes.map(|claim| Claim {
                    holds: holds.clone(),
                    ..claim
                }));
            }
        }
        for accessory in self.accessories() {
            let Some(name) = accessory.host_name() else {
                continue;
            };
            let mut taken = vec![(Kind::Containers, name.clone())];
            taken.extend(of_kind(Kind::Port, published(&accessory)));
            let volumes = named_volumes(mounts::listed(accessory.get("volumes"))).into_iter();
            taken.extend(of_kind(
                Kind::Volume,
                volumes.map(|mount| mount.map(|mount| mount.source)),
            ));
            claims.extend(on_each(&accessory.hosts(), &name, &taken));
        }
        claims
    }
}

fn of_kind(
    kind: Kind,
    names: impl IntoIterator<Item = Fact<String>>,
) -> impl Iterator<Item = (Kind, Fact<String>)> {
    names.into_iter().map(move |name| (kind, name))
}

/// The same on each server; what stands for a server's address is none.
fn on_each(hosts: &[Fact<String>], owner: &str, taken: &[(Kind, Fact<String>)]) -> Vec<Claim> {
    let servers = hosts.iter().filter(|host| !is_placeholder(host));
    servers
        .flat_map(|server| {
            taken.iter().map(|(kind, name)| Claim {
                server: server.value.clone(),
                kind: *kind,
                name: name.clone(),
                owner: owner.to_owned(),
                holds: vec![String::new()],
            })
        })
        .collect()
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

/// Something that this deploy and another claim, and only one can have.
#[derive(Debug)]
pub struct Collision {
    /// The server.
    pub server: String,
    /// What it is called; worked out from the other's, where that stands in the same app.
    pub name: Fact<String>,
    /// Whose it is, too, to be said in a message: `staging`, `shop (production)`.
    pub whose: String,
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
    pub fn collisions(&self, kind: Kind) -> Vec<Collision> {
        let mut collisions = Vec::new();
        for &neighbour in self.before.iter().filter(|other| self.own.is_apart(other)) {
            for own in self.own.claims.iter().filter(|claim| claim.kind == kind) {
                let other = neighbour.claims.iter().find(|other| {
                    own.is_of_the_same(other)
                        && (neighbour.app.is_some() || own.owner != other.owner)
                });
                if let Some(other) = other {
                    add(&mut collisions, own, other, Some(neighbour));
                }
            }
        }
        collisions
    }

    /// The same, and those that two roles or accessories of this one deploy have.
    pub fn collisions_and_own(&self, kind: Kind) -> Vec<Collision> {
        let mut collisions = Vec::new();
        for (number, own) in self.own.claims.iter().enumerate() {
            let other = self.own.claims[..number]
                .iter()
                .find(|other| own.is_of_the_same(other) && own.owner != other.owner);
            if let Some(other) = other.filter(|_| own.kind == kind) {
                add(&mut collisions, own, other, None);
            }
        }
        collisions.extend(self.collisions(kind));
        collisions
    }
}

/// Adds a collision, unless one of that name is there.
fn add(collisions: &mut Vec<Collision>, own: &Claim, other: &Claim, neighbour: Option<&Deploy>) {
    if collisions
        .iter()
        .any(|known| known.name.value == own.name.value)
    {
        return;
    }
    let app = neighbour.and_then(|deploy| deploy.app.as_deref());
    let name = match app {
        None => own
            .name
            .clone()
            .because(other.name.clone().labelled("the other one").origin),
        Some(_) => own.name.clone(),
    };
    collisions.push(Collision {
        server: own.server.clone(),
        name,
        whose: match (app, neighbour) {
            (_, None) => other.owner.clone(),
            (Some(app), Some(deploy)) => match deploy.destination() {
                Some(destination) => format!("{app} ({destination})"),
                None => app.to_owned(),
            },
            (None, Some(deploy)) => deploy
                .destination()
                .unwrap_or("the deploy without a destination")
                .to_owned(),
        },
    });
}

impl Claim {
    fn is_of_the_same(&self, other: &Claim) -> bool {
        self.kind == other.kind
            && self.server == other.server
            && self.name.value == other.name.value
            && (self.kind != Kind::Volume
                || self.holds.iter().any(|path| other.holds.contains(path)))
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
fn named_volumes(mounts: Option<Vec<Fact<Mount>>>) -> Vec<Fact<Mount>> {
    let mounts = mounts.unwrap_or_default().into_iter();
    mounts.filter(|mount| mount.is_named()).collect()
}

/// What a role surely keeps in a volume, by paths below its root: SQLite's databases and uploads. Only
/// what production has is known.
fn kept_in(role: &Role<'_>, mount: &Mount) -> Vec<String> {
    let app = role.destination().app();
    if !role.destination().is_production() {
        return Vec::new();
    }
    let databases = app.databases().known();
    let files = databases.iter().flat_map(|databases| databases.iter());
    let files = files.filter_map(|database| Some(database.file(role).known()?.value));
    let is_disk = app.storage().is_used()
        && app
            .storage()
            .kind()
            .known()
            .is_some_and(|kind| *kind == "Disk");
    let uploads = app.storage().folder().known().filter(|_| is_disk);
    let uploads = uploads.and_then(|folder| role.path(&folder));
    files
        .chain(uploads)
        .filter(|path| mount.has(path))
        .filter_map(|path| Some(path.strip_prefix(&mount.target)?.to_owned()))
        .collect()
}

/// The server's port that an accessory is published on.
fn published(accessory: &Accessory<'_>) -> Option<Fact<String>> {
    let port = accessory.published_port().known()?;
    Some(port.map(|port| match &port.address {
        // Ports of different addresses do not meet.
        Some(address) if !port.is_public() => format!("{address}:{}", port.host),
        _ => port.host,
    }))
}
