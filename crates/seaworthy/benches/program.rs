//! The whole program from its start to its end, files read from a warm cache.
//!
//! `SEAWORTHY_BENCH_APP=path/to/app cargo bench` measures another app than the example.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};

fn app() -> PathBuf {
    std::env::var_os("SEAWORTHY_BENCH_APP").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbour"),
        PathBuf::from,
    )
}

fn program(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("program");
    for verb in [
        &["facts"][..],
        &["check", "--fail-on", "never"],
        &["init", "--dry-run"],
        &["--version"],
    ] {
        group.bench_function(verb.join(" "), |bencher| {
            bencher.iter(|| {
                Command::new(env!("CARGO_BIN_EXE_seaworthy"))
                    .args(verb)
                    .current_dir(app())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status()
                    .expect("the program starts")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, program);
criterion_main!(benches);
