//! What real entrypoints do with the arguments of a container.

// Scripts read best as they are written.
#![allow(clippy::needless_raw_string_hashes, clippy::format_collect)]

use syntax::shell::evaluate::{Certainty, Run, Truth, Variable, evaluate};
use syntax::shell::parse;

use Certainty::{Certain, Possible};

fn run(script: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let script = parse(script);
    assert_eq!(script.errors, []);
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| (*argument).to_owned())
        .collect();
    evaluate(&script, &arguments, &|name| {
        let known = environment.iter().find(|(known, _)| *known == name);
        match known {
            Some((_, "?")) => Variable::Unknown,
            Some((_, value)) => Variable::Set((*value).to_owned()),
            None if name == "0" => Variable::Set("/rails/bin/docker-entrypoint".to_owned()),
            None => Variable::Unset,
        }
    })
}

/// Whether a command whose words contain all of `words` runs.
fn certainty(run: &Run, words: &[&str]) -> Option<Certainty> {
    let has =
        |step: &[Option<String>], word: &str| step.iter().flatten().any(|known| known == word);
    run.steps
        .iter()
        .filter(|step| words.iter().all(|word| has(&step.words, word)))
        .map(|step| step.certainty)
        .max()
}

fn migrates(script: &str, arguments: &[&str]) -> Option<Certainty> {
    certainty(&run(script, arguments, &[]), &["db:prepare"])
}

/// The words of the only program that the script becomes.
fn exec(run: &Run) -> Option<String> {
    let step = run.exec()?;
    let words: Option<Vec<&str>> = step.words.iter().map(Option::as_deref).collect();
    Some(words?.join(" "))
}

const RAILS_7_1: &str = r#"#!/bin/bash -e

# If running the rails server then create or migrate existing database
if [ "${1}" == "./bin/rails" ] && [ "${2}" == "server" ]; then
  ./bin/rails db:prepare
fi

exec "${@}"
"#;

const RAILS_7_2: &str = r#"#!/bin/bash -e

# Enable jemalloc for reduced memory usage and latency.
if [ -z "${LD_PRELOAD+x}" ] && [ -f /usr/lib/*/libjemalloc.so.2 ]; then
  export LD_PRELOAD="$(echo /usr/lib/*/libjemalloc.so.2)"
fi

# If running the rails server then create or migrate existing database
if [ "${1}" == "./bin/rails" ] && [ "${2}" == "server" ]; then
  ./bin/rails db:prepare
fi

exec "${@}"
"#;

const RAILS_8_0: &str = r#"#!/bin/bash -e

# Enable jemalloc for reduced memory usage and latency.
if [ -z "${LD_PRELOAD+x}" ]; then
    LD_PRELOAD=$(find /usr/lib -name libjemalloc.so.2 -print -quit)
    export LD_PRELOAD
fi

# If running the rails server then create or migrate existing database
if [ "${@: -2:1}" == "./bin/rails" ] && [ "${@: -1:1}" == "server" ]; then
  ./bin/rails db:prepare
fi

exec "${@}"
"#;

const RAILS_8_1: &str = r#"#!/bin/bash -e

# If running the rails server then create or migrate existing database
if [ "${@: -2:1}" == "./bin/rails" ] && [ "${@: -1:1}" == "server" ]; then
  ./bin/rails db:prepare
fi

exec "${@}"
"#;

#[test]
fn entrypoints_of_rails() {
    let rows: [(&[&str], bool, bool); 9] = [
        (&["./bin/rails", "server"], true, true),
        (&["./bin/thrust", "./bin/rails", "server"], false, true),
        (&["./bin/rails", "server", "-b", "0.0.0.0"], true, false),
        (&["bin/rails", "server"], false, false),
        (&["./bin/jobs"], false, false),
        (&["bundle", "exec", "puma"], false, false),
        (&["/bin/sh", "-c", "./bin/rails server"], false, false),
        (&["server"], false, false),
        (&[], false, false),
    ];
    for (arguments, first_two, last_two) in rows {
        for (script, expected) in [
            (RAILS_7_1, first_two),
            (RAILS_7_2, first_two),
            (RAILS_8_0, last_two),
            (RAILS_8_1, last_two),
        ] {
            let run = run(script, arguments, &[]);
            let migrates = certainty(&run, &["./bin/rails", "db:prepare"]);
            assert_eq!(
                migrates,
                expected.then_some(Certain),
                "{arguments:?} of {script}"
            );
            if arguments.is_empty() {
                assert_eq!((run.exec(), run.exits), (None, Truth::True));
            } else {
                assert_eq!(exec(&run), Some(arguments.join(" ")));
                assert_eq!(run.exits, Truth::False);
            }
        }
    }
}

#[test]
fn what_is_not_known_of_jemalloc_changes_nothing_else() {
    for (environment, expected) in [
        (vec![], Some(Certain)),
        (vec![("LD_PRELOAD", "?")], Some(Possible)),
        (vec![("LD_PRELOAD", "")], None),
    ] {
        let run = run(RAILS_8_0, &["./bin/rails", "server"], &environment);
        assert_eq!(certainty(&run, &["find"]), expected);
        assert_eq!(certainty(&run, &["db:prepare"]), Some(Certain));
        assert_eq!(exec(&run).as_deref(), Some("./bin/rails server"));
    }
}

/// Guards around `db:prepare`, and for which arguments each lets pass: `server` stands for
/// `./bin/rails server`, `thrust` for the same behind `./bin/thrust`, `jobs` for `./bin/jobs`; `?`
/// where it is not known.
const GUARDS: &[(&str, &str)] = &[
    (
        r#"if [[ "$*" == *"rails server"* ]]; then"#,
        "server thrust",
    ),
    (r#"if [ "$*" = "./bin/rails server" ]; then"#, "server"),
    (
        r#"if [[ "$1 $2" == "./bin/rails server" ]]; then"#,
        "server",
    ),
    (r"if [[ $* =~ rails\ server ]]; then", "server thrust"),
    (r#"if [[ "$1" =~ ^./bin/thrust$ ]]; then"#, "?"),
    (r#"if [[ "$1" =~ ^"./bin/thrust"$ ]]; then"#, "thrust"),
    (r#"if [[ "$*" =~ (rails|puma)" server" ]]; then"#, "?"),
    (r#"if [ "${1##*/}" = rails ]; then"#, "server"),
    (r#"if [ "${!#}" = server ]; then"#, "?"),
    (
        r#"if [ "${@: -1}" = "server" -o "$1" = "./bin/jobs" ]; then"#,
        "server thrust jobs",
    ),
    (r#"if test "$2" = server -a "$#" -eq 2; then"#, "server"),
    (
        r#"if [ $# -gt 1 ] && ! [ "$1" = ./bin/thrust ]; then"#,
        "server",
    ),
    (
        r"if [[ ! ( $# -gt 1 && $1 == ./bin/thrust ) ]]; then",
        "server jobs",
    ),
    (
        r#"if [ "$RUN_MIGRATIONS" = "true" ]; then"#,
        "server thrust jobs",
    ),
    (
        r#"if [ "${MIGRATE:-yes}" = yes ]; then"#,
        "server thrust jobs",
    ),
    (r#"if [ "$UNKNOWN" = "true" ]; then"#, "?"),
    (
        r#"if [ "$UNKNOWN" = "true" ] && [ "$1" = ./bin/jobs ]; then"#,
        "jobs?",
    ),
    (
        r#"if [ -n "$SKIP_MIGRATIONS" ]; then :; else"#,
        "server thrust jobs",
    ),
    (r"if [ -f tmp/done ]; then", "?"),
    (r#"if echo "$@" | grep -q server; then"#, "?"),
    (r"if [ $1 == server ]; then", ""),
    (r"if [ $9 == server ]; then", ""),
    (
        r#"case "$*" in *"bin/rails server"*) ./bin/rails db:prepare ;; esac; if false; then"#,
        "server thrust",
    ),
    (
        r#"case "$1" in ./bin/rails|./bin/jobs) ./bin/rails db:prepare ;; esac; if false; then"#,
        "server jobs",
    ),
    (
        r#"case " $* " in *" ./bin/rails server "* | *" puma "*) true ;; *) false ;; esac; if [ $? -eq 0 ]; then"#,
        "server thrust",
    ),
    (
        r#"if case " $* " in *" server "*) true ;; *) false ;; esac; then"#,
        "server thrust",
    ),
    (
        r#"for arg in "$@"; do if [ "$arg" = "server" ]; then SERVER=1; fi; done; if [ -n "$SERVER" ]; then"#,
        "server thrust",
    ),
    (
        r#"for arg; do [ "$arg" = server ] && SERVER=1; done; if [ "${SERVER:-}" ]; then"#,
        "server thrust",
    ),
    (
        r#"while [ $# -gt 0 ]; do case $1 in server) S=1 ;; esac; shift; done; if [ "$S" = 1 ]; then"#,
        "server thrust",
    ),
    (
        r#"server() { [ "$2" = server ]; }; if server "$@"; then"#,
        "server",
    ),
    (
        r#"main() { local last="${@: -1}"; [[ $last == s* ]]; }; if main "$@"; then"#,
        "server thrust",
    ),
    (
        r#"[ "$1" = ./bin/thrust ] && shift; if [ "$1" = ./bin/rails ]; then"#,
        "server thrust",
    ),
    (
        r#"COMMAND="$*"; if [ "${COMMAND%server}" != "$COMMAND" ]; then"#,
        "server thrust",
    ),
    (
        r#"if [ -z "${PORT}" ] || exit 0; then"#,
        "server thrust jobs",
    ),
];

#[test]
fn guards() {
    let commands: [(&str, &[&str]); 3] = [
        ("server", &["./bin/rails", "server"]),
        ("thrust", &["./bin/thrust", "./bin/rails", "server"]),
        ("jobs", &["./bin/jobs"]),
    ];
    let environment = [("RUN_MIGRATIONS", "true"), ("UNKNOWN", "?")];
    for (guard, passing) in GUARDS {
        let script = format!("#!/bin/bash -e\n{guard} ./bin/rails db:prepare; fi\nexec \"$@\"\n");
        for (name, arguments) in commands {
            let result = run(&script, arguments, &environment);
            let expected = match passing.split(' ').find(|word| word.starts_with(name)) {
                _ if *passing == "?" => Some(Possible),
                Some(word) if word.ends_with('?') => Some(Possible),
                Some(_) => Some(Certain),
                None => None,
            };
            assert_eq!(
                certainty(&result, &["db:prepare"]),
                expected,
                "{name}: {guard}\n{result:#?}"
            );
        }
    }
}

#[test]
fn what_a_script_becomes() {
    let rows = [
        (
            "exec bundle exec \"$@\"",
            Some("bundle exec ./bin/rails server"),
        ),
        (
            "set -- ./bin/thrust \"$@\"\nexec \"$@\"",
            Some("./bin/thrust ./bin/rails server"),
        ),
        ("shift\nexec $1 -p ${PORT:-3000}", Some("server -p 3000")),
        (
            "exec gosu rails \"$0\" \"$@\"",
            Some("gosu rails /rails/bin/docker-entrypoint ./bin/rails server"),
        ),
        ("exec -a rails \"$@\" > log", Some("./bin/rails server")),
        (
            "exec > >(tee log) 2>&1\nexec \"$@\"",
            Some("./bin/rails server"),
        ),
        (
            "main() { exec \"$@\"; }\nmain ./bin/jobs \"$2\"",
            Some("./bin/jobs server"),
        ),
        (
            "if [ -f x ]; then exec \"$@\"; else exec \"$@\"; fi",
            Some("./bin/rails server"),
        ),
        ("if [ -f x ]; then exec a; fi\nexec b", None),
        (
            "test -f x || { echo missing >&2; exit 1; }\nexec \"$@\"",
            Some("./bin/rails server"),
        ),
        ("test -f x || exit 0\nexec \"$@\"", None),
        ("\"$@\"", None),
        ("exec \"$@\" &\nwait", None),
        ("(exec \"$@\")", None),
        ("exec $UNKNOWN", None),
        ("exec \"$UNKNOWN\" x", None),
        ("exec nginx -g 'daemon off;'", Some("nginx -g daemon off;")),
        (
            "[ \"$1\" = x ] && exec y\nexec ${@:-./bin/jobs}",
            Some("./bin/rails server"),
        ),
        (
            "set --\nexec ${@:-bundle exec puma}",
            Some("bundle exec puma"),
        ),
        (
            "trap 'kill 1' TERM\nexec \"$@\"",
            Some("./bin/rails server"),
        ),
        (
            "while ! nc -z db 5432; do sleep 1; done\nexec \"$@\"",
            Some("./bin/rails server"),
        ),
        ("until pg_isready; do shift; done\nexec \"$@\"", None),
        (". /etc/profile\nexec \"$@\"", Some("./bin/rails server")),
        ("cd /rails && exec \"$@\"", None),
        (
            "cd /rails || exit 1\nexec \"$@\"",
            Some("./bin/rails server"),
        ),
        ("while true; do sleep 1; done\nexec \"$@\"", None),
    ];
    for (script, expected) in rows {
        let run = run(script, &["./bin/rails", "server"], &[("UNKNOWN", "?")]);
        assert_eq!(exec(&run).as_deref(), expected, "{script}\n{run:#?}");
    }
}

#[test]
fn how_a_script_ends() {
    for (script, expected) in [
        ("exec a", Truth::False),
        ("a", Truth::True),
        ("exit 0\nexec a", Truth::True),
        ("test -f x && exec a", Truth::Unknown),
        ("exit 1", Truth::False),
        ("set -e\nfalse\nexec a", Truth::False),
        ("set -u\necho $MISSING\nexec a", Truth::False),
    ] {
        assert_eq!(run(script, &[], &[]).exits, expected, "{script}");
    }
    let stopped = run("set -e\nfalse\nexec a", &[], &[]);
    assert_eq!(stopped.execs, []);
}

#[test]
fn certainty_of_a_command_by_its_place() {
    let text = "if [ -f x ]; then a; fi; b; if false; then c; fi";
    let script = parse(text);
    let run = evaluate(&script, &[], &|_| Variable::Unknown);
    let certainties: Vec<_> = script
        .commands()
        .iter()
        .map(|command| {
            (
                command.span.of(text).to_owned(),
                run.certainty(command.span),
            )
        })
        .collect();
    let expected = [
        ("[ -f x ]", Some(Certain)),
        ("a", Some(Possible)),
        ("b", Some(Certain)),
        ("false", Some(Certain)),
        ("c", None),
    ];
    assert_eq!(
        certainties,
        expected.map(|(text, certainty)| (text.to_owned(), certainty))
    );
}

#[test]
fn migrations_outside_of_the_entrypoint_s_guard() {
    let jobs: &[&str] = &["./bin/jobs"];
    assert_eq!(
        migrates("./bin/rails db:prepare\nexec \"$@\"", jobs),
        Some(Certain)
    );
    assert_eq!(
        migrates(
            "rm -f tmp/pids/server.pid\nbundle exec rails db:prepare",
            jobs
        ),
        Some(Certain)
    );
    assert_eq!(
        migrates(
            "[ -f tmp/pids/server.pid ] && rm tmp/pids/server.pid\nrails db:prepare",
            jobs
        ),
        Some(Certain)
    );
    assert_eq!(
        migrates("bundle check && rails db:prepare", jobs),
        Some(Possible)
    );
    assert_eq!(
        migrates("rails db:version || rails db:prepare", jobs),
        Some(Possible)
    );
    assert_eq!(migrates("x=$(rails db:prepare)", jobs), Some(Certain));
    assert_eq!(
        migrates("su rails <<E\n$(rails db:prepare)\nE", jobs),
        Some(Certain)
    );
    assert_eq!(
        migrates("prepare() { rails db:prepare; }\nexec \"$@\"", jobs),
        None
    );
    assert_eq!(migrates("exec \"$@\"\nrails db:prepare", jobs), None);
}

#[test]
fn hostile_scripts_end() {
    let many_variables = (0..20_000).fold(String::new(), |script, number| {
        script + &format!("v{number}=1\nif c; then a=1; fi\n")
    });
    let scripts = [
        "while true; do x=$x$x; set -- \"$@\" \"$@\"; done; exec \"$@\"".to_owned(),
        "f() { f; f; }; f; exec a".to_owned(),
        "f() { if [ -f x ]; then f a; else f b; fi; }; f; exec a".to_owned(),
        "x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; for a in 1 2 3 4 5 6 7 8 9; do x=$x$x; done; [[ $x == *a*a*a*b ]]".to_owned(),
        "for a in {1..9}; do ".repeat(10) + "b" + &"; done".repeat(10),
        "for a in 1 2 3 4 5 6 7 8 9; do ".repeat(10) + "b" + &"; done".repeat(10),
        "if c; then a=1; fi\n".repeat(20_000),
        many_variables,
        format!("f() {{ {} f {} }}; f", "if c; then ".repeat(20), "; fi".repeat(20)),
        format!("f() {{ {} f {} }}; f", "if true; then ".repeat(20), "; fi".repeat(20)),
        format!("f() {{ {} f {} }}; f", "( for x in 1; do ".repeat(9), "; done ) ".repeat(9)),
        format!("f() {{ {} f {}; }}; f", "a $(".repeat(10), ")".repeat(10)),
        "if c; then x; else ".repeat(10) + "y" + &"; fi".repeat(10),
        format!("case $x in {} esac", "a) b ;; ".repeat(20_000)),
        format!("c {}", "&& a ".repeat(50_000)),
        format!("echo {}", "$UNKNOWN$(a) ".repeat(20_000)),
        format!("x={}; echo ${{x##*b*c*d}}", "a".repeat(100_000)),
    ];
    for script in scripts {
        run(&script, &["a", "b"], &[("UNKNOWN", "?")]);
    }
    // What was given up is possible, not impossible.
    let endless = run("f() { f; f; }; f; rails db:prepare; exec a", &[], &[]);
    assert_eq!(certainty(&endless, &["db:prepare"]), Some(Possible));
    assert_eq!(endless.exec(), None);
}
