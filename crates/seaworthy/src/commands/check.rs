//! `seaworthy check`

use std::io::Read;
use std::path::{Path, PathBuf};

use engine::change::Changes;
use engine::facts::claims::Deploy;
use engine::finding::{Finding, Report, Safety, Severity};
use engine::posture::{Side, posture};
use engine::render::{json, text};
use engine::tree::{Path as AppPath, Tree};
use engine::{App, Selection};
use rayon::prelude::*;

use crate::arguments::{Check, FailOn, Global};
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, apply, disk};

/// One app, or one Dockerfile on its own, and what of it is reported.
struct Subject {
    root: PathBuf,
    tree: Tree,
    /// The only files whose findings are reported; empty is all.
    only: Vec<String>,
    /// What the app is called where several are checked: its folder as it was given.
    prefix: String,
}

pub(crate) fn run(global: &Global, check: &Check, output: &Output) -> Result<Verdict, Error> {
    let selection = Selection {
        select: check.select.clone(),
        ignore: check.ignore.clone(),
        destination: global.destination.clone(),
    };
    if let Some(name) = selection.unknown() {
        return Err(
            Error::new(format!("there is no rule or group called `{name}`"))
                .hint("`seaworthy explain` lists all rules"),
        );
    }
    let mut subjects = subjects(global, check)?;
    if let Some(destination) = &global.destination {
        refuse_unknown_destination(&subjects, destination)?;
    }
    if check.fix {
        for subject in &mut subjects {
            fix(subject, check, &selection, output)?;
        }
    }
    report(&subjects, check, &selection, output)
}

fn report(
    subjects: &[Subject],
    check: &Check,
    selection: &Selection,
    output: &Output,
) -> Result<Verdict, Error> {
    let mut all = Report::default();
    let mut printed = String::new();
    let (mut found, mut posture) = (Vec::new(), Vec::new());
    let mut files = 0;
    let deploys: Vec<Vec<Deploy>> = match subjects {
        [_] => vec![Vec::new()],
        several => several.par_iter().map(deploys_of).collect(),
    };
    let checked: Vec<(Vec<Finding>, Vec<Side>)> = subjects
        .par_iter()
        .enumerate()
        .map(|(number, subject)| {
            let before = deploys[..number].concat();
            (findings(subject, &before, selection), sides(subject))
        })
        .collect();
    for (subject, (findings, sides)) in subjects.iter().zip(checked) {
        files += subject.tree.sources().count();
        if output.is_json() {
            let with_app = |value| prefixed(value, &subject.prefix);
            let values = json::findings(&findings, &subject.tree);
            found.extend(values.into_iter().map(with_app));
            let values = json::posture(&sides, &subject.tree);
            posture.extend(values.into_iter().map(with_app));
        } else {
            if !subject.prefix.is_empty() && !findings.is_empty() {
                printed.push_str(&output.bold(&format!("{}\n", subject.prefix)));
            }
            printed.push_str(&text::findings(&findings, &subject.tree, output.style()));
        }
        all.findings.extend(findings);
    }
    if output.is_json() {
        let mut document = json::report(&Report::default(), &Tree::default(), files);
        document["findings"] = found.into();
        document["posture"] = posture.into();
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            document["summary"][format!("{}s", severity.word())] = all.count(severity).into();
        }
        output.json(&document)?;
    } else {
        output.result(&printed)?;
        if let ([only], false) = (subjects, output.is_quiet()) {
            output.result(&text::posture(&sides(only), &only.tree))?;
        }
        output.result(&format!("{}\n", output.bold(&text::summary(&all, files))))?;
    }
    let fails = |finding: &Finding| match check.fail_on {
        FailOn::Never => false,
        FailOn::Error => finding.rule.meta.severity == Severity::Error,
        FailOn::Warning => finding.rule.meta.severity <= Severity::Warning,
        FailOn::Note => true,
    };
    Ok(if all.findings.iter().any(fails) {
        Verdict::Negative
    } else {
        Verdict::Fine
    })
}

/// How far the app is closed, where all of it is looked at.
fn sides(subject: &Subject) -> Vec<Side> {
    if subject.only.is_empty() && disk::is_app(&subject.root) {
        posture(&App::new(&subject.tree))
    } else {
        Vec::new()
    }
}

fn deploys_of(subject: &Subject) -> Vec<Deploy> {
    let deploys = engine::deploys(&App::new(&subject.tree)).into_iter();
    deploys
        .map(|deploy| deploy.of_app(&subject.prefix))
        .collect()
}

/// What is found in an app; the deploys before it may be to the same servers.
fn findings(subject: &Subject, before: &[Deploy], selection: &Selection) -> Vec<Finding> {
    let app = App::new(&subject.tree);
    let mut findings = engine::check_beside(&app, before, selection).findings;
    if !subject.only.is_empty() {
        findings.retain(|finding| {
            let places = std::iter::once(&finding.primary).chain(&finding.related);
            let mut paths = places.filter_map(|label| label.place.path());
            paths.any(|path| subject.only.iter().any(|only| only == path.as_str()))
        });
    }
    findings
}

/// Paths of a finding are relative to its app; with several apps the app's folder goes before.
fn prefixed(mut finding: serde_json::Value, prefix: &str) -> serde_json::Value {
    if !prefix.is_empty() {
        finding["app"] = prefix.into();
    }
    finding
}

fn refuse_unknown_destination(subjects: &[Subject], wanted: &str) -> Result<(), Error> {
    let mut known: Vec<String> = Vec::new();
    for subject in subjects {
        let app = App::new(&subject.tree);
        known.extend(
            app.destinations()
                .iter()
                .filter_map(|destination| Some(destination.name()?.to_owned())),
        );
    }
    if known.iter().any(|name| name == wanted) {
        return Ok(());
    }
    let hint = if known.is_empty() {
        "the app has no config/deploy.NAME.yml".to_owned()
    } else {
        format!("there are: {}", known.join(", "))
    };
    Err(Error::new(format!("there is no destination called `{wanted}`")).hint(hint))
}

/// Applies the fixes of the findings until no more can be: a fix may uncover another finding.
fn fix(
    subject: &mut Subject,
    check: &Check,
    selection: &Selection,
    output: &Output,
) -> Result<(), Error> {
    if check.stdin_path.is_some() {
        return Err(
            Error::new("--fix cannot write to standard input").hint("name the file instead")
        );
    }
    let worst = if check.r#unsafe {
        Safety::Unsafe
    } else {
        Safety::Safe
    };
    // Fixes that undid each other would go on for ever; the engine's tests hold that none do.
    for _ in 0..10 {
        let mut changes = Changes::default();
        let mut titles = Vec::new();
        for finding in findings(subject, &[], selection) {
            let Some(fix) = finding.fix.filter(|fix| fix.safety <= worst) else {
                continue;
            };
            let mut together = changes.clone();
            together.extend(fix.changes);
            // A fix that touches the same bytes waits for the next round.
            if together.outcomes(&subject.tree).is_ok() {
                changes = together;
                titles.push(format!("fixed: {}", fix.title));
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        apply::apply(&subject.root, &subject.tree, &changes)?;
        for title in titles {
            output.note(&title);
        }
        changes
            .apply(&mut subject.tree)
            .map_err(|conflict| Error::new(format!("{}: {}", conflict.path, conflict.why)))?;
    }
    Ok(())
}

fn subjects(global: &Global, check: &Check) -> Result<Vec<Subject>, Error> {
    let start = global
        .directory
        .clone()
        .unwrap_or_else(|| PathBuf::from("."));
    if let Some(path) = &check.stdin_path {
        if check.paths.iter().any(|path| path != "-") {
            return Err(Error::new("--stdin-path takes `-` and no other path"));
        }
        return Ok(vec![from_stdin(&start, path)?]);
    }
    if check.paths.iter().any(|path| path == "-") {
        return Err(Error::new("standard input has no name")
            .hint("say which file it is: --stdin-path Dockerfile -"));
    }
    if check.paths.is_empty() {
        return Ok(vec![whole(
            disk::the_app(global.directory.as_deref())?,
            String::new(),
        )]);
    }
    let mut subjects: Vec<Subject> = Vec::new();
    for path in &check.paths {
        let full = start.join(path);
        if full.is_dir() {
            add_folder(&full, path, &mut subjects)?;
        } else if full.exists() {
            add_file(&full, path, &mut subjects)?;
        } else {
            return Err(Error::new(format!("there is no {path}")));
        }
    }
    // One app needs no name in front of its findings.
    if let [only] = subjects.as_mut_slice() {
        only.prefix.clear();
    }
    Ok(subjects)
}

fn whole(root: PathBuf, prefix: String) -> Subject {
    let tree = disk::read(&root);
    Subject {
        root,
        tree,
        only: Vec::new(),
        prefix,
    }
}

/// An app, or a folder that is searched for apps and Dockerfiles outside of them.
fn add_folder(folder: &Path, shown: &str, subjects: &mut Vec<Subject>) -> Result<(), Error> {
    if disk::is_app(folder) {
        subjects.push(whole(folder.to_path_buf(), shown.to_owned()));
        return Ok(());
    }
    let before = subjects.len();
    let mut apps: Vec<(PathBuf, String)> = Vec::new();
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    let mut walk = ignore::WalkBuilder::new(folder);
    walk.hidden(false)
        .sort_by_file_path(Path::cmp)
        .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some(".git" | "node_modules")));
    for entry in walk.build().filter_map(Result::ok) {
        let path = entry.path();
        if apps.iter().any(|(app, _)| path.starts_with(app)) {
            continue;
        }
        let shown = path.strip_prefix(folder).map_or_else(
            |_| shown.to_owned(),
            |inside| Path::new(shown).join(inside).to_string_lossy().into_owned(),
        );
        if path.is_dir() && disk::is_app(path) {
            apps.push((path.to_path_buf(), shown));
        } else if path.is_file() && is_dockerfile(path) {
            files.push((path.to_path_buf(), shown));
        }
    }
    subjects.par_extend(apps.into_par_iter().map(|(app, shown)| whole(app, shown)));
    for (file, shown) in files {
        subjects.push(alone(&file, shown)?);
    }
    if subjects.len() == before {
        return Err(Error::new(format!(
            "there is neither a Rails app nor a Dockerfile in {shown}"
        )));
    }
    Ok(())
}

/// A file of an app, or a Dockerfile outside of any.
fn add_file(file: &Path, shown: &str, subjects: &mut Vec<Subject>) -> Result<(), Error> {
    let full = file
        .canonicalize()
        .map_err(|error| Error::io("reading", file, &error))?;
    let folder = full.parent().unwrap_or(Path::new("/"));
    let Some(root) = disk::find_app(folder) else {
        if is_dockerfile(&full) {
            subjects.push(alone(&full, shown.to_owned())?);
            return Ok(());
        }
        return Err(Error::new(format!(
            "{shown} is in no Rails app, and is no Dockerfile"
        )));
    };
    let inside = full
        .strip_prefix(&root)
        .unwrap_or(&full)
        .to_string_lossy()
        .into_owned();
    if let Some(known) = subjects
        .iter_mut()
        .find(|known| known.root == root && !known.only.is_empty())
    {
        known.only.push(inside);
        return Ok(());
    }
    let prefix = root.to_string_lossy().into_owned();
    subjects.push(Subject {
        only: vec![inside],
        ..whole(root, prefix)
    });
    Ok(())
}

fn is_dockerfile(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name == "Dockerfile"
        || name == "Containerfile"
        || name.starts_with("Dockerfile.")
        || name.ends_with(".Dockerfile")
}

/// A Dockerfile that belongs to no app: nothing else is read.
fn alone(file: &Path, shown: String) -> Result<Subject, Error> {
    let bytes = std::fs::read(file).map_err(|error| Error::io("reading", file, &error))?;
    let root = file.parent().unwrap_or(Path::new(".")).to_path_buf();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let path =
        AppPath::new(&name).ok_or_else(|| Error::new(format!("{shown} has no usable name")))?;
    let mut tree = Tree::of([]);
    tree.answer(path.clone(), disk::entry(path, bytes, false));
    Ok(Subject {
        root,
        tree,
        only: Vec::new(),
        prefix: shown,
    })
}

/// The app with one of its files as standard input has it.
fn from_stdin(start: &Path, path: &str) -> Result<Subject, Error> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io("reading", Path::new("standard input"), &error))?;
    let outside = || Error::new(format!("{path} is not a path inside the app"));
    let (root, inside) = match disk::find_app(start) {
        Some(root) => {
            let here = start.canonicalize().unwrap_or_else(|_| start.to_path_buf());
            let below = here
                .strip_prefix(&root)
                .unwrap_or(Path::new(""))
                .to_string_lossy()
                .into_owned();
            let inside = AppPath::new(&below)
                .and_then(|below| below.join(path))
                .ok_or_else(outside)?;
            (Some(root), inside)
        }
        None => (None, AppPath::new(path).ok_or_else(outside)?),
    };
    let entry = disk::entry(inside.clone(), bytes, false);
    let only = vec![inside.as_str().to_owned()];
    let mut tree = if root.is_some() {
        Tree::default()
    } else {
        Tree::of([])
    };
    tree.answer(inside, entry);
    if let Some(root) = &root {
        disk::complete(root, &mut tree);
    }
    Ok(Subject {
        root: root.unwrap_or_default(),
        tree,
        only,
        prefix: String::new(),
    })
}
