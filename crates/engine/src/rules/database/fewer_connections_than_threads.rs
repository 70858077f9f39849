use crate::fact::Fact;
use crate::facts::kamal::Role;
use crate::facts::process::{Process, Runner};
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let app = role.destination().app();
    if !role.destination().is_production() {
        return None;
    }
    let (what, threads): (&str, Fact<u64>) = match &role.process()?.value {
        Process::Web(_) => {
            let told = role.puma().threads();
            // Puma's own number depends on its version.
            told.place().path()?;
            let threads = role.resolved(told).known()?;
            let number = threads.parse().ok()?;
            ("Puma", threads.map(|_| number))
        }
        Process::Jobs(Runner::Sidekiq) => ("Sidekiq", app.sidekiq().threads(role).known()?),
        Process::Jobs(_) | Process::Other(_) => return None,
    };
    let database = app.databases().known()?.value.into_iter().next()?;
    let pool = role.resolved(database.pool()).known()?;
    let connections: u64 = pool.parse().ok()?;
    if connections == 0 || connections >= threads.value {
        return None;
    }
    report
        .at(
            &pool.labelled("the connections of each process"),
            format!(
                "{what} works with {threads} threads, and they share {connections} connections to the database"
            ),
        )
        .because(&threads.clone().labelled("the threads"))
        // Some may never ask for one.
        .confidence(Confidence::Likely)
        .help(format!("let the pool have {threads} connections, or run fewer threads"));
    None
}
