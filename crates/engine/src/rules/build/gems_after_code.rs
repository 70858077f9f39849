use std::fmt::Write as _;

use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Slow, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let (stage, _) = build.gem_step()?;
    let (install, copied) = build.copied_before_gems()?;
    let gems = destination.app().gems();
    let is_of_itself = gems.path_gems().iter().any(|gem| *gem.folder == ".");
    // Another base image may have most of the gems.
    let is_whole = destination.folder_in_context().as_deref() == Some("");
    // Of a context that leaves all out but what it names, `.` is what it names.
    let lets_all_in = build.ignore().is_none_or(|ignore| {
        let mut patterns = ignore.dockerignore().patterns.iter();
        !patterns.any(|pattern| ["*", "**", "/*", "/**"].contains(&pattern.text.as_str()))
    });
    if is_of_itself || !lets_all_in || !is_whole || !stage.starts_from_official_ruby(&build) {
        return None;
    }
    let mut files = vec!["Gemfile".to_owned(), "Gemfile.lock".to_owned()];
    let mut folders = String::new();
    for needed in gems.files_of_gemfile() {
        if needed.contains('/') || gems.path_gems().iter().any(|gem| *gem.folder == **needed) {
            let _ = writeln!(folders, "COPY {0} ./{0}", *needed);
        } else {
            files.push(needed.as_str().to_owned());
        }
    }
    report
        .at(
            &install,
            "all gems are installed anew for each change of the code, as it is copied before them",
        )
        .because(&copied.labelled("any change of the app changes this"))
        .help("copy first what Bundler needs, and the rest after it")
        .snippet(format!(
            "{folders}COPY {} ./\nRUN bundle install\nCOPY . .",
            files.join(" ")
        ));
    None
}
