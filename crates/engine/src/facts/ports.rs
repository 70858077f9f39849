//! On which port a role's containers listen in truth, and who reaches it.

use crate::fact::{Answer, Fact, Origin, Why};
use crate::facts::kamal::Role;
use crate::facts::process::{Process, Server, Web, role_variable};
use crate::facts::puma::port_of_bind;
use crate::facts::setting::Value;

/// Thruster's own defaults, as origins name them (thruster 0.1.22 `internal/config.go`).
const THRUSTER: &str = "Thruster's defaults";

/// The port that a role's containers listen on for HTTP.
pub fn listening_port(role: &Role<'_>) -> Option<Fact<u16>> {
    let process = role.process()?;
    let Process::Web(web) = &process.value else {
        return None;
    };
    let command = process.origin.clone();
    if web.thruster {
        let port = thruster_port(role)?;
        return Some(port.labelled("Thruster listens here").because(command));
    }
    server_port(role, web, command)
}

/// The port that the server behind Thruster listens on, and on which it can be reached past it.
/// Absent without Thruster.
pub fn port_behind_thruster(role: &Role<'_>) -> Answer<u16> {
    let place = role.name().origin.place.clone();
    let unknown = |place| Answer::Unknown(place, Why::Dynamic);
    let Some(process) = role.process() else {
        return unknown(place);
    };
    match &process.value {
        Process::Web(web) if web.thruster => match server_port(role, web, process.origin.clone()) {
            Some(port) => Answer::Is(port),
            None => unknown(place),
        },
        _ => Answer::Absent(place),
    }
}

/// The port of the server itself, whether Thruster stands in front or not.
fn server_port(role: &Role<'_>, web: &Web, command: Origin) -> Option<Fact<u16>> {
    let told = web
        .port
        .or_else(|| web.binds.iter().find_map(|bind| port_of_bind(bind)));
    if let Some(port) = told {
        return Some(Fact::new(port, command).labelled("the server is told to listen here"));
    }
    let variable = |name: &str| match name {
        "PORT" if web.thruster => target_port(role),
        name => role_variable(role, name),
    };
    // Under `rails server`, PORT wins over `port` and `bind` in config/puma.rb
    // (rails 8.1 `railties/lib/rails/commands/server/server_command.rb`, user_supplied_options).
    let given = match variable("PORT") {
        Answer::Is(set) if web.server == Server::Rails => Some(set),
        Answer::Unknown(..) if web.server == Server::Rails => return None,
        _ => None,
    };
    let puma = role.puma().port();
    let port = match (given, puma) {
        (Some(set), Answer::Is(port)) => set.because(port.origin),
        (Some(set), _) => set,
        (None, Answer::Is(port)) => match port.value.clone() {
            Value::Text(text) => port.map(|_| text),
            Value::Variable { name, default } => match variable(&name) {
                Answer::Is(set) => set.because(port.origin),
                Answer::Absent(_) => port.map(|_| default.unwrap_or_default()),
                Answer::Unknown(..) => return None,
            },
        },
        (None, Answer::Absent(_)) => match variable("PORT") {
            Answer::Is(set) => set,
            Answer::Absent(_) if web.server == Server::Rails => {
                Fact::default("3000".to_owned(), "Rails' defaults", "rails server")
            }
            Answer::Absent(_) => Fact::default("9292".to_owned(), "Puma's defaults", "port"),
            Answer::Unknown(..) => return None,
        },
        (None, Answer::Unknown(..)) => return None,
    };
    let number: u16 = port.value.parse().ok()?;
    Some(
        port.map(|_| number)
            .labelled("the container listens here")
            .because(command),
    )
}

/// `HTTP_PORT`, 80 unless it is set.
fn thruster_port(role: &Role<'_>) -> Option<Fact<u16>> {
    let port = thruster_setting(role, ["THRUSTER_HTTP_PORT", "HTTP_PORT"], "80").known()?;
    let number: u16 = port.value.parse().ok()?;
    Some(port.map(|_| number))
}

/// `TARGET_PORT`, which Thruster gives the server as `PORT`, whatever `PORT` was
/// (thruster 0.1.22 `internal/service.go`).
fn target_port(role: &Role<'_>) -> Answer<String> {
    thruster_setting(role, ["THRUSTER_TARGET_PORT", "TARGET_PORT"], "3000")
}

/// A variable that Thruster reads, the name that wins first (thruster 0.1.22 `internal/config.go`).
fn thruster_setting(
    role: &Role<'_>,
    names: [&'static str; 2],
    default: &'static str,
) -> Answer<String> {
    for name in names {
        match role_variable(role, name) {
            Answer::Absent(_) => {}
            answer => return answer,
        }
    }
    Answer::Is(Fact::default(default.to_owned(), THRUSTER, names[1]))
}

/// Where the server of a role listens, if only its own container reaches that: the loopback
/// address or a socket, as it is written. Nothing where Thruster stands in front and reaches it.
pub fn private_address(role: &Role<'_>) -> Option<Fact<String>> {
    let process = role.process()?;
    let Process::Web(web) = &process.value else {
        return None;
    };
    if web.thruster {
        return None;
    }
    let command = process.origin.clone();
    if !web.binds.is_empty() {
        let is_private = web.binds.iter().all(|bind| is_private(bind));
        let fact =
            Fact::new(web.binds.join(", "), command).labelled("the server is told to listen here");
        return is_private.then_some(fact);
    }
    if web.port.is_some() {
        return None;
    }
    if web.server == Server::Rails {
        // Any of these clears what config/puma.rb binds (puma 8.0 `lib/rack/handler/puma.rb`,
        // rails 8.1 `railties/lib/rails/commands/server/server_command.rb`).
        let none_given = ["PORT", "HOST"]
            .iter()
            .all(|name| role_variable(role, name).is_absent());
        match role_variable(role, "BINDING") {
            Answer::Is(host) => {
                return is_private(&host).then(|| {
                    host.labelled("`rails server` listens here")
                        .because(command)
                });
            }
            Answer::Absent(_) if none_given => {}
            Answer::Absent(_) | Answer::Unknown(..) => return None,
        }
    }
    let binds = role.puma().binds().known()?;
    binds
        .value
        .iter()
        .all(|bind| is_private(bind))
        .then(|| binds.map(|binds| binds.join(", ")).because(command))
}

/// Whether an address, or a URL as `bind` takes it, is only reached inside the container.
fn is_private(bind: &str) -> bool {
    if bind.starts_with("unix:") || bind.starts_with(['/', '@']) {
        return true;
    }
    let address = ["tcp://", "ssl://"]
        .iter()
        .find_map(|scheme| bind.strip_prefix(scheme))
        .unwrap_or(bind);
    let host = match address.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None if address.matches(':').count() > 1 => Some(address),
        None => address.split([':', '?']).next(),
    };
    host.is_some_and(|host| host == "localhost" || host == "::1" || host.starts_with("127."))
}

/// Seconds after which Thruster cuts a response off, however far it is (thruster 0.1.22
/// `internal/config.go`: 30). Nothing without Thruster.
pub fn thruster_write_timeout(role: &Role<'_>) -> Option<Fact<i64>> {
    let process = role.process()?;
    let Process::Web(Web { thruster: true, .. }) = &process.value else {
        return None;
    };
    let names = ["THRUSTER_HTTP_WRITE_TIMEOUT", "HTTP_WRITE_TIMEOUT"];
    let timeout = thruster_setting(role, names, "30").known()?;
    let seconds: i64 = timeout.value.parse().ok()?;
    Some(
        timeout
            .map(|_| seconds)
            .labelled("Thruster waits so long")
            .because(process.origin),
    )
}
