//! Writes every golden app and every variant, as it is after `init`, below a folder: what the proofs
//! give to Docker, Kamal, Compose and linters. With `mistakes`, the golden apps without a mistake, one
//! for each mistake of `tests/mistakes`, and `MISTAKES`, which lists the latter: folder, golden app, page,
//! title and the rules that find it, separated by tabs.
//!
//!     cargo run -p seaworthy-engine --example golden -- FOLDER [mistakes]

// It writes what the engine may not.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

#[path = "../tests/harness/mod.rs"]
mod harness;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use engine::App;
use engine::plan::{Intent, plan};
use engine::tree::Tree;

fn main() {
    let Some(folder) = std::env::args().nth(1).map(PathBuf::from) else {
        eprintln!("golden FOLDER [mistakes]: writes every golden app below FOLDER");
        std::process::exit(2);
    };
    if std::env::args()
        .nth(2)
        .is_some_and(|what| what == "mistakes")
    {
        println!("{} apps", mistakes(&folder));
        return;
    }
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
            write(
                &folder.join(slug(&case.title)),
                &harness::tree_of_variant(&case),
                &case.title,
            );
            count += 1;
        }
    }
    println!("{count} apps");
}

/// A title as the name of a folder.
fn slug(title: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    let plain = |c: char| {
        if is_plain(c) {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    title.chars().map(plain).collect()
}

fn mistakes(folder: &Path) -> usize {
    let clean = harness::golden_apps().into_iter().map(|name| {
        let tree = harness::clean(&name);
        (name, tree)
    });
    let mut count = 0;
    for (name, tree) in clean {
        write_tree(&folder.join(name), &tree);
        count += 1;
    }
    let mut list = String::new();
    for page in harness::mistake_pages() {
        let kind = page
            .text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("# ");
        for case in page.cases() {
            let rules: Vec<&str> = case
                .said("Finds")
                .iter()
                .filter_map(|found| found.split(" in ").next())
                .collect();
            let base = case.said("Base").join(" ");
            let name = slug(&case.title);
            let title = &case.title;
            let _ = writeln!(
                list,
                "{name}\t{base}\t{kind}\t{title}\t{}",
                rules.join(", ")
            );
            write_tree(&folder.join(name), &harness::tree_of_mistake(&case));
            count += 1;
        }
    }
    fs::write(folder.join("MISTAKES"), list).expect("the list can be written");
    count
}

/// An app in a repository with others is written where it is in that repository.
fn write(folder: &Path, tree: &Tree, name: &str) {
    let folder = &folder.join(tree.place().map_or("", |place| place.as_str()));
    let app = App::new(tree);
    let plan = plan(&app, &Intent::remembered(&app))
        .unwrap_or_else(|obstacles| panic!("{name}: {obstacles:?}"));
    write_tree(folder, &plan.after);
    // What init wrote, for tools that look at nothing else.
    let written: Vec<&str> = plan.files.iter().map(|file| file.path.as_str()).collect();
    fs::write(folder.join("WRITTEN"), written.join("\n") + "\n").expect("the list can be written");
}

fn write_tree(folder: &Path, tree: &Tree) {
    assert!(!folder.exists(), "{} is there already", folder.display());
    for source in tree.sources() {
        let path = folder.join(source.path().as_str());
        fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("the folder can be made");
        fs::write(&path, source.text()).expect("the file can be written");
        let mode = if source.is_executable() { 0o755 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("the mode can be set");
    }
    for (path, _) in tree.unreadable() {
        fs::create_dir_all(folder.join(path.as_str())).expect("the folder can be made");
    }
}
