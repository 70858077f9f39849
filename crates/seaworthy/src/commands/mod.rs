//! The verbs, one file each.

pub(crate) mod ask;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod diagnose;
pub(crate) mod explain;
pub(crate) mod facts;
pub(crate) mod init;
pub(crate) mod mcp;
pub(crate) mod overview;
