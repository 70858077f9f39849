//! Shapes of apps, each with choices of the command line: what holds for every plan.
//!
//! A shape is drawn at random, always from the same seed, and is planned once for all tests. Where
//! something does not hold, the shape is made as small as it can be and shown.
//! `PROPTEST_CASES` draws more of them.

// Tests say what they expect by panicking.
#![allow(
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::type_complexity
)]

#[path = "../harness/mod.rs"]
mod harness;

mod databases;
mod deploy;
mod files;
mod image;
mod outcome;
mod plans;
mod secrets;
mod shape;
