use crate::facts::database::Adapter;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

/// Tasks that cannot do without the database.
const TASKS: [&str; 8] = [
    "db:create",
    "db:migrate",
    "db:prepare",
    "db:reset",
    "db:schema:load",
    "db:seed",
    "db:setup",
    "db:structure:load",
];

/// What shows that a database may be there all the same.
const SERVERS: [&str; 11] = [
    "--network",
    "DATABASE_HOST",
    "DATABASE_URL",
    "DB_HOST",
    "MYSQL_HOST",
    "PGHOST",
    "mariadbd",
    "mysqld",
    "nulldb",
    "pg_ctl",
    "service ",
];

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let adapter = destination.app().adapter().known()?;
    let text = build.image().source().text();
    if adapter.value == Adapter::Sqlite || SERVERS.iter().any(|word| text.contains(word)) {
        return None;
    }
    for stage in build.stages() {
        let environment = stage.variable("RAILS_ENV").known();
        if environment.is_none_or(|environment| *environment != "production") {
            continue;
        }
        for step in stage.commands() {
            let is_rails = matches!(step.program(), Some("rails" | "rake"));
            let task = TASKS.into_iter().find(|task| step.has(task));
            let (true, Some(task)) = (is_rails && !step.variables.contains("RAILS_ENV"), task)
            else {
                continue;
            };
            // It may fail, or is not run at all.
            let mut within = stage.instructions().iter();
            let run = within.find(|own| own.span.encloses(step.span))?;
            let may_pass = ["||", "if ", "[ ", "&", "--help", "--dry-run", "-T "];
            let rest = run.span.of(text).replace("&&", "");
            if may_pass.iter().any(|word| rest.contains(word)) {
                continue;
            }
            report
                .at(
                    &stage.step_fact((), step.span, "runs while the image is built"),
                    format!("`{task}` runs in the build, which has no database"),
                )
                .because(&adapter)
                .confidence(Confidence::Likely)
                .help(
                    "take it out: the entrypoint runs `./bin/rails db:prepare` before the server starts",
                );
        }
    }
    None
}
