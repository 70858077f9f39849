//! Names of images.
//!
//! Upstream: distribution/reference 0.6 `regexp.go`, `normalize.go`.

/// A name may have this many characters, its registry included.
const MAX_LENGTH: usize = 255;

/// The name of the official image that `image` is, wherever it is pulled from: `ruby` of `ruby:3.4` and of
/// `registry.example.com/library/ruby:3.4`.
pub fn official(image: &str) -> Option<&str> {
    let (name, _) = split(image);
    match name.rsplit_once('/') {
        None => Some(name),
        Some(("docker.io", name)) => Some(name),
        Some((folder, name)) => (folder.rsplit('/').next() == Some("library")).then_some(name),
    }
}

/// The registry that an image comes from; Docker's own where it names none.
pub fn registry(image: &str) -> &str {
    let (name, _) = split(image);
    match name.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => first,
        _ => "docker.io",
    }
}

/// The tag, without what a digest says; empty where a digest says it all.
pub fn tag(image: &str) -> Option<&str> {
    let (_, rest) = split(image);
    if rest.contains('@') {
        return Some("");
    }
    rest.strip_prefix(':')
}

/// Whether Docker takes it for the name of an image.
pub fn is_valid(image: &str) -> bool {
    let is_id = image.len() == 64 && image.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id && image == image.to_ascii_lowercase() {
        return false;
    }
    let (name, rest) = split(image);
    let (domain, path) = match name.split_once('/') {
        Some((first, path))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first != first.to_ascii_lowercase() =>
        {
            (Some(first), path)
        }
        _ => (None, name),
    };
    name.len() <= MAX_LENGTH
        && domain.is_none_or(is_domain)
        && path.split('/').all(is_part)
        && is_rest(rest)
}

/// The name, and the tag and digest behind it.
fn split(image: &str) -> (&str, &str) {
    let last = image.rfind('/').map_or(0, |slash| slash + 1);
    let end = image[last..]
        .find([':', '@'])
        .map_or(image.len(), |end| last + end);
    image.split_at(end)
}

fn is_domain(domain: &str) -> bool {
    let (host, port) = match domain.rsplit_once(':') {
        Some((host, port)) if !domain.ends_with(']') => (host, Some(port)),
        _ => (domain, None),
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|host| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit() || byte == b':')
        });
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_address || host.split('.').all(is_label)) && port.is_none_or(is_port)
}

/// Letters and digits, with one dot, one or two underscores, or dashes between them.
fn is_part(part: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators = part
        .split(is_plain)
        .filter(|separator| !separator.is_empty());
    part.starts_with(is_plain)
        && part.ends_with(is_plain)
        && separators.into_iter().all(|separator| {
            [".", "_", "__"].contains(&separator) || separator.bytes().all(|byte| byte == b'-')
        })
}

fn is_rest(rest: &str) -> bool {
    let (tag, digest) = match rest.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None => (rest, None),
    };
    let is_tag = |tag: &str| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        tag.len() <= 128
            && tag.starts_with(is_word)
            && tag.chars().all(|c| is_word(c) || ".-".contains(c))
    };
    let is_digest = |digest: &str| {
        digest.split_once(':').is_some_and(|(algorithm, hex)| {
            let length = match algorithm {
                "sha256" => 64,
                "sha384" => 96,
                "sha512" => 128,
                _ => return false,
            };
            hex.len() == length
                && hex
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        })
    };
    (tag.is_empty() || tag.strip_prefix(':').is_some_and(is_tag)) && digest.is_none_or(is_digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_docker() {
        let digest = "a".repeat(64);
        for name in [
            "ruby",
            "ruby:3.4-slim",
            "library/ruby",
            "localhost:5555/a__b/c.d--e:v_1.0-rc",
            "registry.example.com/ruby",
            "[::1]:5000/ruby",
            &format!("ruby:3@sha256:{digest}"),
        ] {
            assert!(is_valid(name), "{name}");
        }
        for name in [
            "",
            "ruby:",
            "ruby:-slim",
            "Ruby",
            "a//b",
            "a___b",
            "a..b",
            "-a",
            "ruby@sha256:12",
            "registry.example.com/",
            "example.com:x/ruby",
            "a b",
            &digest,
        ] {
            assert!(!is_valid(name), "{name}");
        }
    }

    #[test]
    fn an_image_comes_from_a_registry() {
        for (image, known) in [
            ("ruby:3.4-slim", "docker.io"),
            ("someone/ruby", "docker.io"),
            ("docker.io/library/ruby", "docker.io"),
            ("localhost/ruby", "localhost"),
            ("localhost:5000/ruby@sha256:12", "localhost:5000"),
            ("ghcr.io/someone/ruby:3", "ghcr.io"),
        ] {
            assert_eq!(registry(image), known, "{image}");
        }
    }

    #[test]
    fn official_images_may_come_from_a_mirror() {
        assert_eq!(official("ruby:3.4"), Some("ruby"));
        assert_eq!(official("docker.io/ruby"), Some("ruby"));
        assert_eq!(official("registry.docker.com/library/ruby:3"), Some("ruby"));
        assert_eq!(official("localhost:5000/library/ruby"), Some("ruby"));
        assert_eq!(official("someone/ruby"), None);
    }
}
