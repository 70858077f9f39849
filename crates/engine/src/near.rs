//! What somebody may have meant.

/// How alike two words must be for one to be a slip of the other: a letter too many in four, or two
/// that changed places.
const ALIKE: f64 = 0.8;

/// The one of `known` that `word` is most likely a slip of; nothing where none is near.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    alike(word, known).into_iter().next()
}

/// Those of `known` that `word` may be a slip of, the likeliest first; three at the most.
pub(crate) fn alike<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    let word = word.to_lowercase();
    let mut ranked: Vec<(f64, &str)> = known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&word, &known.to_lowercase()), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    ranked.truncate(3);
    ranked.into_iter().map(|(_, known)| known).collect()
}

/// The one of `known` that is at most two letters away from `word`, as BuildKit looks for it
/// (`util/suggest/error.go`), but without case, and not for words that are hardly longer.
pub(crate) fn slip<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::levenshtein(&word, &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= 2 && distance * 3 < known.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The one of `known` that `word` is a slip of the keyboard of: it begins alike, and a letter is missing, is one
/// too many, is another one, or changed places with the next; two of these in a long word, and places alone in a
/// short one, which has too many others near.
pub(crate) fn misspelled<'k>(
    word: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let most = match word.len() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    };
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    let is_like = |known: &&str| {
        known.chars().next() == word.chars().next()
            && (word.len() > 4 || letters(known) == letters(word))
    };
    known
        .into_iter()
        .filter(is_like)
        .map(|known| (strsim::damerau_levenshtein(word, known), known))
        .filter(|(distance, known)| *distance <= most && known.len() >= 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::{alike, misspelled, nearest};

    #[test]
    fn slips_of_the_keyboard_are_few_letters() {
        let known = ["image", "make", "deploy", "database"];
        assert_eq!(misspelled("imgae", known), Some("image"));
        assert_eq!(misspelled("databsae", known), Some("database"));
        assert_eq!(misspelled("mkae", known), Some("make"));
        assert_eq!(misspelled("male", known), None);
        assert_eq!(misspelled("dep", known), None);
    }

    #[test]
    fn the_likeliest_slip_comes_first() {
        let known = ["app-port-mismatch", "path-mismatch", "app-port", "no-hosts"];
        assert_eq!(alike("app-port-mismach", known)[0], "app-port-mismatch");
        assert_eq!(alike("volume", known), Vec::<&str>::new());
    }

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let known = ["registry", "registry_user", "servers", "service"];
        assert_eq!(nearest("registry-user", known), Some("registry_user"));
        assert_eq!(nearest("server", known), Some("servers"));
        assert_eq!(nearest("Service", known), Some("service"));
        assert_eq!(nearest("volumes", known), None);
    }
}
