use crate::facts::dockerfile::Image;
use crate::facts::dockerfile::Stage;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build)
    .also(&["DL3009"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (run, commands) in image.runs() {
        let is_kept = image.stage_of(run).is_some_and(Stage::is_kept);
        let update = commands.iter().find(|ran| {
            ran.runs(&["apt-get", "apt", "aptitude"])
                && ran.subcommand().as_deref() == Some("update")
        });
        let Some(update) = update.filter(|_| is_kept) else {
            continue;
        };
        let is_gone = commands
            .iter()
            .any(|ran| ran.deletes(&[LISTS, "/var/lib/apt"]));
        if is_gone || image.keeps_out(run, &[LISTS, "/var/lib/apt"]) {
            continue;
        }
        report
            .at(
                &update.fact((), "fetches them"),
                "the lists of Debian's packages stay in the image",
            )
            .help("end the step with `&& rm -rf /var/lib/apt/lists/*`");
    }
    None
}

/// Where apt keeps what its mirrors have.
const LISTS: &str = "/var/lib/apt/lists";
