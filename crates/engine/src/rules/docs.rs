//! A rule's page, taken apart.

use crate::page;

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
        Self {
            what: page::what(markdown),
            why: page::section(markdown, "Why it bites"),
            verify: page::items(markdown, "How to verify"),
            sources: page::items(markdown, "Sources"),
        }
    }

    /// The first paragraph of what happens.
    pub fn why_in_short(&self) -> &'a str {
        self.why.split("\n\n").next().unwrap_or_default()
    }

    /// The prose without its tests: what, why, how to verify, sources.
    pub fn prose(markdown: &'a str) -> &'a str {
        page::prose(markdown)
    }
}
