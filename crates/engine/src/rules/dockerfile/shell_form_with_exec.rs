use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Runtime)
    .fix(Safety::Unsafe)
    .pedantic()
    .also(&["DL3025", "JSONArgsRecommended"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for command in image.shell_form_commands() {
        if !command.replaces_shell {
            continue;
        }
        let keyword = command.keyword;
        let finding = report.at(
            &command.line,
            format!("{keyword} needs a shell to start, and `exec` to be rid of it again"),
        );
        match &command.exec_form {
            Some(form) => finding.unsafe_fix(
                format!("write {keyword} as a JSON array"),
                command.line.replace(form),
            ),
            None => finding.help(format!("write {keyword} as a JSON array")),
        };
    }
    None
}
