use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let app = destination.app();
    let adapter = app.solid().cable_adapter().known()?;
    // Turbo alone does not say that messages are sent.
    let channel = app.cable().channel()?;
    if !destination.is_production() {
        return None;
    }
    let (second, message) = match adapter.as_str() {
        "test" => (
            None,
            "Action Cable has the adapter of tests, which keeps every message in memory".to_owned(),
        ),
        "async" => {
            let (second, why) = destination.second_process()?;
            let message =
                format!("Action Cable's messages stay in the process that sends them, and {why}");
            (Some(second), message)
        }
        _ => return None,
    };
    let finding = report.at(&adapter.labelled("messages stay in one process"), message);
    if let Some(second) = second {
        finding.because(&second);
    }
    // Perhaps no message is sent from there.
    finding.because(&channel).confidence(Confidence::Likely).help(
        "let the database carry messages, with `adapter: solid_cable`, or Redis with `adapter: redis`",
    );
    None
}
