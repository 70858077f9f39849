//! How fast the parsers are, in bytes a second, on files of the example app repeated to some size.

// A benchmark reads files; the parsers may not.
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn example(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).expect("the example is there")
}

fn parsers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    group.sample_size(20);
    let mut run = |name: &str, text: String, parse: fn(&str)| {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| parse(black_box(&text)));
        });
    };
    let expected = "tests/apps/postgresql-esbuild/expected/files";
    let dockerfile = example(&format!("{expected}/Dockerfile"));
    let deploy = example(&format!("{expected}/config/deploy.yml"));
    run("dockerfile", dockerfile.clone(), |text| {
        drop(black_box(syntax::dockerfile::parse(text)));
    });
    run(
        "dockerfile, 1 MB",
        dockerfile.repeat(1_000_000 / dockerfile.len()),
        |text| {
            drop(black_box(syntax::dockerfile::parse(text)));
        },
    );
    run("yaml", deploy, |text| {
        drop(black_box(syntax::yaml::parse(text)));
    });
    run(
        "yaml with ERB",
        example("examples/harbour/config/database.yml"),
        |text| {
            drop(black_box(syntax::yaml::parse(text)));
        },
    );
    run(
        "ruby",
        example("examples/harbour/config/environments/production.rb"),
        |text| {
            drop(black_box(syntax::ruby::parse(text)));
        },
    );
    run(
        "lockfile",
        example("examples/harbour/Gemfile.lock"),
        |text| {
            drop(black_box(syntax::lockfile::parse(text)));
        },
    );
    run(
        "shell",
        example(&format!("{expected}/bin/docker-entrypoint")),
        |text| {
            drop(black_box(syntax::shell::parse(text)));
        },
    );
    run(
        "dockerignore",
        example(&format!("{expected}/dockerignore")),
        |text| {
            drop(black_box(syntax::dockerignore::parse(text)));
        },
    );
    group.finish();
}

criterion_group!(benches, parsers);
criterion_main!(benches);
