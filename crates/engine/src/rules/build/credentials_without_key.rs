use crate::facts::boot::RequiredKey;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

/// What gives a step the key, or lets the app tell that it is being built.
const KEYS: [&str; 2] = ["RAILS_MASTER_KEY", ".key"];

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let source = build.image().source();
    if KEYS.iter().any(|key| source.text().contains(key)) || build.may_have_key() {
        return None;
    }
    let (stage, step) = build.asset_steps().into_iter().next()?;
    let place = stage.step_fact(
        (),
        step.span,
        "assets are compiled here, without the key of the credentials",
    );
    let is_lifted = |required: &RequiredKey| match required {
        RequiredKey::Always => false,
        RequiredKey::Unless(variable) => source.text().contains(variable.as_str()),
    };
    let app = destination.app();
    if let Some(required) = app.required_key().filter(|required| !is_lifted(required)) {
        destination.credentials()?;
        report
            .at(
                &required,
                "the image cannot be built: Rails stops where the credentials have no key",
            )
            .because(&place)
            .confidence(Confidence::Likely)
            .help("set it to `ENV[\"SECRET_KEY_BASE_DUMMY\"].blank?`, or mount RAILS_MASTER_KEY as a secret of that step");
        return None;
    }
    for part in app.credentials_at_boot() {
        report
            .at(
                part,
                format!("the image cannot be built: without their key `credentials.{}` is nil, and what is asked of it fails", part.value),
            )
            .because(&place)
            .confidence(Confidence::Likely)
            .help("ask with `dig`, which gives nil, or mount RAILS_MASTER_KEY as a secret of that step");
    }
    None
}
