//! `HEALTHCHECK`: what Docker asks in a container, and Kamal's rollouts with it.
//!
//! Kamal waits for Docker's health where a role has no proxy, and kamal-proxy asks by itself where
//! it has one (kamal 2.12 `lib/kamal/commands/base.rb`, `DOCKER_HEALTH_STATUS_FORMAT`, and
//! `lib/kamal/cli/app/boot.rb`).

use syntax::dockerfile::{Arguments, Instruction, Keyword};

use crate::fact::{Answer, Fact};
use crate::facts::dockerfile::Stage;
use crate::facts::kamal::Role;
use crate::facts::process;

/// Options of `docker run` that say when it is asked for the first time.
const TIMES: [&str; 3] = [
    "health-interval",
    "health-start-interval",
    "health-start-period",
];

/// What a container calls itself.
const OWN: [&str; 4] = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"];

/// What Docker asks in a container, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// What the image asks; nothing where a role asks something of its own.
    command: Option<String>,
    /// Seconds; nothing where they cannot be told.
    first_after: Option<i64>,
}

impl Healthcheck {
    fn of(instruction: &Instruction) -> Option<Self> {
        let Arguments::Healthcheck {
            none: false,
            command: Some(command),
        } = &instruction.arguments
        else {
            return None;
        };
        let command = match &**command {
            Arguments::Exec(words) => {
                let words: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
                words.join(" ")
            }
            Arguments::Shell(text) => text.masked.clone(),
            _ => return None,
        };
        Some(Self {
            command: Some(command),
            first_after: first_after(instruction),
        })
    }

    /// The port of the container that the image asks a web server on, if nothing else would do.
    pub fn web_port(&self) -> Option<u16> {
        let command = self.command.as_deref()?;
        let (asks, otherwise) = match command.split_once("||") {
            Some((asks, otherwise)) => (asks, otherwise.trim()),
            None => (command, "exit 1"),
        };
        let gives_up = ["exit 1", "false"].contains(&otherwise);
        let program = asks.split_whitespace().next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or(program);
        let address = match program {
            "curl" | "wget" => OWN.iter().find_map(|own| asks.split_once(own)),
            // A script of its own names the scheme, too.
            "bun" | "node" | "ruby" => OWN
                .iter()
                .find_map(|own| asks.split_once(&format!("http://{own}"))),
            _ => None,
        };
        let (_, after) = address.filter(|_| gives_up)?;
        match after.strip_prefix(':') {
            None => Some(80),
            Some(port) => {
                let end = port.find(|c: char| !c.is_ascii_digit());
                port.get(..end.unwrap_or(port.len()))?.parse().ok()
            }
        }
    }

    /// Seconds until Docker asks for the first time.
    pub fn first_after(&self) -> Option<i64> {
        self.first_after
    }
}

/// An interval passes before Docker asks at all; while a start period lasts, a shorter one
/// (moby 28 `daemon/health.go`).
fn first_after(instruction: &Instruction) -> Option<i64> {
    let flag = |name: &str| {
        let flag = instruction
            .flags
            .iter()
            .find(|flag| flag.name.value == name)?;
        Some(flag.value.as_ref().and_then(|value| seconds(&value.value)))
    };
    let is_given = |name| !matches!(flag(name), None | Some(Some(0)));
    if is_given("start-period") {
        return flag("start-interval").unwrap_or(Some(5));
    }
    match flag("interval").unwrap_or(Some(30))? {
        0 => Some(30),
        seconds => Some(seconds),
    }
}

/// `30s` or `1m30s` in whole seconds, as Go reads a duration.
fn seconds(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut sum: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        let after = rest.get(digits..)?;
        let unit = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let factor = match after.get(..unit)? {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            "ms" => 0,
            _ => return None,
        };
        sum = sum.checked_add(number.checked_mul(factor)?)?;
        rest = after.get(unit..)?;
    }
    Some(sum)
}

impl Stage<'_> {
    /// What Docker asks in containers of the image; absent with `HEALTHCHECK NONE`, too.
    pub fn healthcheck(self) -> Answer<Healthcheck> {
        let path = self.image().source().path();
        let instruction = self.lineage().into_iter().find_map(|stage| {
            stage
                .instructions()
                .iter()
                .rfind(|instruction| instruction.keyword.value == Keyword::Healthcheck)
        });
        let found = instruction
            .and_then(|instruction| Some((Healthcheck::of(instruction)?, instruction.span)));
        match found {
            Some((healthcheck, span)) => Answer::Is(Fact::read(
                healthcheck,
                path,
                span,
                "Docker asks this in every container",
            )),
            None => Answer::Absent(crate::fact::Place::File(path.clone())),
        }
    }
}

impl Role<'_> {
    /// Docker's health check, where Kamal waits for it: in a role that surely has no proxy. What the
    /// role says of its own lies over the image's, option by option (moby 28 `daemon/commit.go`,
    /// `merge`).
    pub fn docker_healthcheck(&self) -> Option<Fact<Healthcheck>> {
        if !self.surely_has_no_proxy() {
            return None;
        }
        let image = || process::stage(self)?.healthcheck().known();
        let options = match self.options() {
            Answer::Absent(_) => return image(),
            Answer::Is(options) if options.is_settled() => options.value,
            Answer::Is(_) | Answer::Unknown(..) => return None,
        };
        if !options.get("no-healthcheck").is_absent() {
            return None;
        }
        let mut healthcheck = image()?;
        if !options.get("health-cmd").is_absent() {
            healthcheck.value.command = None;
        }
        let has_own_times = TIMES.iter().any(|option| !options.get(option).is_absent());
        if has_own_times {
            healthcheck.value.first_after = None;
        }
        Some(healthcheck)
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations_are_read_as_go_does() {
        for (text, value) in [
            ("30s", Some(30)),
            ("1m30s", Some(90)),
            ("1h", Some(3600)),
            ("500ms", Some(0)),
            ("30", None),
            ("s", None),
        ] {
            assert_eq!(seconds(text), value, "{text}");
        }
    }
}
