use crate::facts::kamal::Destination;
use crate::facts::steps::Instructed;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let last = build.stage()?;
    let folder = last.working_folder().known()?;
    let is_it = |path: &str| {
        let path = path.trim_end_matches('/');
        path == folder.as_str() || path == "."
    };
    let text = build.image().source().text();
    let mut copied = None;
    for stage in last.lineage().into_iter().rev() {
        for instruction in stage.instructions() {
            match stage.instructed(instruction) {
                Instructed::Copies(copy)
                    if copy.destination.as_deref().is_some_and(is_it)
                        && copy.sources.iter().any(|source| is_it(source)) =>
                {
                    copied = copy.owner.is_none().then_some((stage, instruction));
                }
                Instructed::Runs(_, steps) => {
                    let Some((above, copy)) = copied else {
                        continue;
                    };
                    let is_whole = |word: &String| {
                        let is_short = word.starts_with('-') && !word.starts_with("--");
                        is_short && word.contains('R') || word == "--recursive"
                    };
                    let Some(step) = steps.into_iter().find(|step| {
                        let mut words = step.words.iter().flatten();
                        step.program() == Some("chown")
                            && step.words.iter().flatten().any(is_whole)
                            && words.any(|word| is_it(word))
                    }) else {
                        continue;
                    };
                    let words = step.words.iter().skip(1);
                    let mut words = words
                        .filter(|word| word.as_ref().is_none_or(|word| !word.starts_with('-')));
                    let owner = words.next()?.as_ref()?;
                    let folders: Vec<_> = words.collect();
                    let named = folders
                        .iter()
                        .find_map(|folder| folder.as_deref().filter(|folder| is_it(folder)))?;
                    let what = if folders.len() > 1 {
                        format!("`{named}` out of the `chown`")
                    } else {
                        "the `chown` out".to_owned()
                    };
                    let written = copy.span.of(text);
                    let keyword = copy.keyword.span.of(text);
                    let rest = written.strip_prefix(keyword)?.trim_start();
                    report
                        .at(
                            &stage.step_fact((), step.span, "writes each file anew"),
                            format!("the image has {folder} twice: as it was copied, and as its owner was changed"),
                        )
                        .because(&above.step_fact((), copy.span, "the first time"))
                        .help(format!("make the user before, copy with its owner, and take {what}"))
                        .snippet(format!("{keyword} --chown={owner} {rest}"));
                }
                _ => {}
            }
        }
    }
    None
}
