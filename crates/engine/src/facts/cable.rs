//! Action Cable: whether the app uses it, and what carries its messages.

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::kamal::{Destination, Role};
use crate::facts::process::Process;
use crate::facts::puma::Condition;
use crate::facts::setting::{Setting, Value};
use crate::tree::Path;

/// Where Action Cable reads what carries messages.
pub const FILE: &str = "config/cable.yml";

/// The setting of the origins that are let in.
const ORIGINS: &str = "config.action_cable.allowed_request_origins";

/// Action Cable.
#[derive(Clone, Copy)]
pub struct Cable<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// Action Cable.
    pub fn cable(&'a self) -> Cable<'a> {
        Cable { app: self }
    }
}

impl Cable<'_> {
    /// A channel of the app's own, so that it surely uses Action Cable.
    pub fn channel(self) -> Option<Fact<String>> {
        let listed = self.app.tree().folder("app/channels")?;
        let channel = listed
            .iter()
            .find(|listed| listed.name.ends_with("_channel.rb") || listed.name == "channel.rb")?;
        let path = format!("app/channels/{}", channel.name);
        let place = Place::File(Path::new(&path)?);
        Some(Fact::new(path, Origin::at(place, "a channel")))
    }

    /// The origins that pages may come from, where all of them are plain texts.
    pub fn origins(self) -> Answer<Vec<String>> {
        let rails = self.app.rails();
        let list = rails.settled(ORIGINS, || rails.setting(ORIGINS));
        list.and_then(|list| {
            let items = match list.value.elements() {
                Some(items) => items,
                None => std::slice::from_ref(list.value),
            };
            let texts: Option<Vec<String>> = items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect();
            match texts {
                Some(texts) => Answer::Is(list.map(|_| texts).labelled("who is let in")),
                None => Answer::Unknown(list.origin.place, Why::Dynamic),
            }
        })
    }

    /// Where Redis is, if it carries the messages.
    pub fn url(self) -> Answer<Value> {
        let source = match self.app.file(FILE) {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        Setting::of_file(source)
            .and_then(|root| root.dig(&["production", "url"]))
            .and_then(|url| url.value.value())
    }
}

impl Destination<'_> {
    /// What runs the app beside the first process, so that a message sent there stays there: another
    /// role, another server, Puma's workers, or Solid Queue, which Puma forks
    /// (`solid_queue` 1.5 `lib/puma/plugin/solid_queue.rb`). Nothing if it cannot be told.
    pub fn second_process(&self) -> Option<(Fact<String>, &'static str)> {
        let roles = self.roles();
        roles.iter().find_map(|role| beside(role))
    }
}

fn beside(role: &Role<'_>) -> Option<(Fact<String>, &'static str)> {
    let app = role.destination().app();
    let process = role.process()?;
    match &process.value {
        Process::Jobs(_) => {
            return Some((role.name().clone(), "jobs run in containers of their own"));
        }
        Process::Other(_) => return None,
        Process::Web(_) => {}
    }
    if let [_, second, ..] = role.hosts().as_slice() {
        return Some((second.clone(), "the app runs on several servers"));
    }
    let workers = role.resolved(role.puma().workers()).known();
    if let Some(workers) = workers.filter(|workers| workers.parse::<u32>().is_ok_and(|all| all > 1))
    {
        return Some((
            workers.labelled("Puma's workers"),
            "Puma runs several workers",
        ));
    }
    let queue = app.solid().job_adapter().known()?;
    let plugin = role.puma().solid_queue_plugin().known()?;
    let runs = match &plugin.value {
        Condition::Always => true,
        Condition::Set(variable) => role.variable(variable).is_known(),
    };
    let is_threaded = role.puma().calls("solid_queue_mode");
    (queue.value == "solid_queue" && runs && !is_threaded).then(|| {
        let plugin = plugin.map(|_| "solid_queue".to_owned());
        (plugin, "Puma runs jobs in a process of their own")
    })
}
