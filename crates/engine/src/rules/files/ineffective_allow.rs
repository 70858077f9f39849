use crate::allow::Allow;
use crate::finding::{Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::{Meta, RULES, Rule};

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build).since("0.1");

pub(crate) fn check(allow: &Allow, report: &mut Report) -> Option<()> {
    if !allow.is_own {
        return None;
    }
    if allow.names.is_empty() {
        report
            .place(
                allow.place.clone(),
                "allows nothing",
                "`allow` names no rule",
            )
            .help("name the rule: `# seaworthy: allow RULE -- reason`");
    }
    for name in allow
        .names
        .iter()
        .filter(|name| Rule::named(name).is_none())
    {
        let known: Vec<String> = RULES
            .iter()
            .flat_map(|rule| [rule.id(), rule.name()])
            .collect();
        let finding = report.at(name, format!("there is no rule called `{name}`"));
        match nearest(name, known.iter().map(String::as_str)) {
            Some(meant) => finding.fix(format!("write it `{meant}`"), name.replace(meant)),
            None => finding.help("`seaworthy explain` lists all rules"),
        };
    }
    if allow.lacks_reason() && !allow.names.is_empty() {
        let names: Vec<&str> = allow.names.iter().map(|name| name.as_str()).collect();
        report
            .place(
                allow.place.clone(),
                "no reason",
                format!(
                    "`allow {}` gives no reason, so nothing is allowed",
                    names.join(", ")
                ),
            )
            .help("say why it is right here, behind two hyphens: `-- reason`");
    }
    None
}
