use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Unsafe)
    .also(&["DL3025", "JSONArgsRecommended"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for command in image.shell_form_commands() {
        if command.replaces_shell {
            continue;
        }
        let keyword = command.keyword;
        let finding = report.at(
            &command.line,
            format!("{keyword} starts a shell, which does not pass on the signal to stop"),
        );
        match &command.exec_form {
            Some(form) => finding.unsafe_fix(
                format!("write {keyword} as a JSON array, which starts the program itself"),
                command.line.replace(form),
            ),
            None => finding.help(format!(
                "move it into a script that ends with `exec`, and write {keyword} as a JSON array"
            )),
        };
    }
    None
}
