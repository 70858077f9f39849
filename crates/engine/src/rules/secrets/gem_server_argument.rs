use crate::facts::bundler::server_of_variable;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Exposure, Layer::Build).since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (keyword, name) in image.stage_variables() {
        let Some(server) = server_of_variable(&name) else {
            continue;
        };
        report
            .at(
                &name.clone().labelled("Bundler opens the server with it"),
                format!("{keyword} keeps the credentials of {server} where others can read them, in the image or in what the build leaves"),
            )
            .help("hand them to the one step that installs gems, by `builder.secrets` in config/deploy.yml and a mount")
            .snippet(format!(
                "RUN --mount=type=secret,id={name},env={name} \\\n    bundle install"
            ));
    }
    None
}
