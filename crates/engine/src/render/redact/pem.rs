//! Private keys as PEM has them.

use std::ops::Range;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END";

/// What stands between the first and the last line of each private key. A key may be on one line,
/// with `\n` for its line breaks, or have lost its end.
pub(super) fn bodies(text: &str) -> Vec<Range<usize>> {
    text.match_indices(BEGIN)
        .filter_map(|(begin, _)| {
            let label = &text[begin + BEGIN.len()..];
            let label = &label[..label.find("-----")?];
            let is_private = label.len() < 40 && label.ends_with("PRIVATE KEY");
            let start = begin + BEGIN.len() + label.len() + "-----".len();
            is_private.then(|| start..start + body_length(&text[start..]))
        })
        .collect()
}

fn body_length(text: &str) -> usize {
    if let Some(end) = text.find(END)
        && !text[..end].contains(BEGIN)
    {
        return end;
    }
    let is_body = |line: &&str| {
        line.trim()
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+/=\\-\"',".contains(c))
    };
    text.split_inclusive('\n')
        .take_while(is_body)
        .map(str::len)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::bodies;

    fn found(text: &str) -> Vec<&str> {
        bodies(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn bodies_of_private_keys_are_found() {
        for (text, body) in [
            (
                "a\n-----BEGIN PRIVATE KEY-----\nMIIE\nvQ==\n-----END PRIVATE KEY-----\nb\n",
                "\nMIIE\nvQ==\n",
            ),
            (
                r#"KEY="-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----""#,
                r"\nMIIE\n",
            ),
            (
                "-----BEGIN EC PRIVATE KEY-----\nMHcC\nAQEE\nand no more\n",
                "\nMHcC\nAQEE\n",
            ),
        ] {
            assert_eq!(found(text), [body]);
        }
    }

    #[test]
    fn certificates_are_public() {
        assert!(found("-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n").is_empty());
        assert!(found("-----BEGIN ").is_empty());
    }
}
