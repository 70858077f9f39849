//! `seaworthy explain`

use std::fmt::Write as _;

use engine::render::json::VERSION;
use engine::rules::{Docs, RULES, Rule};
use serde_json::json;

use crate::Verdict;
use crate::arguments::Explain;
use crate::error::Error;
use crate::output::Output;

pub(crate) fn run(explain: &Explain, output: &Output) -> Result<Verdict, Error> {
    let Some(name) = &explain.rule else {
        return list(output);
    };
    let rule = Rule::named(name).ok_or_else(|| {
        let error = Error::new(format!("there is no rule called `{name}`"));
        error.hint("`seaworthy explain` lists all rules")
    })?;
    if output.is_json() {
        output.json(&json!({ "version": VERSION, "rules": [describe(rule)] }))?;
    } else {
        output.result(&format!(
            "{}\n\n{}\n",
            facts(rule),
            Docs::prose(rule.markdown())
        ))?;
    }
    Ok(Verdict::Fine)
}

fn list(output: &Output) -> Result<Verdict, Error> {
    if output.is_json() {
        let rules: Vec<_> = RULES.iter().map(describe).collect();
        output.json(&json!({ "version": VERSION, "rules": rules }))?;
        return Ok(Verdict::Fine);
    }
    let mut text = String::new();
    for rule in RULES {
        let what = rule.docs().what.replace('\n', " ");
        let _ = writeln!(text, "{:<30} {what}", rule.id());
    }
    output.result(&text)?;
    Ok(Verdict::Fine)
}

/// `error · failed-deploy · deploy · fix: safe · since 0.1`
fn facts(rule: &Rule) -> String {
    let meta = rule.meta;
    format!(
        "{} · {} · {} · fix: {} · since {}",
        meta.severity.word(),
        meta.consequence.word(),
        meta.layer.word(),
        meta.safety.word(),
        meta.since
    )
}

fn describe(rule: &Rule) -> serde_json::Value {
    let docs = rule.docs();
    json!({
        "rule": rule.id(),
        "aliases": rule.meta.aliases,
        "severity": rule.meta.severity.word(),
        "consequence": rule.meta.consequence.word(),
        "layer": rule.meta.layer.word(),
        "fix": rule.meta.safety.word(),
        "since": rule.meta.since,
        "what": docs.what,
        "why": docs.why,
        "verify": docs.verify,
        "sources": docs.sources,
    })
}
