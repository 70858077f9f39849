//! `seaworthy check`

mod known;
mod mend;
mod print;
mod subject;
mod watch;

use engine::baseline::Entry;
use engine::facts::claims::Deploy;
use engine::finding::{Finding, Report, Severity};
use engine::posture::{Side, posture};
use engine::render::text;
use engine::rules::Profile;
use engine::{App, Selection};
use rayon::prelude::*;

use self::subject::Subject;
use crate::arguments::{Check, FailOn, Global};
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, disk};

/// A subject and what was found in it.
struct Checked {
    subject: Subject,
    report: Report,
    sides: Vec<Side>,
    /// What its baseline knows and nobody finds any more.
    gone: Vec<Entry>,
}

pub(crate) fn run(global: &Global, check: &Check, output: &Output) -> Result<Verdict, Error> {
    let selection = selection(global, check)?;
    if check.watch {
        return watch::run(global, check, &selection, output);
    }
    once(global, check, &selection, output)
}

fn selection(global: &Global, check: &Check) -> Result<Selection, Error> {
    let selection = Selection {
        select: check.select.clone(),
        ignore: check.ignore.clone(),
        profile: if check.pedantic || check.strict {
            Profile::Pedantic
        } else {
            Profile::Default
        },
        destination: global.destination.clone(),
    };
    match selection.unknown() {
        None => Ok(selection),
        Some(name) => Err(
            Error::new(format!("there is no rule or group called `{name}`"))
                .hint("`seaworthy explain` lists all rules"),
        ),
    }
}

fn once(
    global: &Global,
    check: &Check,
    selection: &Selection,
    output: &Output,
) -> Result<Verdict, Error> {
    let mut subjects = subject::subjects(global, check)?;
    if check.write_baseline {
        known::refuse_parts(&subjects, check, selection)?;
    }
    if let Some(destination) = &global.destination {
        refuse_unknown_destination(&subjects, destination)?;
    }
    if check.diff {
        return mend::show_fixes(&mut subjects, check, selection, output);
    }
    if check.fix {
        for subject in &mut subjects {
            mend::fix(subject, check, selection, output)?;
        }
    }
    let checked = checked(subjects, check, selection)?;
    if check.write_baseline {
        for checked in &checked {
            known::write_baseline(checked, check, output)?;
        }
        return Ok(Verdict::Fine);
    }
    print::print(&checked, output)?;
    let gone: usize = checked.iter().map(|checked| checked.gone.len()).sum();
    if gone > 0 {
        output.note(&format!(
            "{} of the baseline that nobody finds any more: `seaworthy check --write-baseline` forgets them",
            text::counted(gone, "finding"),
        ));
    }
    let least = if check.strict {
        FailOn::Note
    } else {
        check.fail_on
    };
    let fails = |finding: &Finding| match least {
        FailOn::Never => false,
        FailOn::Error => finding.severity == Severity::Error,
        FailOn::Warning => finding.severity <= Severity::Warning,
        FailOn::Note => true,
    };
    let mut findings = checked.iter().flat_map(|checked| &checked.report.findings);
    Ok(if findings.any(fails) || (check.strict && gone > 0) {
        Verdict::Negative
    } else {
        Verdict::Fine
    })
}

/// Looks at all subjects at once, each compared with the deploys of those before it.
fn checked(
    subjects: Vec<Subject>,
    check: &Check,
    selection: &Selection,
) -> Result<Vec<Checked>, Error> {
    let deploys: Vec<Vec<Deploy>> = match subjects.as_slice() {
        [_] => vec![Vec::new()],
        several => several.par_iter().map(deploys_of).collect(),
    };
    let is_one = subjects.len() == 1;
    let look = |(number, mut subject): (usize, Subject)| {
        let before = deploys[..number].concat();
        let app = App::new(&subject.tree);
        let mut report = report(&app, &subject, &before, selection);
        let known = if check.write_baseline {
            None
        } else {
            known::baseline(&subject, check)?
        };
        let gone = known.map(|known| known.suppress(&mut report, &subject.tree, selection));
        // What was not looked at may still have it.
        let looked_at_all = subject.only.is_empty() && selection.destination.is_none();
        let sides = sides(&app, &subject);
        if !is_one {
            subject.tree.forget_documents();
        }
        Ok(Checked {
            subject,
            report,
            sides,
            gone: gone.filter(|_| looked_at_all).unwrap_or_default(),
        })
    };
    // One is not worth starting threads for.
    if is_one {
        subjects.into_iter().enumerate().map(look).collect()
    } else {
        subjects.into_par_iter().enumerate().map(look).collect()
    }
}

/// How far the app is closed, where all of it is looked at.
fn sides(app: &App<'_>, subject: &Subject) -> Vec<Side> {
    if subject.only.is_empty() && disk::is_app(&subject.root) {
        posture(app)
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
fn report(app: &App<'_>, subject: &Subject, before: &[Deploy], selection: &Selection) -> Report {
    let mut report = engine::check_beside(app, before, selection);
    if !subject.only.is_empty() {
        let is_asked_for = |finding: &Finding| {
            let places = std::iter::once(&finding.primary).chain(&finding.related);
            let mut paths = places.filter_map(|label| label.place.path());
            paths.any(|path| subject.only.iter().any(|only| only == path.as_str()))
        };
        report.findings.retain(is_asked_for);
        report.suppressed.retain(is_asked_for);
    }
    report
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
