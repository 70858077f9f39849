//! Digests of texts, as hexadecimal digits.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The SHA-256 of a text, 64 digits.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .fold(String::with_capacity(64), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        })
}
