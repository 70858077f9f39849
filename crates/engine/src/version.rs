//! Versions as gems and images have them.

/// Whether a version is at least `wanted`, by its first two numbers.
pub(crate) fn at_least(version: &str, wanted: [u64; 2]) -> bool {
    let [major, minor, _] = numbers(version);
    [major, minor] >= wanted
}

/// The first three numbers of a version; what is missing is 0.
pub(crate) fn numbers(version: &str) -> [u64; 3] {
    let mut numbers = version.split('.').map(|part| {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        part[..digits].parse::<u64>().unwrap_or_default()
    });
    std::array::from_fn(|_| numbers.next().unwrap_or_default())
}
