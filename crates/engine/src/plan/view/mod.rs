//! All thinking of a plan: the app's facts and the user's choices, flattened for the templates,
//! with a decision for everything that could be otherwise.
//!
//! Each file here thinks of one part of what is written; [`Basis`] is what they share.

mod basis;
mod boot;
mod budget;
mod client;
mod compose;
mod context;
mod database;
mod deploy;
mod gems;
mod hooks;
mod image;
mod javascript;
mod jobs;
mod left_out;
mod packages;
mod proxy;
mod scripts;
mod secrets;
mod size;
mod solid;
mod workflow;

use serde::Serialize;

use super::Decision;
use super::intent::Intent;
use crate::fact::Fact;
use crate::facts::App;
use basis::Basis;

pub use basis::Obstacle;
pub(super) use jobs::IN_PUMA;
pub use left_out::LeftOut;
pub use size::{Component, Estimate};

/// What the templates are filled with.
#[derive(Debug, Serialize)]
pub(super) struct View {
    #[serde(skip)]
    pub(super) summary: String,
    #[serde(skip)]
    pub(super) decisions: Vec<Decision>,
    #[serde(skip)]
    pub(super) notes: Vec<String>,
    #[serde(skip)]
    pub(super) estimate: Estimate,
    #[serde(skip)]
    pub(super) left_out: Vec<LeftOut>,
    pub(super) app: String,
    pub(super) workdir: String,
    pub(super) context: Option<context::Context>,
    pub(super) image: image::ImageView,
    pub(super) deploy: deploy::DeployView,
    #[serde(skip)]
    pub(super) destinations: Vec<deploy::DestinationView>,
    pub(super) solid: solid::SolidView,
    pub(super) scripts: scripts::ScriptsView,
    pub(super) compose: Option<compose::ComposeView>,
    #[serde(skip)]
    pub(super) hooks: Vec<&'static str>,
    pub(super) workflow: Option<workflow::WorkflowView>,
}

impl View {
    /// Thinks it all through.
    ///
    /// # Errors
    ///
    /// All that stands in the way.
    pub(super) fn of(app: &App<'_>, intent: &Intent) -> Result<View, Vec<Obstacle>> {
        let basis = Basis::of(app, intent)?;
        if let Some(obstacle) = secrets::obstacle(&basis) {
            return Err(vec![obstacle]);
        }
        let mut notebook = Notebook::default();
        if let Some(context) = &basis.context {
            context.think(&mut notebook);
        }
        let image = image::think(&basis, &mut notebook);
        let solid = solid::think(&basis, &mut notebook);
        let deploy = deploy::think(&basis, &image, &mut notebook);
        let destinations = deploy::destinations(&basis, &image, &deploy, &mut notebook);
        let scripts = scripts::think(&basis, &image);
        let compose = compose::think(&basis, &mut notebook);
        let hooks = hooks::think(&basis, &mut notebook);
        let workflow = workflow::think(&basis, &deploy, &destinations, &mut notebook);
        budget::think(&basis, &deploy, &mut notebook);
        let estimate = size::estimate(&basis, &image);
        Ok(View {
            summary: basis.summary(),
            decisions: notebook.decisions,
            notes: notebook.notes,
            estimate,
            left_out: left_out::think(&basis, &image),
            app: basis.name.clone(),
            workdir: basis.workdir.value.clone(),
            context: basis.context.clone(),
            image,
            deploy,
            destinations,
            solid,
            scripts,
            compose,
            hooks,
            workflow,
        })
    }
}

/// What was decided on the way, and what is worth knowing.
#[derive(Debug, Default)]
struct Notebook {
    decisions: Vec<Decision>,
    notes: Vec<String>,
}

impl Notebook {
    /// A decision that follows from a fact.
    fn decide<T: ToString>(
        &mut self,
        subject: &'static str,
        fact: &Fact<T>,
        why: impl Into<String>,
    ) {
        self.decisions.push(Decision::of(subject, fact, why));
    }

    /// A decision that follows from no place in the app.
    fn take(&mut self, subject: &'static str, value: impl Into<String>, why: impl Into<String>) {
        self.decisions
            .push(Decision::taken(subject, value, subject, why));
    }

    fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Says of what the app asks for that it is out of support, if it is: its line, and the day.
    fn note_end(&mut self, name: &str, end: Option<(&str, &str)>) {
        if let Some((line, day)) = end {
            self.note(format!(
                "Support of {name} {line} ended on {day}; the image has it because the app asks for it."
            ));
        }
    }
}

/// A variable as a file sets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct VariableView {
    name: String,
    value: String,
    comment: String,
}
