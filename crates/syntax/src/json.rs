//! `package.json` and other JSON, with spans.

use jsonc_parser::ast;
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::errors::ParseError;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::{Span, SyntaxError};

/// Parses JSON.
///
/// Comments and commas too many or too few are errors, but what is around them is read. After any
/// other error there is no tree; nesting beyond 512 levels is such an error.
pub fn parse(text: &str) -> Document {
    // npm and Node skip a byte order mark; RFC 8259, section 8.1, lets a parser do so.
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let origin = Origin(text.len() - json.len());
    match read(json, &STRICT, origin) {
        Ok(root) => Document {
            root,
            errors: Vec::new(),
        },
        Err(error) => Document {
            root: read(json, &TOLERANT, origin).unwrap_or_default(),
            errors: vec![error],
        },
    }
}

/// A JSON text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Its value; `None` for an empty text, and for one that could not be read.
    pub root: Option<Node>,
    /// What is not JSON.
    pub errors: Vec<SyntaxError>,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands, with quotes, brackets or braces.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number as written.
    Number(String),
    /// A string, escapes resolved.
    String(String),
    /// `[…]`
    Array(Vec<Node>),
    /// `{…}`, in the order of the text, with every repetition of a key.
    Object(Vec<Member>),
}

/// `"key": value` of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The key, escapes resolved.
    pub key: String,
    /// The key with its quotes.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Document {
    /// The value of `key` in the object that the text is.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.root.as_ref()?.get(key)
    }
}

impl Node {
    /// The value of `key` in an object; the last one if it is repeated, as `JSON.parse` has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members()?
            .iter()
            .rev()
            .find(|member| member.key == key)
            .map(|member| &member.value)
    }

    /// The value of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::String(value) => Some(value),
            _ => None,
        }
    }

    /// The value of `true` or `false`.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            NodeKind::Boolean(value) => Some(value),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn elements(&self) -> Option<&[Node]> {
        match &self.kind {
            NodeKind::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn members(&self) -> Option<&[Member]> {
        match &self.kind {
            NodeKind::Object(members) => Some(members),
            _ => None,
        }
    }
}

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

const TOLERANT: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_missing_commas: true,
    ..STRICT
};

fn read(json: &str, options: &ParseOptions, origin: Origin) -> Result<Option<Node>, SyntaxError> {
    parse_to_ast(json, &CollectOptions::default(), options)
        .map(|parsed| parsed.value.map(|value| origin.node(value)))
        .map_err(|error| origin.error(&error, json))
}

/// How many bytes of the text stand before the JSON.
#[derive(Clone, Copy)]
struct Origin(usize);

impl Origin {
    fn node(self, value: ast::Value<'_>) -> Node {
        let span = self.span(value.range());
        let kind = match value {
            ast::Value::NullKeyword(_) => NodeKind::Null,
            ast::Value::BooleanLit(boolean) => NodeKind::Boolean(boolean.value),
            ast::Value::NumberLit(number) => NodeKind::Number(number.value.to_owned()),
            ast::Value::StringLit(string) => NodeKind::String(string.value.into_owned()),
            ast::Value::Array(array) => {
                let elements = array.elements.into_iter();
                NodeKind::Array(elements.map(|element| self.node(element)).collect())
            }
            ast::Value::Object(object) => {
                let members = object.properties.into_iter();
                NodeKind::Object(members.map(|member| self.member(member)).collect())
            }
        };
        Node { span, kind }
    }

    fn member(self, property: ast::ObjectProp<'_>) -> Member {
        Member {
            key_span: self.span(property.name.range()),
            key: property.name.into_string(),
            value: self.node(property.value),
        }
    }

    fn error(self, error: &ParseError, json: &str) -> SyntaxError {
        let range = error.range();
        let start = json.floor_char_boundary(range.start);
        let end = json.ceil_char_boundary(range.end);
        let message = error.kind().to_string();
        let lower = message.chars().take(1).map(|c| c.to_ascii_lowercase());
        SyntaxError::new(
            Span::new(start, end).shifted(self.0),
            lower.chain(message.chars().skip(1)).collect::<String>(),
        )
    }

    fn span(self, range: Range) -> Span {
        Span::new(range.start, range.end).shifted(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PACKAGE: &str = r#"{
  "name": "app",
  "private": true,
  "engines": { "node": ">= 22", "node": "22.x" },
  "packageManager": "yarn@4.6.0+sha224.aé\"",
  "scripts": { "build": "esbuild app/javascript/*.*" },
  "workspaces": ["a", null, -1.5e3, []]
}
"#;

    #[test]
    fn a_package() {
        let document = parse(PACKAGE);
        assert_eq!(document.errors, []);
        assert_eq!(document.get("name").unwrap().as_str(), Some("app"));
        assert_eq!(document.get("private").unwrap().as_bool(), Some(true));
        let engines = document.get("engines").unwrap();
        assert_eq!(engines.get("node").unwrap().as_str(), Some("22.x"));
        assert_eq!(engines.get("npm"), None);
        let members = engines.members().unwrap();
        assert_eq!(members.len(), 2);
        assert_eq!(members[1].key_span.of(PACKAGE), "\"node\"");
        assert_eq!(members[1].value.span.of(PACKAGE), "\"22.x\"");
        let manager = document.get("packageManager").unwrap();
        assert_eq!(manager.as_str(), Some("yarn@4.6.0+sha224.aé\""));
        let workspaces = document.get("workspaces").unwrap();
        assert_eq!(workspaces.span.of(PACKAGE), "[\"a\", null, -1.5e3, []]");
        let kinds = workspaces.elements().unwrap().iter().map(|node| &node.kind);
        let expected = [
            NodeKind::String("a".to_owned()),
            NodeKind::Null,
            NodeKind::Number("-1.5e3".to_owned()),
            NodeKind::Array(Vec::new()),
        ];
        assert!(kinds.eq(&expected));
    }

    #[test]
    fn comments_and_commas_are_errors_but_tolerated() {
        for (text, at, message) in [
            ("{\"a\": 1, // b\n}", "// b", "comments are not allowed"),
            ("{\"a\": 1,}", ",", "trailing commas are not allowed"),
            ("{\"a\": 1 \"b\": 2}", "", "expected comma"),
        ] {
            let document = parse(text);
            let [error] = &document.errors[..] else {
                panic!("{:?}", document.errors);
            };
            assert_eq!((error.span.of(text), error.message.as_str()), (at, message));
            assert!(document.get("a").is_some());
        }
    }

    #[test]
    fn what_is_no_json_has_no_tree() {
        for text in [
            "{",
            "{'a': 1}",
            "{a: 1}",
            "[1] [2]",
            "{\"a\": +1}",
            "<<<<<<< HEAD",
            "\"\\x\"",
        ] {
            let document = parse(text);
            assert_eq!((document.root, document.errors.len()), (None, 1), "{text}");
        }
        assert_eq!(parse(" \n"), Document::default());
        let deep = parse(&"[".repeat(200_000));
        assert_eq!(deep.errors[0].message, "maximum nesting depth exceeded");
        assert_eq!(parse(&"{\"a\":".repeat(200_000)).root, None);
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let text = "\u{feff}{\"a\": 1}";
        let document = parse(text);
        assert_eq!(document.errors, []);
        assert_eq!(document.get("a").unwrap().span.of(text), "1");
        let text = "\u{feff}{\"a\": é}";
        assert_eq!(parse(text).errors[0].span.of(text), "é");
    }

    fn check(text: &str) {
        let document = parse(text);
        let inside = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
        document.errors.iter().for_each(|error| inside(error.span));
        let mut nodes: Vec<_> = document.root.iter().collect();
        while let Some(node) = nodes.pop() {
            inside(node.span);
            nodes.extend(node.elements().unwrap_or_default());
            for member in node.members().unwrap_or_default() {
                inside(member.key_span);
                nodes.push(&member.value);
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>()) {
            check(&text);
        }

        #[test]
        fn any_tokens_are_read(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..30)) {
            check(&tokens.concat());
        }

        #[test]
        fn damaged_files_are_read(at in any::<prop::sample::Index>(), length in 0usize..20) {
            let start = PACKAGE.floor_char_boundary(at.index(PACKAGE.len()));
            let end = PACKAGE.ceil_char_boundary((start + length).min(PACKAGE.len()));
            check(&format!("{}é{}", &PACKAGE[..start], &PACKAGE[end..]));
        }
    }

    const TOKENS: &[&str] = &[
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"é", "\\", "\\u12", "1", "-", ".", "e", "0x1",
        "+", "true", "nul", "/", "//", "/*", "*/", "\n", " ", "'", "é", "Infinity", "\u{feff}",
        "\0",
    ];
}
