//! Writes every golden app and every variant, as it is after `init`, below a folder: what the proofs
//! give to Docker, Kamal, Compose and linters.
//!
//!     cargo run -p seaworthy-engine --example golden -- FOLDER

// It writes what the engine may not.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

#[path = "../tests/harness/mod.rs"]
mod harness;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use engine::App;
use engine::plan::{Intent, plan};
use engine::tree::Tree;

fn main() {
    let Some(folder) = std::env::args().nth(1).map(PathBuf::from) else {
        eprintln!("golden FOLDER: writes every golden app below FOLDER");
        std::process::exit(2);
    };
    let mut count = 0;
    for name in harness::golden_apps() {
        let app = harness::workspace()
            .join("tests/apps")
            .join(&name)
            .join("app");
        write(&folder.join(&name), &harness::tree_of(&app), &name);
        count += 1;
    }
    for page in harness::variant_pages() {
        for case in page.cases() {
            let name: String = case
                .title
                .chars()
                .map(|c| {
                    if c.is_ascii_alphanumeric() {
                        c.to_ascii_lowercase()
                    } else {
                        '-'
                    }
                })
                .collect();
            write(
                &folder.join(&name),
                &harness::tree_of_variant(&case),
                &case.title,
            );
            count += 1;
        }
    }
    println!("{count} apps");
}

/// An app in a repository with others is written where it is in that repository.
fn write(folder: &Path, tree: &Tree, name: &str) {
    let folder = &folder.join(tree.place().map_or("", |place| place.as_str()));
    let app = App::new(tree);
    let plan = plan(&app, &Intent::remembered(&app))
        .unwrap_or_else(|obstacles| panic!("{name}: {obstacles:?}"));
    assert!(!folder.exists(), "{} is there already", folder.display());
    for source in plan.after.sources() {
        let path = folder.join(source.path().as_str());
        fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("the folder can be made");
        fs::write(&path, source.text()).expect("the file can be written");
        let mode = if source.is_executable() { 0o755 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("the mode can be set");
    }
    // What init wrote, for tools that look at nothing else.
    let written: Vec<&str> = plan.files.iter().map(|file| file.path.as_str()).collect();
    fs::write(folder.join("WRITTEN"), written.join("\n") + "\n").expect("the list can be written");
}
