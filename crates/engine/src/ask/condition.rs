//! What a topic asks of the app's facts: `puma.solid_queue`, `jobs.adapter = solid_queue`,
//! `!kamal.accessories.*.port`.

use crate::facts::listing::Row;

/// The names of facts: dotted, `*` for one part or the end of one, and without the names of destinations:
/// `kamal.roles` is `kamal[staging].roles`, too.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pattern<'p>(&'p str);

impl<'p> Pattern<'p> {
    pub(super) fn of(pattern: &'p str) -> Self {
        Self(pattern)
    }

    pub(super) fn matches(self, name: &str) -> bool {
        let plain = match (name.find('['), name.find(']')) {
            (Some(open), Some(close)) if open < close => {
                format!("{}{}", &name[..open], &name[close + 1..])
            }
            _ => name.to_owned(),
        };
        let (mut wanted, mut parts) = (self.0.split('.'), plain.split('.'));
        loop {
            match (wanted.next(), parts.next()) {
                (None, None) => return true,
                (Some(wanted), Some(part)) if is_like(wanted, part) => {}
                _ => return false,
            }
        }
    }

    /// The facts that are shown for it: all that are so, and one that is not where it is named in full.
    pub(super) fn shown<'r>(self, rows: &'r [Row]) -> impl Iterator<Item = &'r Row> + use<'p, 'r> {
        let is_exact = !self.0.contains('*');
        rows.iter()
            .filter(move |row| self.matches(&row.name) && (is_exact || row.value.is_some()))
    }
}

/// Whether a text is what is wanted, in which `*` stands for anything.
fn is_like(wanted: &str, text: &str) -> bool {
    let Some((beginning, rest)) = wanted.split_once('*') else {
        return wanted == text;
    };
    let Some(mut text) = text.strip_prefix(beginning) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match text.split_once(part) {
            Some((_, behind)) => text = behind,
            None => return false,
        }
    }
    text.ends_with(end)
}

/// Something that holds of the facts, or does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition<'c> {
    name: Pattern<'c>,
    value: Option<&'c str>,
    is_negated: bool,
}

impl<'c> Condition<'c> {
    pub(super) fn of(text: &'c str) -> Self {
        let (is_negated, text) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (name, value) = match text.split_once(" = ") {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        Self {
            name: Pattern::of(name),
            value,
            is_negated,
        }
    }

    pub(super) fn holds(self, rows: &[Row]) -> bool {
        let is_so = rows.iter().any(|row| {
            let is_value = |value: &String| self.value.is_none_or(|wanted| is_like(wanted, value));
            self.name.matches(&row.name) && row.value.as_ref().is_some_and(is_value)
        });
        is_so != self.is_negated
    }
}

/// Whether a fact is the app's, or of the destination of that name; none is the file without one.
pub(super) fn is_of(name: &str, destination: Option<&str>) -> bool {
    let Some(rest) = name.strip_prefix("kamal") else {
        return true;
    };
    match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(own, _)| own) == destination,
        None => !rest.starts_with('.') || destination.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_like, is_of};

    #[test]
    fn a_star_stands_for_anything() {
        for (wanted, text, is_so) in [
            ("web", "web", true),
            ("web", "webs", false),
            ("web*", "webs", true),
            ("*, *", "one, two", true),
            ("*, *", "one", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
        ] {
            assert_eq!(is_like(wanted, text), is_so, "{wanted} {text}");
        }
    }

    #[test]
    fn facts_are_the_apps_or_a_destinations() {
        assert!(is_of("ruby.version", Some("staging")));
        assert!(is_of("kamal[staging].service", Some("staging")));
        assert!(!is_of("kamal[staging].service", None));
        assert!(!is_of("kamal.service", Some("staging")));
    }
}
