use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Exposure, Layer::Build)
    .also(&["SecretsUsedInArgOrEnv", "DL3064"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (keyword, name) in image.stage_variables() {
        if is_secret(&name) {
            report
                .at(&name, format!("{keyword} keeps {name} where others can read it, in the image or in what the build leaves"))
                .help(format!(
                    "give it to the one step that needs it: `builder.secrets` in config/deploy.yml, and `RUN \
                     --mount=type=secret,id={name},env={name}`; what the app needs as it runs goes to `env.secret`"
                ));
        }
    }
    None
}

/// Whether a name says that its value is secret: one of its words, between underscores.
fn is_secret(name: &str) -> bool {
    const SECRET: [&str; 10] = [
        "apikey",
        "auth",
        "credential",
        "credentials",
        "key",
        "passwd",
        "password",
        "pword",
        "secret",
        "token",
    ];
    const HARMLESS: [&str; 3] = ["file", "public", "version"];
    let name = name.to_ascii_lowercase();
    let has = |words: &[&str]| name.split('_').any(|word| words.contains(&word));
    has(&SECRET) && !has(&HARMLESS)
}
