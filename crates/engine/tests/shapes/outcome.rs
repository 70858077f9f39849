//! What comes of a shape, and how it is judged.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use engine::App;
use engine::plan::{Obstacle, Plan, PlannedFile, State, plan};
use engine::render::json;
use engine::tree::Tree;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use syntax::dockerfile::{Arguments, Dockerfile, Instruction, Keyword, Word};
use syntax::yaml::Node;

use super::shape::{Shape, shapes};

/// How many shapes are drawn.
pub(super) const CASES: u32 = 170;

pub(super) enum Outcome {
    Planned(Box<Planned>),
    Refused(Vec<Obstacle>),
    Panicked(String),
}

pub(super) struct Planned {
    pub(super) before: Tree,
    pub(super) plan: Plan,
}

impl Outcome {
    pub(super) fn of(shape: &Shape) -> Self {
        let planned = catch_unwind(AssertUnwindSafe(|| {
            let before = shape.tree();
            let app = App::new(&before);
            let planned = plan(&app, &shape.intent(&app));
            planned.map(|plan| Planned { before, plan })
        }));
        match planned {
            Ok(Ok(planned)) => Self::Planned(Box::new(planned)),
            Ok(Err(obstacles)) => Self::Refused(obstacles),
            Err(panic) => Self::Panicked(said(panic.as_ref())),
        }
    }
}

pub(super) fn said(panic: &dyn Any) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| Some((*panic.downcast_ref::<&str>()?).to_owned()))
        .unwrap_or_default()
}

pub(super) fn runner() -> TestRunner {
    TestRunner::deterministic()
}

/// All shapes with what comes of them, drawn and planned once.
pub(super) fn all() -> &'static [(Shape, Outcome)] {
    static ALL: OnceLock<Vec<(Shape, Outcome)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let cases = std::env::var_os("PROPTEST_CASES").map_or(CASES, |_| Config::default().cases);
        let (mut runner, shapes) = (runner(), shapes());
        (0..cases)
            .map(|_| {
                let shape = shapes
                    .new_tree(&mut runner)
                    .expect("nothing is rejected")
                    .current();
                let outcome = Outcome::of(&shape);
                (shape, outcome)
            })
            .collect()
    })
}

pub(super) type Verdict = Result<(), String>;

/// Every outcome passes; the first that does not is made smaller for as long as it still fails.
pub(super) fn holds_for_outcomes(judge: impl Fn(&Shape, &Outcome) -> Verdict) {
    let failing: Vec<(usize, String)> = all()
        .iter()
        .enumerate()
        .filter_map(|(index, (shape, outcome))| Some((index, judge(shape, outcome).err()?)))
        .collect();
    let Some((index, _)) = failing.first() else {
        return;
    };
    let mut reasons: BTreeMap<String, u32> = BTreeMap::new();
    for (_, why) in &failing {
        let start: String = why.chars().take(200).collect();
        *reasons.entry(start).or_default() += 1;
    }
    let (mut runner, shapes) = (runner(), shapes());
    let mut tree = shapes.new_tree(&mut runner).expect("nothing is rejected");
    for _ in 0..*index {
        tree = shapes.new_tree(&mut runner).expect("nothing is rejected");
    }
    let fails = |shape: &Shape| judge(shape, &Outcome::of(shape)).err();
    let mut smallest = (tree.current(), fails(&tree.current()).expect("it failed"));
    for _ in 0..150 {
        let shape = tree.current();
        let goes_on = match fails(&shape) {
            Some(why) => {
                smallest = (shape, why);
                tree.simplify()
            }
            None => tree.complicate(),
        };
        if !goes_on {
            break;
        }
    }
    let (shape, why) = smallest;
    panic!(
        "{} of {} fail: {reasons:#?}\n{why}\n{shape:?}",
        failing.len(),
        all().len()
    );
}

/// The same for what is planned.
pub(super) fn holds(judge: impl Fn(&Shape, &Planned) -> Verdict) {
    holds_for_outcomes(|shape, outcome| match outcome {
        Outcome::Planned(planned) => judge(shape, planned),
        Outcome::Refused(_) | Outcome::Panicked(_) => Ok(()),
    });
}

pub(super) fn ensure(holds: bool, why: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(why()) }
}

impl Planned {
    /// A file that init writes, and the user did not have.
    pub(super) fn ours(&self, path: &str) -> Option<&PlannedFile> {
        let file = self
            .plan
            .files
            .iter()
            .find(|file| file.path.as_str() == path)?;
        let is_ours = matches!(file.state, State::New | State::Replaced | State::Updated);
        is_ours.then_some(file)
    }

    pub(super) fn image(&self) -> Option<Dockerfile> {
        Some(syntax::dockerfile::parse(&self.ours("Dockerfile")?.text))
    }

    /// Everything that a person or a file gets to see.
    pub(super) fn texts(&self) -> Vec<(String, String)> {
        let plan = &self.plan;
        let mut texts: Vec<(String, String)> = plan
            .files
            .iter()
            .map(|file| (file.path.to_string(), file.text.clone()))
            .collect();
        for decision in &plan.decisions {
            let origin = decision.origin.place.describe(&self.before);
            texts.push((
                format!("the decision on {}", decision.subject),
                format!("{} {} {origin}", decision.value, decision.why),
            ));
        }
        texts.extend(
            plan.notes
                .iter()
                .map(|note| ("a note".to_owned(), note.clone())),
        );
        texts.extend(
            plan.next
                .iter()
                .map(|step| ("a step".to_owned(), step.command.clone())),
        );
        let left_out = plan.left_out.iter().map(|left| format!("{left:?}"));
        texts.extend(left_out.map(|text| ("what is left out".to_owned(), text)));
        texts.push((
            "the audit".to_owned(),
            json::report(&[engine::render::Told::of(&plan.audit, &plan.after)]).to_string(),
        ));
        texts
    }
}

pub(super) fn stages(image: &Dockerfile) -> Vec<Vec<&Instruction>> {
    let mut stages: Vec<Vec<&Instruction>> = Vec::new();
    for instruction in &image.instructions {
        if *instruction.keyword == Keyword::From {
            stages.push(Vec::new());
        }
        if let Some(stage) = stages.last_mut() {
            stage.push(instruction);
        }
    }
    stages
}

/// The words of the last instruction of a kind in the last stage, or in all.
pub(super) fn words(instruction: &Instruction) -> Vec<String> {
    match &instruction.arguments {
        Arguments::Words(words) => words.iter().filter_map(Word::literal).collect(),
        Arguments::Exec(words) => words.iter().map(|word| word.value.clone()).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn last(image: &Dockerfile, keyword: &Keyword) -> Option<Vec<String>> {
    let found = image
        .instructions
        .iter()
        .rfind(|instruction| *instruction.keyword == *keyword)?;
    Some(words(found))
}

/// A value below a mapping, by keys.
pub(super) fn dig<'d>(node: Option<Node<'d>>, keys: &[&str]) -> Option<Node<'d>> {
    keys.iter()
        .try_fold(node?, |node, key| Some(node.get(key)?.value))
}

pub(super) fn scalar(node: Node<'_>) -> Option<String> {
    Some(node.scalar()?.text()?.to_owned())
}

/// The items of a list, or one text.
pub(super) fn list(node: Option<Node<'_>>) -> Vec<String> {
    let Some(node) = node else { return Vec::new() };
    if node.is_sequence() {
        node.items().into_iter().filter_map(scalar).collect()
    } else {
        scalar(node).into_iter().collect()
    }
}
