use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["FromPlatformFlagConstDisallowed", "DL3029"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        let Some(flag) = stage.platform() else {
            continue;
        };
        let Some((platform, (system, architecture))) = flag
            .literal()
            .and_then(|platform| Some((platform.clone(), parts(&platform)?)))
        else {
            continue;
        };
        let name = stage
            .name()
            .map(|name| name.to_lowercase())
            .unwrap_or_default();
        if name.contains(&system) || name.contains(&architecture) {
            continue;
        }
        report
            .at(
                &image.fact((), flag.span, "always this platform"),
                format!("the stage is built for {platform}, whatever the build is for"),
            )
            .help("leave it to `builder.arch` in config/deploy.yml, or name the platform in the stage's name");
    }
    None
}

const SYSTEMS: [&str; 17] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];

const ARCHITECTURES: [&str; 26] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
    "i386",
    "x86",
];

/// The system and the architecture that a platform means; nothing if it means none (containerd/platforms 1.0,
/// `platforms.go`, `database.go`). What is left out is the builder's own, which is taken to be Linux on amd64.
fn parts(platform: &str) -> Option<(String, String)> {
    let parts: Vec<String> = platform.split('/').map(str::to_ascii_lowercase).collect();
    let is_part = |part: &String| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || "._:-".contains(c))
    };
    if parts.len() > 3 || !parts.iter().all(is_part) {
        return None;
    }
    let system = |name: &str| {
        if name == "macos" {
            "darwin".to_owned()
        } else {
            name.to_owned()
        }
    };
    let architecture = |name: &str| match name {
        "i386" => "386".to_owned(),
        "x86_64" | "x86-64" => "amd64".to_owned(),
        "aarch64" => "arm64".to_owned(),
        "armhf" | "armel" => "arm".to_owned(),
        name => name.to_owned(),
    };
    match parts.as_slice() {
        [one] if SYSTEMS.contains(&system(one).as_str()) => Some((system(one), "amd64".to_owned())),
        [one] if ARCHITECTURES.contains(&architecture(one).as_str()) => {
            Some(("linux".to_owned(), architecture(one)))
        }
        [_] => None,
        [one, two, ..] => Some((system(one), architecture(two))),
        [] => None,
    }
}
