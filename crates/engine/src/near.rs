//! What somebody may have meant.

/// How alike two words must be for one to be a slip of the other: a letter too many in four, or two
/// that changed places.
const ALIKE: f64 = 0.8;

/// The one of `known` that `word` is most likely a slip of; nothing where none is near.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let likeness = |known: &str| strsim::jaro_winkler(&word.to_lowercase(), &known.to_lowercase());
    known
        .into_iter()
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let known = ["registry", "registry_user", "servers", "service"];
        assert_eq!(nearest("registry-user", known), Some("registry_user"));
        assert_eq!(nearest("server", known), Some("servers"));
        assert_eq!(nearest("Service", known), Some("service"));
        assert_eq!(nearest("volumes", known), None);
    }
}
