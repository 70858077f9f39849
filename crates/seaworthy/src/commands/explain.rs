//! `seaworthy explain`

use std::fmt::Write as _;

use engine::App;
use engine::diagnose::Signature;
use engine::facts::kamal::Destination;
use engine::facts::kamal_keys::{Key, Type};
use engine::render::Redactor;
use engine::render::json::VERSION;
use engine::render::text::printable;
use engine::rules::{Docs, Profile, RULES, Rule};
use serde_json::json;

use crate::arguments::{Explain, Global};
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, disk};

pub(crate) fn run(global: &Global, explain: &Explain, output: &Output) -> Result<Verdict, Error> {
    let Some(name) = &explain.rule else {
        return list(output);
    };
    let Some(rule) = Rule::named(name) else {
        if let Some(signature) = Signature::named(name) {
            return failure(signature, output);
        }
        let keys = Key::named(name);
        if !keys.is_empty() {
            return key(name, &keys, global, output);
        }
        let error = Error::new(format!(
            "there is no rule or failure called `{name}`, and no key of Kamal's"
        ));
        let near: Vec<String> = Rule::near(name)
            .into_iter()
            .chain(Signature::near(name))
            .chain(Key::near(name))
            .collect();
        return Err(error.hint(if near.is_empty() {
            "`seaworthy explain` lists all rules".to_owned()
        } else {
            format!(
                "there is `seaworthy explain {}`",
                near.join("`, `seaworthy explain ")
            )
        }));
    };
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

/// What is known of a failure.
fn failure(signature: &Signature, output: &Output) -> Result<Verdict, Error> {
    let rules: Vec<String> = signature.causes().map(Rule::id).collect();
    if output.is_json() {
        let described = json!({
            "id": signature.id(),
            "aliases": signature.aliases(),
            "phase": signature.phase.word(),
            "rules": rules,
            "why": signature.why(),
            "steps": signature.steps(),
            "verify": signature.verify(),
            "next": signature.next(),
            "sources": signature.sources(),
        });
        output.json(&json!({ "version": VERSION, "failures": [described] }))?;
        return Ok(Verdict::Fine);
    }
    let mut text = format!("{}\n", Docs::prose(signature.markdown()));
    if !rules.is_empty() {
        let _ = write!(text, "\nRules that find the cause: {}\n", rules.join(", "));
    }
    output.result(&text)?;
    Ok(Verdict::Fine)
}

/// What a key of `config/deploy.yml` is, and what it is set to where there is an app.
fn key(
    path: &str,
    rows: &[&'static Key],
    global: &Global,
    output: &Output,
) -> Result<Verdict, Error> {
    let tree = disk::the_app(global.directory.as_deref())
        .ok()
        .map(|root| disk::read(&root));
    let app = tree.as_ref().map(App::new);
    let version = app.as_ref().and_then(App::kamal).map(|kamal| kamal.version);
    let key = rows
        .iter()
        .find(|row| version.is_some_and(|version| row.is_in(version)))
        .or(rows.last())
        .expect("a key has a row");
    let destinations = app.as_ref().map(App::destinations).unwrap_or_default();
    let here: Vec<(String, String)> = destinations
        .iter()
        .filter(|destination| match &global.destination {
            Some(name) => destination.name() == Some(name),
            None => true,
        })
        .map(|destination| {
            let name = destination.name().unwrap_or("config/deploy.yml");
            (name.to_owned(), setting(path, key, destination))
        })
        .collect();
    // A type that was added later does not make the key younger.
    let since = rows
        .iter()
        .find(|row| row.types().iter().any(|kind| key.types().contains(kind)))
        .and_then(|row| row.since);
    let rules: Vec<String> = key.rules().into_iter().map(Rule::id).collect();
    if output.is_json() {
        output.json(&json!({
            "version": VERSION,
            "key": path,
            "takes": key.wanted(),
            "default": key.default,
            "since": since.map(|since| since.to_string()),
            "until": key.until.map(|until| until.to_string()),
            "meaning": key.meaning,
            "used": key.used(),
            "rules": rules,
            "instead": key.instead,
            "here": here.iter().map(|(name, value)| json!({ "in": name, "is": value })).collect::<Vec<_>>(),
        }))?;
        return Ok(Verdict::Fine);
    }
    let mut facts = vec![key.wanted()];
    facts.extend(
        key.default
            .as_ref()
            .map(|default| format!("default: {default}")),
    );
    facts.extend(since.map(|since| format!("since Kamal {since}")));
    facts.extend(key.until.map(|until| format!("until Kamal {until}")));
    let mut text = format!("{path}\n{}\n\n{}\n", facts.join(" · "), key.meaning);
    if let Some(instead) = &key.instead {
        let _ = writeln!(text, "Where it is gone: {instead}.");
    }
    if let Some(used) = key.used() {
        let _ = writeln!(text, "Used by: {used}");
    }
    if !rules.is_empty() {
        let _ = writeln!(text, "Rules that look at it: {}", rules.join(", "));
    }
    if !here.is_empty() {
        text.push('\n');
    }
    for (name, value) in &here {
        text.push_str(&printable(&format!("{name}: {value}")));
        text.push('\n');
    }
    output.result(&text)?;
    Ok(Verdict::Fine)
}

/// What a destination sets a key to, and where. Values that may be secrets are not shown.
fn setting(path: &str, key: &Key, destination: &Destination<'_>) -> String {
    let tree = destination.app().tree();
    let keys: Vec<&str> = path.split('.').collect();
    let root = destination.root();
    let setting = root.dig(&keys).or_else(|| match keys.as_slice() {
        // A role's proxy is the root's, but for what the role says otherwise.
        ["servers", _, "proxy", ..] => root.dig(&keys[2..]),
        _ => root.dig(&keys),
    });
    let Some(set) = setting.clone().known() else {
        return match (setting.is_absent(), &key.default) {
            (true, Some(default)) => format!("not set, so {default}"),
            (true, None) => "not set".to_owned(),
            (false, _) => "cannot be told".to_owned(),
        };
    };
    let place = set.place().describe(tree);
    let may_be_secret = key.types().contains(&Type::Secret) || keys.contains(&"env");
    match set.text().known() {
        Some(text) if !may_be_secret => {
            format!("{} [{place}]", Redactor::new(tree).mask(&text))
        }
        _ => format!("set [{place}]"),
    }
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
    let profile = match meta.profile {
        Profile::Default => "",
        Profile::Pedantic => "with --pedantic · ",
    };
    let also = match meta.aliases {
        [] => String::new(),
        aliases => format!(" · also {}", aliases.join(", ")),
    };
    format!(
        "{profile}{} · {} · {} · fix: {} · since {}{also}",
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
        "profile": rule.meta.profile.word(),
        "since": rule.meta.since,
        "what": docs.what,
        "why": docs.why,
        "verify": docs.verify,
        "sources": docs.sources,
    })
}
