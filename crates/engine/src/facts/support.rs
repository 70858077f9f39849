//! Versions of Ruby and Node in the image that get no more fixes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use syntax::dockerfile::Keyword;

use crate::fact::{Answer, Fact};
use crate::facts::build::Build;
use crate::facts::dockerfile::{Stage, pairs};
use crate::facts::reference;

/// What had ended when the table was written.
#[derive(Deserialize)]
struct Ended {
    /// By the first two numbers.
    ruby: BTreeMap<String, String>,
    /// By the first one.
    node: BTreeMap<String, String>,
}

static ENDED: LazyLock<Ended> = LazyLock::new(|| {
    toml::from_str(include_str!("../../knowledge/tables/support.toml"))
        .expect("the table of support is valid")
});

/// Since when a version of Ruby gets no more fixes, with its line: `3.2`.
pub fn end_of_ruby(version: &str) -> Option<(&'static str, &'static str)> {
    let mut parts = version.splitn(3, '.');
    let line = format!("{}.{}", parts.next()?, parts.next()?);
    let (line, day) = ENDED.ruby.get_key_value(&line)?;
    Some((line, day))
}

/// The same of Node: `20`.
pub fn end_of_node(version: &str) -> Option<(&'static str, &'static str)> {
    let line = version.trim_start_matches('v').split('.').next()?;
    let (line, day) = ENDED.node.get_key_value(line)?;
    Some((line, day))
}

impl Stage<'_> {
    /// Whether a step of its own does something with an argument.
    fn reads(self, argument: &str) -> bool {
        let text = self.image().source().text();
        let mut steps = self.instructions().iter();
        steps
            .any(|step| step.keyword.value != Keyword::Arg && step.span.of(text).contains(argument))
    }
}

impl Build<'_> {
    /// The versions of Node that the build uses: of Node's own images, and of the argument that Rails'
    /// Dockerfile installs it by.
    pub fn nodes(&self) -> Vec<Fact<String>> {
        const ARGUMENT: &str = "NODE_VERSION";
        let mut nodes: Vec<Fact<String>> = Vec::new();
        for stage in self.stages() {
            let own = stage.parent().is_none().then(|| self.base_of(stage));
            let images = stage.copied_from().into_iter().chain(own.flatten());
            nodes.extend(images.filter_map(|image| {
                let tag = reference::tag(&image)?;
                let is_node = reference::official(&image) == Some("node");
                let version = tag.split('-').next()?.to_owned();
                is_node.then(|| image.map(|_| version))
            }));
            let mut arguments = stage
                .instructions()
                .iter()
                .filter(|instruction| instruction.keyword.value == Keyword::Arg)
                .flat_map(pairs);
            let declared = arguments
                .find(|pair| pair.key.value == ARGUMENT)
                .filter(|_| stage.reads(ARGUMENT));
            nodes.extend(declared.and_then(|pair| match self.argument(ARGUMENT) {
                Answer::Is(given) => Some(given),
                Answer::Absent(_) => {
                    let own = pair.value.as_ref();
                    let own = own.and_then(|value| Some((value.literal()?, value.span)));
                    let own = own.map(|(text, span)| stage.step_fact(text, span, ""));
                    own.or_else(|| self.image().global_argument(ARGUMENT))
                }
                Answer::Unknown(..) => None,
            }));
        }
        let mut told: Vec<Fact<String>> = Vec::new();
        for node in nodes {
            if told
                .iter()
                .all(|known| known.origin.place != node.origin.place)
            {
                told.push(node);
            }
        }
        told
    }
}
