//! Whole apps: what is read of them, what is written for them, and what holds it together.

// Tests read and write what the engine may not.
#![allow(clippy::disallowed_methods, clippy::err_expect)]

mod harness;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use engine::change::Changes;
use engine::facts::listing;
use engine::finding::Finding;
use engine::plan::{Choice, FILE, Intent, Plan, State, plan};
use engine::render::json;
use engine::rules::RULES;
use engine::tree::{Path, Source, Tree};
use engine::{App, Selection, check};
use harness::{assert_file, golden_apps, tree_of, workspace};

fn app_folder(name: &str) -> PathBuf {
    workspace().join("tests/apps").join(name).join("app")
}

fn planned(tree: &Tree) -> Plan {
    let app = App::new(tree);
    plan(&app, &Intent::remembered(&app)).expect("golden apps have no obstacles")
}

/// The tree after `init`, as if it were read again.
fn written(tree: &Tree) -> Tree {
    let mut after = tree.clone();
    planned(tree)
        .changes
        .apply(&mut after)
        .expect("a plan applies");
    after
}

/// All apps that are in the repository: the golden ones, and the example.
fn all_trees() -> Vec<(String, Tree)> {
    let mut trees: Vec<(String, Tree)> = golden_apps()
        .into_iter()
        .map(|name| (name.clone(), tree_of(&app_folder(&name))))
        .collect();
    trees.push((
        "harbour".to_owned(),
        tree_of(&workspace().join("examples/harbour")),
    ));
    trees
}

#[test]
fn facts_are_as_expected() {
    for name in golden_apps() {
        let tree = tree_of(&app_folder(&name));
        let app = App::new(&tree);
        let mut text = String::new();
        for row in listing::list(&app) {
            let value = row.value.unwrap_or_else(|| format!("({})", row.state));
            writeln!(
                text,
                "{} = {value}  [{}]",
                row.name,
                row.origin.place.describe(&tree)
            )
            .expect("a string takes all");
        }
        assert_file(&app_folder(&name).join("../expected/facts.txt"), &text);
    }
}

#[test]
fn files_are_as_expected() {
    for name in golden_apps() {
        let tree = tree_of(&app_folder(&name));
        let plan = planned(&tree);
        let expected = app_folder(&name).join("../expected");
        for file in &plan.files {
            // A file that tools look for by its name would be taken for the repository's own.
            let shown = file
                .path
                .as_str()
                .trim_start_matches('.')
                .replace("/.", "/");
            assert_file(&expected.join("files").join(shown), &file.text);
        }
        let mut text = format!("{}\n\n", plan.summary);
        for decision in &plan.decisions {
            let origin = decision.origin.place.describe(&tree);
            writeln!(
                text,
                "{}: {} [{origin}]\n  {}",
                decision.subject, decision.value, decision.why
            )
            .expect("a string takes all");
        }
        for note in &plan.notes {
            writeln!(text, "- {note}").expect("a string takes all");
        }
        assert_file(&expected.join("plan.txt"), &text);
    }
}

#[test]
fn plans_differ_pairwise() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for name in golden_apps() {
        let tree = tree_of(&app_folder(&name));
        let app_name = App::new(&tree)
            .rails()
            .name()
            .known()
            .expect("golden apps have names")
            .value;
        // The name alone makes no other plan.
        let files: String = planned(&tree)
            .files
            .iter()
            .map(|file| file.text.replace(&app_name, "app"))
            .collect();
        if let Some(other) = seen.insert(files, name.clone()) {
            panic!("{name} and {other} have the same plan");
        }
    }
}

#[test]
fn what_init_writes_check_accepts() {
    for (name, tree) in all_trees() {
        let plan = planned(&tree);
        for finding in &plan.audit.findings {
            assert_eq!(
                finding.rule.name(),
                "placeholder-value",
                "{name}: {}",
                finding.message
            );
        }
        // The audit is about what is written: reading it again says the same.
        let again = check(&App::new(&written(&tree)), &Selection::default());
        assert_eq!(again.findings.len(), plan.audit.findings.len(), "{name}");
    }
}

#[test]
fn an_app_that_says_all_has_no_findings() {
    for (name, tree) in all_trees() {
        let app = App::new(&tree);
        let mut intent = Intent::remembered(&app);
        for (choice, value) in [
            (Choice::Servers, "203.0.113.10"),
            (Choice::Domain, "marina.example.org"),
            (Choice::DatabaseHost, "10.0.0.5"),
            (Choice::RegistryUser, "marina"),
        ] {
            intent.choose(choice, vec![value.to_owned()]);
        }
        let plan = plan(&app, &intent).expect("golden apps have no obstacles");
        let messages: Vec<&str> = plan
            .audit
            .findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(messages, Vec::<&str>::new(), "{name}");
    }
}

#[test]
fn running_twice_changes_nothing() {
    for (name, tree) in all_trees() {
        let after = written(&tree);
        let second = planned(&after);
        assert_eq!(second.changes, Changes::default(), "{name}");
        assert!(
            second
                .files
                .iter()
                .all(|file| file.state == State::Unchanged),
            "{name}"
        );
    }
}

#[test]
fn choices_of_the_command_line_are_remembered() {
    let tree = tree_of(&app_folder("rails-7-2"));
    let app = App::new(&tree);
    let mut intent = Intent::remembered(&app);
    intent.choose(Choice::Servers, vec!["203.0.113.10".to_owned()]);
    intent.choose(Choice::Domain, vec!["ferry.example.org".to_owned()]);
    let first = plan(&app, &intent).expect("no obstacles");
    let mut after = tree.clone();
    first.changes.apply(&mut after).expect("a plan applies");
    let second = planned(&after);
    assert_eq!(second.changes, Changes::default());
    assert!(second.audit.findings.is_empty());
    let deploy = after
        .source("config/deploy.yml")
        .expect("it was written")
        .text();
    assert!(deploy.contains("- 203.0.113.10") && deploy.contains("host: ferry.example.org"));
}

#[test]
fn files_of_the_user_stay() {
    let mut tree = tree_of(&app_folder("sqlite-importmap"));
    tree.insert(Source::new(
        "Dockerfile".into(),
        "FROM ruby:3.4.10-slim\nCMD [\"./bin/thrust\", \"./bin/rails\", \"server\"]\n",
    ));
    let kept = planned(&tree);
    let state = |plan: &Plan| {
        plan.files
            .iter()
            .find(|file| file.path.as_str() == "Dockerfile")
            .map(|file| file.state)
    };
    assert_eq!(state(&kept), Some(State::Kept));
    assert!(
        kept.changes
            .0
            .iter()
            .all(|change| change.path().as_str() != "Dockerfile")
    );

    let app = App::new(&tree);
    let mut intent = Intent::remembered(&app);
    intent.replace = vec!["Dockerfile".into()];
    let replaced = plan(&app, &intent).expect("no obstacles");
    assert_eq!(state(&replaced), Some(State::Replaced));
}

#[test]
fn files_that_only_serve_a_file_of_ours_are_not_written_beside_the_users() {
    let paths = |plan: &Plan| -> Vec<String> {
        let files = plan.changes.0.iter();
        files.map(|change| change.path().to_string()).collect()
    };
    let mut tree = tree_of(&app_folder("sqlite-importmap"));
    tree.insert(Source::new(
        "Dockerfile".into(),
        "FROM ruby:3.4.10-slim\nCMD [\"bin/rails\", \"server\"]\n",
    ));
    tree.insert(Source::new(
        "config/deploy.yml".into(),
        "service: harbour\nimage: harbour\nservers: [203.0.113.10]\n",
    ));
    let bare = paths(&planned(&tree));
    assert!(!bare.contains(&"bin/docker-entrypoint".to_owned()));
    assert!(bare.contains(&".kamal/secrets".to_owned()));

    tree.insert(Source::new(
        "Dockerfile".into(),
        "FROM ruby:3.4.10-slim\nWORKDIR /rails\nENTRYPOINT [\"/rails/bin/docker-entrypoint\"]\n",
    ));
    tree.insert(Source::new(
        ".kamal/secrets-common".into(),
        "RAILS_MASTER_KEY=$RAILS_MASTER_KEY\n",
    ));
    let served = paths(&planned(&tree));
    assert!(served.contains(&"bin/docker-entrypoint".to_owned()));
    assert!(!served.contains(&".kamal/secrets".to_owned()));
}

#[test]
fn a_file_alone_says_what_it_names_and_nobody_has() {
    let mut tree = tree_of(&app_folder("sqlite-importmap"));
    tree.remove(&"bin/docker-entrypoint".into());
    let app = App::new(&tree);
    let mut intent = Intent::remembered(&app);
    intent.only = vec!["Dockerfile".into(), ".dockerignore".into()];
    let alone = plan(&app, &intent).expect("no obstacles");
    let says = |plan: &Plan| {
        let mut notes = plan.notes.iter();
        notes.any(|note| {
            note.starts_with(
                "Dockerfile names what is not there: `seaworthy init bin/docker-entrypoint",
            )
        })
    };
    assert!(says(&alone), "{:?}", alone.notes);
    let next: Vec<&str> = alone
        .next
        .iter()
        .map(|step| step.command.as_str())
        .collect();
    assert_eq!(next, ["docker build --check ."]);

    intent.only.push("bin/docker-entrypoint".into());
    intent.only.push("bin/thrust".into());
    let both = plan(&app, &intent).expect("no obstacles");
    assert!(!says(&both), "{:?}", both.notes);
    assert!(!says(&planned(&tree)));
}

#[test]
fn untouched_files_follow_the_app_and_touched_ones_stay() {
    let mut tree = written(&tree_of(&app_folder("sqlite-importmap")));
    tree.insert(Source::new(".ruby-version".into(), "4.0.6\n"));
    let touched = tree
        .source("config/deploy.yml")
        .expect("it was written")
        .text()
        .to_owned()
        + "# mine\n";
    tree.insert(Source::new("config/deploy.yml".into(), touched.clone()));
    let plan = planned(&tree);
    let states: BTreeMap<&str, State> = plan
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.state))
        .collect();
    assert_eq!(states["Dockerfile"], State::Updated);
    assert_eq!(states["config/deploy.yml"], State::Kept);
    assert_eq!(states[".dockerignore"], State::Unchanged);
    plan.changes.apply(&mut tree).expect("a plan applies");
    assert!(
        tree.source("Dockerfile")
            .expect("it is there")
            .text()
            .contains("RUBY_VERSION=4.0.6")
    );
    assert_eq!(
        tree.source("config/deploy.yml")
            .expect("it is there")
            .text(),
        touched
    );
}

#[test]
fn healthy_apps_have_no_findings() {
    for (name, tree) in all_trees() {
        let messages: Vec<String> = check(&App::new(&tree), &Selection::default())
            .findings
            .iter()
            .map(|finding| finding.message.clone())
            .collect();
        assert_eq!(messages, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn output_is_the_same_every_time() {
    for (name, tree) in all_trees() {
        let shown = |tree: &Tree| {
            let plan = planned(tree);
            let report = check(&App::new(&plan.after), &Selection::default());
            format!(
                "{}{:?}",
                json::report(&[engine::render::Told::of(&report, &plan.after)]),
                plan.changes
            )
        };
        assert_eq!(shown(&tree), shown(&tree.clone()), "{name}");
    }
}

/// Ways to break an app that each bring one finding, to be mended by its fix.
fn breakages() -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    vec![
        (
            "kamal/app-port-mismatch",
            "config/deploy.yml",
            "  ssl: true\n",
            "  ssl: true\n  app_port: 8080 # nobody\n",
        ),
        (
            "kamal/app-port-mismatch",
            "Dockerfile",
            "CMD [\"./bin/thrust\", ",
            "CMD [",
        ),
        (
            "kamal/public-accessory-port",
            "config/deploy.yml",
            "    image: postgres:17\n",
            "    image: postgres:17\n    port: 5432\n",
        ),
        (
            "solid/no-job-runner",
            "config/deploy.yml",
            "    SOLID_QUEUE_IN_PUMA: true\n",
            "",
        ),
    ]
}

#[test]
fn each_mistake_is_found_alone_and_its_fix_restores_health() {
    let healthy = written(&tree_of(&app_folder("postgresql-importmap")));
    for (rule, path, from, to) in breakages() {
        let mut tree = healthy.clone();
        let text = tree.source(path).expect("it was written").text().to_owned();
        let broken = text.replacen(from, to, 1);
        assert_ne!(text, broken, "{rule}: the mistake was not made");
        tree.insert(Source::new(
            Path::new(path).expect("relative"),
            broken.clone(),
        ));
        let found: Vec<Finding> = check(&App::new(&tree), &Selection::default()).findings;
        let rules: Vec<String> = found.iter().map(|finding| finding.rule.id()).collect();
        assert_eq!(rules, [rule], "{path}");
        let fix = found[0].fix.clone().expect("it has a fix");
        fix.changes.apply(&mut tree).expect("a fix applies");
        assert!(
            check(&App::new(&tree), &Selection::default())
                .findings
                .is_empty(),
            "{rule}"
        );
        for comment in broken
            .lines()
            .filter(|line| line.trim_start().starts_with('#'))
        {
            assert!(
                tree.source(path)
                    .expect("it is there")
                    .text()
                    .contains(comment),
                "{rule} lost {comment}"
            );
        }
    }
}

#[test]
fn a_secret_is_shown_nowhere() {
    const SECRET: &str = "correct-horse-battery-staple";
    let mut tree = written(&tree_of(&app_folder("postgresql-importmap")));
    tree.insert(Source::new(
        ".kamal/secrets".into(),
        format!("RAILS_MASTER_KEY={SECRET}\nPOSTGRES_PASSWORD='{SECRET}'\n"),
    ));
    let deploy = tree
        .source("config/deploy.yml")
        .expect("it was written")
        .text()
        .to_owned();
    let deploy = deploy
        .replace(
            "    SOLID_QUEUE_IN_PUMA: true\n",
            &format!("    SMTP_PASSWORD: {SECRET}\n    NOTE: <{SECRET}>\n"),
        )
        .replace(
            "    image: postgres:17\n",
            &format!("    image: postgres:17\n    port: 5432 # {SECRET}\n"),
        );
    tree.insert(Source::new("config/deploy.yml".into(), deploy));
    let app = App::new(&tree);
    let report = check(&app, &Selection::default());
    assert!(report.findings.len() >= 3);
    let mut shown = vec![
        json::report(&[engine::render::Told::of(&report, &tree)]).to_string(),
        engine::render::text::findings(
            &report.findings,
            &tree,
            engine::render::text::Style::default(),
        ),
    ];
    shown.extend(
        listing::list(&app)
            .iter()
            .map(|row| json::fact(row, &tree).to_string()),
    );
    for text in shown {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[test]
fn what_stands_in_the_way_is_named() {
    let base = tree_of(&app_folder("postgresql-importmap"));
    let obstacle = |change: &dyn Fn(&mut Tree)| {
        let mut tree = base.clone();
        change(&mut tree);
        let app = App::new(&tree);
        let obstacles = plan(&app, &Intent::remembered(&app))
            .err()
            .expect("something is in the way");
        obstacles
            .into_iter()
            .map(|obstacle| obstacle.message)
            .collect::<Vec<_>>()
            .join("; ")
    };
    let put = |path: &'static str, text: &'static str| {
        move |tree: &mut Tree| tree.insert(Source::new(path.into(), text))
    };
    let message = obstacle(&|tree| tree.remove(&"Gemfile.lock".into()));
    assert!(message.contains("no Gemfile.lock"), "{message}");
    let message = obstacle(&put(
        "Gemfile.lock",
        "<<<<<<< ours\nGEM\n=======\nGEM\n>>>>>>> theirs\n",
    ));
    assert!(
        message.contains("Gemfile.lock:1") && message.contains("conflict"),
        "{message}"
    );
    let message = obstacle(&put(
        "config/database.yml",
        "production:\n  adapter: oracle_enhanced\n",
    ));
    assert!(message.contains("database"), "{message}");
    let message = obstacle(&|tree| {
        tree.insert(Source::new("package.json".into(), "{}"));
        tree.insert(Source::new("yarn.lock".into(), ""));
        tree.insert(Source::new("package-lock.json".into(), "{}"));
    });
    assert!(
        message.contains("yarn.lock") && message.contains("package-lock.json"),
        "{message}"
    );
    let message = obstacle(&put("config/seaworthy.yml", "# mine\njobs: pumma\n"));
    assert!(
        message.contains("config/seaworthy.yml:2") && message.contains("pumma"),
        "{message}"
    );
    let message = obstacle(&put("config/seaworthy.yml", "registry-user: me\n"));
    assert!(message.contains("config/seaworthy.yml:1"), "{message}");
    let message = obstacle(&|tree| {
        let lock = tree.source("Gemfile.lock").expect("it is there").text();
        let lock = format!("PATH\n  remote: ../berths\n  specs:\n    berths (0.1.0)\n\n{lock}");
        tree.insert(Source::new("Gemfile.lock".into(), lock));
    });
    assert!(message.contains("../berths"), "{message}");
}

#[test]
fn a_password_manager_that_the_locked_kamal_cannot_ask_is_refused() {
    let base = tree_of(&app_folder("mysql-sidekiq"));
    // What `.kamal/secrets` asks, else what stands in the way.
    let asked = |kamal: &str, store: &str| {
        let mut tree = base.clone();
        let lock = tree.source("Gemfile.lock").expect("it is there").text();
        let lock = lock.replace("    kamal (2.3.0)", &format!("    kamal ({kamal})"));
        tree.insert(Source::new("Gemfile.lock".into(), lock));
        let app = App::new(&tree);
        let mut intent = Intent::remembered(&app);
        intent.choose(Choice::Secrets, vec![store.to_owned()]);
        if kamal.starts_with("1.") {
            intent.choose(Choice::Kamal, vec!["1".to_owned()]);
        }
        match plan(&app, &intent) {
            Ok(plan) => {
                let mut files = plan.files.iter();
                let secrets = files.find(|file| file.path.as_str() == ".kamal/secrets");
                let text = &secrets.expect("secrets are looked up").text;
                let fetch = text.lines().find_map(|line| line.strip_prefix("SECRETS="));
                fetch.expect("the manager is asked").to_owned()
            }
            Err(obstacles) => obstacles[0].message.clone(),
        }
    };
    for (store, before, since) in [
        ("doppler", "2.3.0", "2.4.0"),
        ("aws_secrets_manager", "2.3.0", "2.4.0"),
        ("bitwarden-sm", "2.4.0", "2.5.0"),
        ("enpass", "2.4.0", "2.5.0"),
        ("gcp", "2.4.0", "2.5.0"),
        ("passbolt", "2.6.1", "2.7.0"),
        ("1password", "1.9.3", "2.0.0"),
    ] {
        let refused = asked(before, store);
        assert!(refused.contains(store), "{refused}");
        assert!(!refused.starts_with("$("), "{refused}");
        let asked = asked(since, store);
        let adapter = format!("$(kamal secrets fetch --adapter {store} ");
        assert!(asked.starts_with(&adapter), "{asked}");
    }
    assert!(asked("2.4.0", "aws_secrets_manager").contains("--account"));
    assert!(!asked("2.5.0", "aws_secrets_manager").contains("--account"));
}

#[test]
fn sqlite_on_two_servers_is_refused() {
    let tree = tree_of(&app_folder("sqlite-importmap"));
    let app = App::new(&tree);
    let mut intent = Intent::remembered(&app);
    intent.choose(
        Choice::Servers,
        vec!["203.0.113.1".to_owned(), "203.0.113.2".to_owned()],
    );
    let obstacles = plan(&app, &intent).err().expect("SQLite is one server's");
    assert!(
        obstacles[0].message.contains("SQLite"),
        "{}",
        obstacles[0].message
    );
}

#[test]
fn without_a_ruby_version_a_default_is_named_as_one() {
    let mut tree = tree_of(&app_folder("rails-7-2"));
    tree.remove(&".ruby-version".into());
    let lock = tree.source("Gemfile.lock").expect("it is there").text();
    let lock = lock
        .split("RUBY VERSION")
        .next()
        .expect("there is a first part")
        .to_owned();
    tree.insert(Source::new("Gemfile.lock".into(), lock));
    let gemfile = tree.source("Gemfile").expect("it is there").text();
    let gemfile: String = gemfile
        .lines()
        .filter(|line| !line.starts_with("ruby "))
        .flat_map(|line| [line, "\n"])
        .collect();
    tree.insert(Source::new("Gemfile".into(), gemfile));
    let plan = planned(&tree);
    let ruby = plan
        .decisions
        .iter()
        .find(|decision| decision.subject == "Ruby")
        .expect("Ruby is decided");
    assert!(
        ruby.origin.place.describe(&tree).contains("releases of"),
        "{}",
        ruby.origin.place.describe(&tree)
    );
    assert!(plan.notes.iter().any(|note| note.contains(".ruby-version")));
}

#[test]
fn health_is_asked_where_the_routes_say() {
    let with = |routes: &str| {
        let mut tree = tree_of(&app_folder("postgresql-importmap"));
        let text = format!("Rails.application.routes.draw do\n{routes}end\n");
        tree.insert(Source::new("config/routes.rb".into(), text));
        let plan = planned(&tree);
        let decided = plan
            .decisions
            .iter()
            .find(|decision| decision.subject == "health check")
            .map(|decision| decision.value.clone());
        let is_missed = plan.notes.iter().any(|note| note.contains("`/up`"));
        (decided, is_missed)
    };
    let other = "  get \"healthz\" => \"rails/health#show\"\n";
    assert_eq!(
        with("  get \"up\" => \"rails/health#show\"\n"),
        (None, false)
    );
    assert_eq!(with(other), (Some("/healthz".to_owned()), false));
    assert_eq!(
        with("  get \"/healthz\", to: \"rails/health#show\"\n"),
        (Some("/healthz".to_owned()), false)
    );
    // The word alone answers nothing, nor does a route somewhere below.
    assert_eq!(
        with("  post \"/up\", to: \"uploads#create\"\n"),
        (None, true)
    );
    assert_eq!(
        with(&format!("  namespace :admin do\n  {other}  end\n")),
        (None, true)
    );
}

#[test]
fn jobs_whose_threads_are_unknown_are_not_counted() {
    let mut tree = tree_of(&app_folder("postgresql-importmap"));
    let queue = "production:\n  workers:\n    - threads: <%= THREADS %>\n";
    tree.insert(Source::new("config/queue.yml".into(), queue));
    let plan = planned(&tree);
    let connections = plan
        .decisions
        .iter()
        .find(|decision| decision.subject == "connections")
        .expect("it is told");
    assert_eq!(connections.value, "not counted");
}

#[test]
fn a_memory_that_is_broken_is_left_alone() {
    let mut tree = tree_of(&app_folder("rails-7-2"));
    tree.insert(Source::new(FILE.into(), "servers: [\n"));
    let plan = planned(&tree);
    assert!(
        plan.changes
            .0
            .iter()
            .all(|change| change.path().as_str() != FILE)
    );
    assert!(
        plan.audit
            .findings
            .iter()
            .any(|finding| finding.rule.id() == "files/syntax-error")
    );
}

#[test]
fn every_rule_has_an_id_of_its_own() {
    let mut ids: Vec<String> = RULES.iter().map(engine::rules::Rule::id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
}
