//! Literals, names and operators.

use std::sync::Arc;

use ruby_prism::{Integer, Location, Node, NodeList};

use super::Reader;
use crate::Span;
use crate::ruby::{Context, Expression, ExpressionKind, InterpolatedPart};

impl Reader<'_> {
    pub(super) fn value(&mut self, node: &Node<'_>) -> Option<ExpressionKind> {
        self.atom(node)
            .or_else(|| self.string(node))
            .or_else(|| self.collection(node))
            .or_else(|| self.logic(node))
    }

    fn atom(&self, node: &Node<'_>) -> Option<ExpressionKind> {
        Some(match node {
            Node::NilNode { .. } => ExpressionKind::Nil,
            Node::TrueNode { .. } => ExpressionKind::True,
            Node::FalseNode { .. } => ExpressionKind::False,
            Node::IntegerNode { .. } => integer(&node.as_integer_node()?.value()),
            Node::FloatNode { .. } => ExpressionKind::Float(node.as_float_node()?.value()),
            Node::SymbolNode { .. } => {
                text(node.as_symbol_node()?.unescaped(), ExpressionKind::Symbol)
            }
            Node::ConstantReadNode { .. } => {
                ExpressionKind::Constant(self.source(&node.location()).to_owned())
            }
            Node::ConstantPathNode { .. } => {
                ExpressionKind::Constant(self.constant_path(&node.location())?)
            }
            Node::LocalVariableReadNode { .. } => {
                ExpressionKind::Variable(self.source(&node.location()).to_owned())
            }
            _ => return None,
        })
    }

    /// A path of nothing but constants, without spaces.
    pub(super) fn constant_path(&self, location: &Location<'_>) -> Option<String> {
        let path = super::without_space(self.source(location));
        let mut segments = path.strip_prefix("::").unwrap_or(&path).split("::");
        let is_constant = |segment: &str| {
            segment.starts_with(char::is_uppercase)
                && segment.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        segments.all(is_constant).then_some(path)
    }

    fn string(&mut self, node: &Node<'_>) -> Option<ExpressionKind> {
        if let Some(string) = node.as_string_node() {
            self.note_heredoc(string.opening_loc(), string.closing_loc());
            return Some(text(string.unescaped(), ExpressionKind::String));
        }
        if let Some(string) = node.as_interpolated_string_node() {
            self.note_heredoc(string.opening_loc(), string.closing_loc());
            let mut parts = Vec::new();
            self.interpolation(&string.parts(), &mut parts);
            return Some(joined(parts));
        }
        if let Some(pattern) = node.as_regular_expression_node() {
            let written = self.source(&pattern.content_loc());
            return Some(ExpressionKind::Regex(written.to_owned()));
        }
        if let Some(command) = node.as_x_string_node() {
            self.note_heredoc(Some(command.opening_loc()), Some(command.closing_loc()));
        } else if let Some(command) = node.as_interpolated_x_string_node() {
            self.note_heredoc(Some(command.opening_loc()), Some(command.closing_loc()));
            self.interpolation(&command.parts(), &mut Vec::new());
        } else if let Some(symbol) = node.as_interpolated_symbol_node() {
            self.interpolation(&symbol.parts(), &mut Vec::new());
        } else if let Some(pattern) = node.as_interpolated_regular_expression_node() {
            self.interpolation(&pattern.parts(), &mut Vec::new());
        } else {
            return None;
        }
        Some(ExpressionKind::Other)
    }

    fn interpolation(&mut self, nodes: &NodeList<'_>, parts: &mut Vec<InterpolatedPart>) {
        for node in nodes {
            let code = self.interpolated(&node);
            // The literals of `"a" "b#{c}"` are parts as well, and so are the lines of a heredoc.
            match (code.kind, node.as_embedded_statements_node()) {
                (ExpressionKind::String(text), None) => parts.push(InterpolatedPart::Text(text)),
                (ExpressionKind::Interpolated(inner), None) => parts.extend(inner),
                (kind, _) => parts.push(InterpolatedPart::Code(Expression {
                    span: code.span,
                    kind,
                })),
            }
        }
    }

    fn interpolated(&mut self, node: &Node<'_>) -> Expression {
        let Some(embedded) = node.as_embedded_statements_node() else {
            return self.read(node);
        };
        let start = self.span(&embedded.opening_loc()).end;
        let end = self.span(&embedded.closing_loc()).start;
        let kind = embedded
            .statements()
            .map_or(ExpressionKind::Nil, |statements| {
                self.statements_in_line(&statements)
            });
        Expression {
            span: Span::new(start as usize, end as usize),
            kind,
        }
    }

    fn note_heredoc(&mut self, opening: Option<Location<'_>>, closing: Option<Location<'_>>) {
        let (Some(opening), Some(closing)) = (opening, closing) else {
            return;
        };
        if self.source(&opening).starts_with("<<") {
            let heredoc = self.span(&opening).to(self.trimmed(&closing));
            self.document.heredocs.push(heredoc);
        }
    }

    fn collection(&mut self, node: &Node<'_>) -> Option<ExpressionKind> {
        if let Some(array) = node.as_array_node() {
            return Some(ExpressionKind::Array(self.read_all(&array.elements())));
        }
        if let Some(hash) = node.as_hash_node() {
            return Some(self.pairs(&hash.elements()));
        }
        if let Some(keywords) = node.as_keyword_hash_node() {
            return Some(self.pairs(&keywords.elements()));
        }
        if let Some(implicit) = node.as_implicit_node() {
            return Some(self.read(&implicit.value()).kind);
        }
        let range = node.as_range_node()?;
        Some(ExpressionKind::Range {
            first: range.left().map(|node| self.read_shared(&node)),
            last: range.right().map(|node| self.read_shared(&node)),
            exclusive: range.is_exclude_end(),
        })
    }

    fn pairs(&mut self, elements: &NodeList<'_>) -> ExpressionKind {
        let pairs = elements.iter().filter_map(|element| {
            if let Some(pair) = element.as_assoc_node() {
                let key = self.read(&pair.key());
                return Some((key, self.read(&pair.value())));
            }
            let rest = element.as_assoc_splat_node()?;
            let key = Expression {
                span: self.span(&rest.operator_loc()),
                kind: ExpressionKind::Other,
            };
            Some((key, self.read(&rest.value()?)))
        });
        ExpressionKind::Hash(pairs.collect())
    }

    fn logic(&mut self, node: &Node<'_>) -> Option<ExpressionKind> {
        if let Some(and) = node.as_and_node() {
            let (left, right) = self.short_circuit(&and.left(), &and.right(), false);
            return Some(ExpressionKind::And(left, right));
        }
        let or = node.as_or_node()?;
        let (left, right) = self.short_circuit(&or.left(), &or.right(), true);
        Some(ExpressionKind::Or(left, right))
    }

    fn short_circuit(
        &mut self,
        left: &Node<'_>,
        right: &Node<'_>,
        negated: bool,
    ) -> (Arc<Expression>, Arc<Expression>) {
        let left = self.read_shared(left);
        let context = Context::If {
            condition: left.clone(),
            negated,
            span: self.span(&right.location()),
        };
        (left, Arc::new(self.read_inside(context, right)))
    }
}

fn integer(value: &Integer<'_>) -> ExpressionKind {
    let (negative, digits) = value.to_u32_digits();
    let magnitude = match *digits {
        [low] => u64::from(low),
        [low, high] => u64::from(low) | u64::from(high) << 32,
        _ => return ExpressionKind::Other,
    };
    let value = if negative {
        0_i64.checked_sub_unsigned(magnitude)
    } else {
        0_i64.checked_add_unsigned(magnitude)
    };
    value.map_or(ExpressionKind::Other, ExpressionKind::Integer)
}

/// A string or symbol, unless escapes make it something that is not UTF-8.
fn text(bytes: &[u8], kind: fn(String) -> ExpressionKind) -> ExpressionKind {
    str::from_utf8(bytes).map_or(ExpressionKind::Other, |text| kind(text.to_owned()))
}

/// One string if all parts are text, with neighbouring texts made one.
fn joined(parts: Vec<InterpolatedPart>) -> ExpressionKind {
    let mut result: Vec<InterpolatedPart> = Vec::with_capacity(parts.len());
    for part in parts {
        match (result.last_mut(), part) {
            (Some(InterpolatedPart::Text(last)), InterpolatedPart::Text(text)) => {
                last.push_str(&text);
            }
            (_, part) => result.push(part),
        }
    }
    match &mut result[..] {
        [] => ExpressionKind::String(String::new()),
        [InterpolatedPart::Text(text)] => ExpressionKind::String(std::mem::take(text)),
        _ => ExpressionKind::Interpolated(result),
    }
}
