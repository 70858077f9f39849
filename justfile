# What one does often. `just` lists it.

_default:
    @just --list

# README's test command
test:
    cargo test --workspace --locked

# What CI runs before the proofs
lint:
    cargo fmt --all --check
    rustfmt --edition 2024 --check crates/engine/src/rules/*/*.rs
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Rewrites expected texts and generated docs
update:
    UPDATE=1 cargo test --workspace --locked

# Scaffolds a rule: just new rule kamal/some-defect Role
new kind id subject="App":
    bin/new {{ kind }} {{ id }} {{ subject }}

# Facts and check of a large app, and the parsers' throughput
bench:
    cargo bench --workspace --locked
