//! A rule's page, taken apart.

/// The parts of a rule's page that the program itself shows. All are Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Docs<'a> {
    /// What is wrong, in one sentence.
    pub what: &'a str,
    /// What happens in production, and why.
    pub why: &'a str,
    /// How to see it, and to see that it is gone: one step each.
    pub verify: Vec<&'a str>,
    /// Where the facts are from.
    pub sources: Vec<&'a str>,
}

impl<'a> Docs<'a> {
    /// Takes a page apart.
    pub fn parse(markdown: &'a str) -> Self {
        let (head, rest) = markdown.split_once("\n## ").unwrap_or((markdown, ""));
        let what = head.split_once('\n').map_or("", |(_, what)| what).trim();
        let section = |title: &str| {
            rest.split("\n## ")
                .find_map(|section| section.strip_prefix(title))
                .unwrap_or_default()
                .trim()
        };
        let items = |title: &str| {
            let items = section(title).strip_prefix("- ").unwrap_or_default();
            items
                .split("\n- ")
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .collect()
        };
        Self {
            what,
            why: section("Why it bites"),
            verify: items("How to verify"),
            sources: items("Sources"),
        }
    }

    /// The first paragraph of what happens.
    pub fn why_in_short(&self) -> &'a str {
        self.why.split("\n\n").next().unwrap_or_default()
    }

    /// The prose without its tests: what, why, how to verify, sources.
    pub fn prose(markdown: &'a str) -> &'a str {
        markdown
            .split_once("\n## Cases")
            .map_or(markdown, |(prose, _)| prose)
            .trim_end()
    }
}
