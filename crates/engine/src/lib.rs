//! Facts, rules and plans for Rails apps that run on Docker and Kamal.
//!
//! Everything here is a pure function of a [`Tree`](tree::Tree): no disk, no clock, no environment,
//! no threads. [`wants`] says what still has to be read; [`App`] answers questions about what was;
//! [`check`] and [`plan`](plan::plan) turn the answers into a report or into changes.

pub mod allow;
pub mod ask;
pub mod baseline;
pub mod change;
pub mod diagnose;
mod digest;
pub mod fact;
pub mod facts;
pub mod finding;
mod near;
mod page;
pub mod plan;
pub mod posture;
pub mod render;
pub mod rules;
pub mod tree;
mod version;

pub use facts::{App, Wants, wants};
pub use rules::{Selection, check, check_beside, deploys};
pub use syntax::ruby::with_deep_stack;
