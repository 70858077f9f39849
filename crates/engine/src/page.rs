//! Pages of knowledge: Markdown with sections, and perhaps TOML between two lines `+++` above it.

/// What stands above a page, and the page.
///
/// # Panics
///
/// If nothing stands above it, which is a mistake in the program.
pub(crate) fn with_front<'a>(name: &str, page: &'a str) -> (&'a str, &'a str) {
    let rest = page
        .strip_prefix("+++\n")
        .unwrap_or_else(|| panic!("{name} begins with +++"));
    rest.split_once("\n+++\n")
        .unwrap_or_else(|| panic!("the front of {name} ends with +++"))
}

/// The heading.
pub(crate) fn title(markdown: &str) -> &str {
    let line = markdown.lines().next().unwrap_or_default();
    line.trim_start_matches("# ").trim()
}

/// What stands between the heading and the first section.
pub(crate) fn what(markdown: &str) -> &str {
    let head = markdown.split("\n## ").next().unwrap_or_default();
    head.split_once('\n').map_or("", |(_, what)| what).trim()
}

/// A section's text; empty where there is no such section.
pub(crate) fn section<'a>(markdown: &'a str, title: &str) -> &'a str {
    markdown
        .split("\n## ")
        .find_map(|section| section.strip_prefix(title)?.strip_prefix('\n'))
        .unwrap_or_default()
        .trim()
}

/// The items of a section that is a list.
pub(crate) fn items<'a>(markdown: &'a str, title: &str) -> Vec<&'a str> {
    let items = section(markdown, title)
        .strip_prefix("- ")
        .unwrap_or_default();
    items
        .split("\n- ")
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect()
}

/// The prose without its tests.
pub(crate) fn prose(markdown: &str) -> &str {
    let (prose, _) = markdown.split_once("\n## Cases").unwrap_or((markdown, ""));
    prose.trim_end()
}
