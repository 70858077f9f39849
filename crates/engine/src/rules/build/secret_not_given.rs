use std::collections::BTreeSet;

use crate::facts::dockerfile::Stage;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let given = build.secrets()?;
    let mut told: BTreeSet<String> = BTreeSet::new();
    for mount in build.stages().into_iter().flat_map(Stage::run_mounts) {
        let Some(id) = mount
            .id
            .clone()
            .filter(|id| mount.kind == "secret" && !id.contains('$'))
        else {
            continue;
        };
        let is_given = given.iter().any(|given| given.value == id);
        if is_given || mount.required == Some(false) || !told.insert(id.clone()) {
            continue;
        }
        let finding = report.at(
            &mount.clone().labelled("mounted here"),
            format!("a step mounts the secret {id}, and `builder.secrets` does not have it"),
        );
        for given in &given {
            finding.because(&given.clone().labelled("given to the build"));
        }
        let is_known = destination.secrets().lookup(&id).is_known();
        let add = destination.root().get("builder").known();
        let add = add
            .filter(|_| is_known)
            .and_then(|builder| builder.add_list("secrets", vec![id.clone()]));
        let help = if is_known {
            ""
        } else {
            ", and look it up in the secrets files"
        };
        finding.fix(format!("add {id} to `builder.secrets`{help}"), add);
        // A step can be written so that it does without.
        if mount.required != Some(true) {
            finding.confidence(Confidence::Likely);
        }
    }
    None
}
