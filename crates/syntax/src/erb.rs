//! erb
