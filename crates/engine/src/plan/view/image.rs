//! The image: from which base, with what in it, and what it runs.

use serde::Serialize;

use super::Notebook;
use super::basis::Basis;
use super::boot::{self, BootView};
use super::client::{self, ClientView};
use super::gems::{self, GemsView};
use super::javascript::{self, JavaScriptView};
use super::packages;
use crate::fact::{Answer, Fact};
use crate::facts::support::end_of_ruby;
use crate::plan::intent::Choice;
use crate::plan::releases;
use crate::version::at_least;

/// Folders of the app that the running app writes to.
const WRITABLE: [&str; 6] = [
    "log",
    "storage",
    "tmp",
    "tmp/cache",
    "tmp/pids",
    "tmp/sockets",
];

/// Where bootsnap keeps what it compiled: outside of `tmp`, which a hardened container empties.
const BOOTSNAP_CACHE: &str = "/var/cache/bootsnap";

/// The Dockerfile.
#[derive(Debug, Serialize)]
pub(in crate::plan) struct ImageView {
    pub(super) ruby_version: String,
    pub(super) tag: &'static str,
    pub(super) is_alpine: bool,
    pub(super) runtime_packages: Vec<String>,
    pub(super) build_packages: Vec<String>,
    /// Variables of the running app besides those that every app has.
    pub(super) variables: Vec<(String, String)>,
    pub(super) gems: GemsView,
    pub(super) bootsnap: Option<BootsnapView>,
    pub(super) javascript: Option<JavaScriptView>,
    pub(super) client: Option<ClientView>,
    pub(super) assets: Option<AssetsView>,
    /// The commands that make of the code what runs, and leave nothing else behind.
    compile: Vec<String>,
    pub(super) boot: BootView,
    /// Secrets of the step that compiles: variables that package managers want to read whatever they do, and
    /// the key of credentials that are asked as Rails boots.
    build_secrets: Vec<String>,
    pub(super) writable: Vec<String>,
    pub(super) has_thruster: bool,
    has_jemalloc: bool,
    is_hardened: bool,
    pub(super) command: String,
    pub(super) port: u16,
    pub(super) labels: Vec<(&'static str, String)>,
}

#[derive(Debug, Serialize)]
pub(super) struct BootsnapView {
    pub(super) cache: &'static str,
    /// What of the app is compiled.
    #[serde(skip)]
    folders: Vec<&'static str>,
    /// Whether it can be told to leave its cache alone.
    pub(super) can_be_read_only: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct AssetsView {
    /// Where the pipeline's assets are, below `public`.
    pub(super) folder: String,
    /// What keeps the packages from being installed a second time.
    #[serde(skip)]
    skip_install: Option<&'static str>,
    /// Whether i18n-js writes translations that JavaScript is built with.
    #[serde(skip)]
    exports_translations: bool,
}

pub(super) fn think(basis: &Basis<'_>, notebook: &mut Notebook) -> ImageView {
    base(basis, notebook);
    let gems = gems::think(basis, notebook);
    let packages = packages::think(basis, &gems, notebook);
    let javascript = javascript::think(basis, &packages, notebook);
    let client = client::think(basis, notebook);
    let bootsnap = bootsnap(basis, notebook);
    let assets = assets(basis, javascript.as_ref(), notebook);
    let (command, port) = server(basis, notebook);
    let boot = assets
        .as_ref()
        .map(|_| boot::of_build(basis, notebook))
        .unwrap_or_default();
    let compile = compile(
        basis,
        &boot,
        bootsnap.as_ref(),
        assets.as_ref(),
        javascript.as_ref(),
        client.as_ref(),
        basis.app.tree().has("vendor/cache"),
    );
    let mut build_secrets = javascript
        .as_ref()
        .map(|javascript| javascript.secrets.clone())
        .unwrap_or_default();
    build_secrets.extend(boot.needs_key.then(|| boot::MASTER_KEY.to_owned()));
    let has_jemalloc = packages.runtime.iter().any(|name| name == "libjemalloc2");
    ImageView {
        ruby_version: basis.ruby.value.clone(),
        tag: basis.tag,
        is_alpine: basis.is_alpine(),
        runtime_packages: packages.runtime,
        build_packages: packages.build,
        variables: packages.variables.into_iter().collect(),
        gems,
        bootsnap,
        javascript,
        client,
        assets,
        compile,
        boot,
        build_secrets,
        writable: writable(basis),
        has_thruster: basis.thruster().is_some(),
        has_jemalloc,
        is_hardened: basis.intent.is_yes(Choice::Hardened),
        command,
        port,
        labels: vec![("org.opencontainers.image.title", basis.name.clone())],
    }
}

fn base(basis: &Basis<'_>, notebook: &mut Notebook) {
    if !basis.app.ruby().version().is_known() {
        notebook.note(format!(
            "Nothing in the app names its Ruby; {} was taken. Write the right one into .ruby-version.",
            releases::RUBY
        ));
    }
    notebook.decide(
        "Ruby",
        &basis.ruby,
        "the image must run the version that the app is tested with",
    );
    notebook.note_end("Ruby", end_of_ruby(&basis.ruby));
    let image = basis
        .distribution
        .clone()
        .map(|distribution| format!("{distribution}, ruby:{}-{}", basis.ruby.value, basis.tag));
    notebook.decide(
        "base image",
        &image,
        if basis.is_alpine() {
            "small, but musl: gems must be locked for it, and names of Alpine's packages are unproven here"
        } else {
            "Debian without documentation and compilers; a minor release gets its security fixes"
        },
    );
    if basis.is_alpine() {
        let platforms = basis.gem_platforms();
        let locked = basis.app.gems().platforms();
        let has = |platform: &str| locked.iter().any(|known| known.value == platform);
        // What is built from source is for any C library, unless Bundler finds a gem for Linux first.
        let is_built = has("ruby") && !locked.iter().any(|known| known.contains("linux"));
        if !is_built && !platforms.iter().all(|platform| has(platform)) {
            notebook.note(format!(
                "Alpine is musl, and Gemfile.lock was not resolved for it: run `bundle lock --add-platform {}`.",
                platforms.join(" ")
            ));
        }
    } else {
        platforms(basis, notebook);
    }
    notebook.decide(
        "folder",
        &basis.workdir,
        "the Dockerfile, asset_path and the volumes agree on it",
    );
}

/// Says so where the lockfile lacks a platform that the image is built for.
fn platforms(basis: &Basis<'_>, notebook: &mut Notebook) {
    let platforms = basis.app.gems().platforms();
    for platform in basis.gem_platforms() {
        let is_covered = platforms.iter().any(|known| {
            known.value == "ruby"
                || known.value == platform
                || known.value == format!("{platform}-gnu")
        });
        if !platforms.is_empty() && !is_covered {
            notebook.note(format!("Gemfile.lock was not resolved for {platform}: run `bundle lock --add-platform {platform}`, else `bundle install` stops in the build."));
        }
    }
}

fn bootsnap(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<BootsnapView> {
    let bootsnap = basis.gem("bootsnap")?;
    notebook.decide(
        "bootsnap",
        &bootsnap,
        "compiled in the build, in one process: several hang under emulation",
    );
    let tree = basis.app.tree();
    let folders: Vec<&str> = ["app/", "lib/"]
        .into_iter()
        // Before the listing of the root is known, Rails' own folders are taken for granted.
        .filter(|folder| tree.has(folder.trim_end_matches('/')))
        .collect();
    Some(BootsnapView {
        cache: BOOTSNAP_CACHE,
        folders: if folders.is_empty() {
            vec!["app/"]
        } else {
            folders
        },
        // bootsnap 1.12: `BOOTSNAP_READONLY`.
        can_be_read_only: at_least(&bootsnap, [1, 12]),
    })
}

fn assets(
    basis: &Basis<'_>,
    javascript: Option<&JavaScriptView>,
    notebook: &mut Notebook,
) -> Option<AssetsView> {
    let assets = basis.app.assets();
    let pipeline = assets
        .pipeline()
        .known()
        .map(|pipeline| pipeline.map(|pipeline| pipeline.to_string()));
    let pipeline = pipeline.or_else(|| {
        Some(
            basis
                .first_gem(&["vite_ruby", "shakapacker"])?
                .map(str::to_owned),
        )
    })?;
    notebook.decide(
        "assets",
        &pipeline,
        "compiled in the build with a dummy key, so no real one is in a layer",
    );
    let translations = basis.app.javascript().exported_translations();
    if let Some(file) = &translations {
        notebook.decide(
            "translations",
            file,
            "git has no file of that name, so i18n-js writes it before JavaScript is built",
        );
    }
    let folder = assets.folder().known().map(|folder| folder.value);
    Some(AssetsView {
        exports_translations: translations.is_some(),
        folder: folder.unwrap_or_else(|| "assets".to_owned()),
        skip_install: javascript.and_then(|javascript| javascript.skip_install),
    })
}

/// Folders that the running app writes to: those of Rails, those that uploaders keep files in, and where
/// `CarrierWave` has them before (carrierwave 3.1 `lib/carrierwave/uploader/configuration.rb`, `cache_dir`).
fn writable(basis: &Basis<'_>) -> Vec<String> {
    let mut folders: Vec<String> = WRITABLE.iter().map(|&folder| folder.to_owned()).collect();
    let uploads = basis.app.storage().of_uploaders();
    if !uploads.is_empty() {
        folders.push("public/uploads".to_owned());
    }
    for folder in uploads.into_iter().filter_map(Answer::known) {
        if !folders.contains(&folder.value) {
            folders.push(folder.value);
        }
    }
    folders
}

/// The key that assets are compiled with, as no real one is needed for it: Rails makes one up since 7.1
/// (rails 7.1 `railties/lib/rails/application.rb`, `secret_key_base`).
fn made_up_key(basis: &Basis<'_>) -> &'static str {
    let rails = basis.app.rails().version().known();
    match rails {
        Some(rails) if !at_least(&rails, [7, 1]) => "SECRET_KEY_BASE=made-up-for-the-build",
        _ => "SECRET_KEY_BASE_DUMMY=1",
    }
}

/// What the build stage does with the code.
fn compile(
    basis: &Basis<'_>,
    boot: &BootView,
    bootsnap: Option<&BootsnapView>,
    assets: Option<&AssetsView>,
    javascript: Option<&JavaScriptView>,
    client: Option<&ClientView>,
    has_vendored_gems: bool,
) -> Vec<String> {
    let mut commands = Vec::new();
    if let Some(bootsnap) = bootsnap {
        let folders = bootsnap.folders.join(" ");
        commands.push(format!("bundle exec bootsnap precompile -j 1 {folders}"));
    }
    let booted = |before: &str, command: &str| {
        let last = format!("{before}{} {command}", made_up_key(basis));
        let given = boot.made_up.iter().cloned().chain([last]);
        given.collect::<Vec<String>>().join(" \\\n    ")
    };
    if assets.is_some_and(|assets| assets.exports_translations) {
        commands.push(booted("", "bundle exec i18n export"));
    }
    commands.extend(javascript.and_then(|javascript| Some(javascript.build?.to_owned())));
    if let Some(assets) = assets {
        let skip = assets
            .skip_install
            .map_or_else(String::new, |skip| format!("{skip} "));
        commands.push(booted(&skip, "./bin/rails assets:precompile"));
    }
    let mut gone: Vec<&str> = javascript
        .map(|javascript| javascript.gone.iter().map(String::as_str).collect())
        .unwrap_or_default();
    gone.extend(has_vendored_gems.then_some("vendor/cache"));
    gone.extend(client.map(|client| client.folder));
    gone.extend(["log/*", "tmp/*"]);
    commands.push(format!("rm -rf {}", gone.join(" ")));
    if bootsnap.is_some() {
        commands.push(
            "find \"$BOOTSNAP_CACHE_DIR\" -type f ! -newer /var/cache/gems-compiled -delete"
                .to_owned(),
        );
    }
    commands
}

/// The image's command, and the port that it listens on.
fn server(basis: &Basis<'_>, notebook: &mut Notebook) -> (String, u16) {
    let wanted = basis.intent.yes_or_no(Choice::Thruster);
    if let Some(thruster) = basis.thruster() {
        if wanted.is_some_and(|wanted| !wanted.value) {
            notebook.note("Your Dockerfile starts Thruster, so the rest is for Thruster as well; `--replace Dockerfile` writes one without it.");
        }
        notebook.decide(
            "server",
            &thruster.map(|_| "Thruster in front of Puma"),
            "it compresses and caches, and listens on the port that Kamal asks",
        );
        return (r#""./bin/thrust", "./bin/rails", "server""#.to_owned(), 80);
    }
    if let Some(unicorn) = without_puma(basis, notebook) {
        let config = if basis.app.tree().has("config/unicorn.rb") {
            r#""-c", "config/unicorn.rb", "#
        } else {
            ""
        };
        notebook.decide(
            "server",
            &unicorn.map(|_| "Unicorn on port 3000"),
            "production's bundle has it, and not Puma; what its file says of folders and sockets has to fit the image",
        );
        return (
            format!(r#""bundle", "exec", "unicorn", {config}"-l", "0.0.0.0:3000""#),
            3000,
        );
    }
    let port = basis.app.puma().port().known();
    let port = port.and_then(|port| {
        let number = port.value.text_or_default()?.parse::<u16>().ok()?;
        Some(port.map(|_| number))
    });
    let port = port.unwrap_or_else(|| Fact::default(3000, "Rails' defaults", "rails server"));
    let why = match wanted {
        Some(wanted) if !wanted.value => {
            "Kamal talks to Puma, as you said that Thruster is not wanted"
        }
        _ => "Thruster is not in the bundle, so Kamal talks to Puma",
    };
    notebook.decide(
        "server",
        &port.clone().map(|port| format!("Puma on port {port}")),
        why,
    );
    if let Answer::Is(bind) = basis.app.puma().port()
        && bind.value.text_or_default().is_none()
    {
        notebook.note("Puma's port comes from a variable without a default: set it, or Kamal asks the wrong one.");
    }
    (r#""./bin/rails", "server""#.to_owned(), port.value)
}

/// Unicorn, where production's bundle has it instead of Puma. Where it has no server at all, that is said.
fn without_puma(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<Fact<String>> {
    /// What Rack starts, or what is a server by itself.
    const OTHERS: [&str; 8] = [
        "agoo",
        "falcon",
        "iodine",
        "itsi",
        "passenger",
        "pitchfork",
        "thin",
        "webrick",
    ];
    let gems = basis.app.gems();
    if !gems.shipped("puma").is_absent() {
        return None;
    }
    let unicorn = basis.gem("unicorn");
    if unicorn.is_none() && OTHERS.iter().all(|gem| gems.shipped(gem).is_absent()) {
        notebook.note("No gem of production's bundle is a web server, so `rails server` cannot start: put `puma` outside of all groups of the Gemfile.");
    }
    unicorn
}
