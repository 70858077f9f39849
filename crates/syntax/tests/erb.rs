//! ERB tags, their control structures and the mask for YAML.

use proptest::prelude::*;
use syntax::erb::{self, Kind, Template};

fn tags(text: &str) -> Vec<(Kind, &str, &str)> {
    let tags = erb::scan(text).tags;
    tags.iter()
        .map(|tag| (tag.kind, tag.span.of(text), tag.code.of(text)))
        .collect()
}

fn mask(text: &str) -> String {
    erb::mask(text, &erb::scan(text)).text
}

fn regions(text: &str) -> Vec<&str> {
    let regions = erb::scan(text).regions;
    regions.iter().map(|region| region.of(text)).collect()
}

fn fragments(text: &str) -> Vec<&str> {
    let mask = erb::mask(text, &erb::scan(text));
    mask.fragments.iter().map(|span| span.of(text)).collect()
}

#[test]
fn finds_every_kind_of_tag() {
    assert_eq!(
        tags("a<%= x %>b<% y -%>c<%- z %><%# note %><%=-%>"),
        [
            (Kind::Output, "<%= x %>", " x "),
            (Kind::Statement, "<% y -%>", " y "),
            (Kind::Statement, "<%- z %>", " z "),
            (Kind::Comment, "<%# note %>", " note "),
            (Kind::Output, "<%=-%>", ""),
        ]
    );
}

#[test]
fn literals_are_no_tags_and_no_ends() {
    assert_eq!(tags("a <%% b %> <%%= c %>"), []);
    assert_eq!(
        tags("<%= '%%>' + x %>y"),
        [(Kind::Output, "<%= '%%>' + x %>", " '%%>' + x ")]
    );
    // As in Ruby, a string does not protect a `%>`.
    assert_eq!(tags("<%= '%>' %>")[0].1, "<%= '%>");
}

#[test]
fn an_open_tag_ends_with_its_line() {
    let text = "a: <%= x\r\nb: <% y\nc: 1";
    let template = erb::scan(text);
    assert_eq!(
        tags(text),
        [
            (Kind::Output, "<%= x", " x"),
            (Kind::Statement, "<% y", " y"),
        ]
    );
    let errors: Vec<_> = template
        .errors
        .iter()
        .map(|error| error.span.of(text))
        .collect();
    assert_eq!(errors, ["<%=", "<%"]);
    assert_eq!(mask(text), "a: E____\r\nb:     \nc: 1");
}

#[test]
fn regions_reach_from_opener_to_end() {
    assert_eq!(
        regions("a\n<% if x %>\nb\n<% else %>\nc\n<% end %>\nd"),
        ["<% if x %>\nb\n<% else %>\nc\n<% end %>"]
    );
    assert_eq!(
        regions("<% hosts.each do |h| %>- <%= h %>\n<% end %>x<%- 3.times { |i| -%>y<% } %>z"),
        [
            "<% hosts.each do |h| %>- <%= h %>\n<% end %>",
            "<%- 3.times { |i| -%>y<% } %>"
        ]
    );
    assert_eq!(
        regions(
            "<% case x %><% when 1 %>a<% end %> <% while y do %>b<% end %> <% z = begin %><% end %>"
        ),
        [
            "<% case x %><% when 1 %>a<% end %>",
            "<% while y do %>b<% end %>",
            "<% z = begin %><% end %>",
        ]
    );
    assert_eq!(
        regions("<% if a %><% if b %>c<% end %>d<% end %>e"),
        ["<% if a %><% if b %>c<% end %>d<% end %>"]
    );
    assert_eq!(
        regions("<%= form do |f| %>c<% end %>e"),
        ["<%= form do |f| %>c<% end %>"]
    );
    // One tag that ends a block and begins the next.
    assert_eq!(
        regions("<% if a %>b<% end; if c %>d<% end %>e"),
        ["<% if a %>b<% end; if c %>d<% end %>"]
    );
}

#[test]
fn only_what_opens_a_block_opens_a_region() {
    for balanced in [
        "<% x = 1 if y %>a",
        "<% puts(z) unless y %>a",
        "<% x = y if z; w = 2 while v %>a",
        "<% if x then y end %>a",
        "<% while x do y end %>a",
        "<% h = { if: 1, :do => 2, end: 3 } %>a",
        "<% range.begin; range.end; foo&.end %>a",
        "<% x = 'if' + \"do #{y} \\\" end\" # begin %>a",
        "<% @if = $end = do? %>a",
        "<% xs.each do |x| y if z end %>a",
        "<%# if x %>a",
        "<%= if x then 1 else 2 end %>a",
        "<% X::end %>a",
        "<% if x # a comment\n y\n end %>a",
    ] {
        assert_eq!(regions(balanced), [""; 0], "{balanced}");
    }
    for opener in [
        "<% if x %>a",
        "<% y; unless x %>a",
        "<% y = if x %>a",
        "<% foo(1) do |a, b| %>a",
        "<% foo { |a| if a %>a<% end %>",
        "<% xs.each do |x| if x %>a<% end %>",
        "<% y\n if x %>a",
        "<% y && begin %>a",
    ] {
        assert_eq!(regions(opener), [opener], "{opener}");
    }
}

#[test]
fn unbalanced_blocks_take_all_that_may_be_theirs() {
    assert_eq!(
        regions("a<% if x %>b<% if y %>c<% end %>d"),
        ["<% if x %>b<% if y %>c<% end %>d"]
    );
    assert_eq!(regions("a<% x %>b<% end %>c"), ["<% x %>b<% end %>"]);
    assert_eq!(regions("a<%= x %>b<% end %>c"), ["<% end %>"]);
}

#[test]
fn masks_keep_values_and_lines_in_place() {
    for (text, masked) in [
        ("key: <%= x %>", "key: E_______"),
        ("host: <%= a %>:<%= b %>", "host: E_______:E_______"),
        ("a: \"x<%= y[\"z\"] %>w\"", "a: \"xE____________w\""),
        ("a: 1 <% x %>\nb: 2", "a: 1        \nb: 2"),
        ("a: 1 <%# x %>", "a: 1         "),
        ("<%= é %>: 1", "E________: 1"),
        ("\u{feff}<% x %>\na: 1", "\u{feff}#      \na: 1"),
        (
            "a:\n  <% if x %>  \n  b: 1\n  <% end -%>\r\n",
            "a:\n  #           \n  b: 1\n  #         \r\n",
        ),
        ("a: <%= x(\r\n  y) %>:1\n", "a: E_____\r\n       :1\n"),
        ("<%\n x = 1\n%>\na: 1\n", "# \n      \n  \na: 1\n"),
        ("<% a %> <% b %>\nc", "#              \nc"),
        ("a: <%% b %>", "a: <%% b %>"),
        (
            "a: <% if x %>\"b\"<% else %>\"c\"<% end %>\n",
            "a: E__________________________________\n",
        ),
        ("- <% if x %>{b: 1}<% end %>", "- E________________________"),
        ("a: <% if x %>b<% end %>", "a:           b         "),
        (
            "a: b<% if x %>, \"c\"<% end %>",
            "a: b          , \"c\"         ",
        ),
    ] {
        assert_eq!(mask(text), masked, "{text}");
    }
}

#[test]
fn lines_that_are_put_out_are_fragments() {
    assert_eq!(
        fragments("a: 1\n<%= x %>\n  <% y %>\n  <%= z\n %>\nb: <%= w %>\n"),
        ["<%= x %>", "<%= z\n %>"]
    );
    let text = "a:\n  <% if x %>b: <%= y %><% end %>\n  c: 1\n<% x %>- d\n<% x %> word\n";
    assert_eq!(
        fragments(text),
        ["<% if x %>b: <%= y %><% end %>", "<% x %>- d"]
    );
    assert_eq!(
        mask(text),
        "a:\n  #                             \n  c: 1\n#         \n        word\n"
    );
    // With all that its block and its key hold.
    for (text, fragment) in [
        (
            "<% if x %>a:\n  b: 1<% end %>\nc: 2\n",
            "<% if x %>a:\n  b: 1<% end %>",
        ),
        (
            "<% if x %>a:<% end %>\n  <% if y %>b: 1<% end %>\n\n  c: 2\nd: 3\n",
            "<% if x %>a:<% end %>\n  <% if y %>b: 1<% end %>\n\n  c: 2",
        ),
        (
            "<% if x %>a:\n  b: 1\n<% else %>a:\n  b: 2\n<% end %>\nc: 3\n",
            "<% if x %>a:\n  b: 1\n<% else %>a:\n  b: 2\n<% end %>",
        ),
        ("<% if x %>a: 1\nb: 2", "<% if x %>a: 1"),
    ] {
        assert_eq!(fragments(text), [fragment], "{text}");
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    let count = 20_000;
    for text in [
        "<%".repeat(count),
        "<%= a %>".repeat(count),
        "<% if a %>b".repeat(count),
        "<% end %>".repeat(count),
        "<% %%>".repeat(count),
        "<% if x %>a: b".to_owned() + &"<%= a %>".repeat(count),
        "<% if x %>\n<% end %>\n".repeat(count),
        "<% if x %>a: 1\n".repeat(count),
        "a: <% if x %>\"b\" -".repeat(count),
        "<% if x %>a:<% end %>\n ".repeat(count),
        format!("<% {} %>", "if x;".repeat(count)),
    ] {
        let template = erb::scan(&text);
        let mask = erb::mask(&text, &template);
        assert_eq!(mask.text.len(), text.len());
    }
}

fn assert_sound(text: &str, template: &Template) {
    let mask = erb::mask(text, template);
    assert_eq!(mask.text.len(), text.len());
    let newlines = |text: &str| -> Vec<usize> {
        text.match_indices(['\n', '\r'])
            .map(|(offset, _)| offset)
            .collect()
    };
    assert_eq!(newlines(&mask.text), newlines(text));
    let mut end = 0;
    for tag in &template.tags {
        assert!(text.get(tag.span.range()).is_some() && tag.span.encloses(tag.code));
        assert!(text.get(tag.code.range()).is_some());
        assert!(tag.span.range().start >= end);
        end = tag.span.range().end;
    }
    for pair in template.regions.windows(2) {
        assert!(pair[0].end < pair[1].start);
    }
    for span in template.regions.iter().chain(&mask.fragments) {
        assert!(text.get(span.range()).is_some());
    }
    // Nothing is left to be taken for a tag.
    assert_eq!(erb::scan(&mask.text).tags, []);
}

proptest! {
    #[test]
    fn any_text_is_scanned(text in any::<String>()) {
        assert_sound(&text, &erb::scan(&text));
    }

    #[test]
    fn any_mix_of_delimiters_is_scanned(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "<%", "<%=", "<%#", "<%-", "<%%", "%>", "-%>", "%%>", "\n", "\r\n", " ", "a: ",
                "if x", "end", "do |y|", "{", "}", "é", "\"", "'", "#", ":", "case", "- ", "\u{feff}",
            ]),
            0..40,
        )
    ) {
        let text = pieces.concat();
        assert_sound(&text, &erb::scan(&text));
    }
}
