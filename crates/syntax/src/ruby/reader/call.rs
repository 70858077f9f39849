//! Method calls and attribute writes.

use std::sync::Arc;

use ruby_prism::{ArgumentsNode, CallNode, Location, Node};

use super::{Reader, name};
use crate::ruby::{Block, Call, Context, Expression, ExpressionKind};
use crate::{Span, Spanned};

/// Longer chains of names are no receiver that anybody asks for.
const MAX_LINKS: usize = 32;

/// What a call is sent to.
struct Receiver {
    names: Option<String>,
    expression: Option<Arc<Expression>>,
}

/// An attribute or element that is written.
struct Write<'pr> {
    span: Span,
    receiver: Option<Node<'pr>>,
    /// With `=` at its end.
    name: Spanned<String>,
    operator: Spanned<String>,
    index: Option<ArgumentsNode<'pr>>,
    value: Option<Node<'pr>>,
}

impl Reader<'_> {
    pub(super) fn any_call(&mut self, node: &Node<'_>) -> Option<ExpressionKind> {
        if let Some(call) = node.as_call_node() {
            return Some(self.call(&call));
        }
        if let Some(write) = self.write(node) {
            self.record_write(&write);
            return Some(ExpressionKind::Other);
        }
        if let Some(matched) = node.as_match_write_node() {
            for target in &matched.targets() {
                if let Some(target) = target.as_local_variable_target_node() {
                    self.rebound.insert(name(&target.name()));
                }
            }
            return Some(self.call(&matched.call()));
        }
        if let Some(inherited) = node.as_super_node() {
            let arguments = self.arguments(inherited.arguments());
            self.block(inherited.block(), "super", &arguments);
            return Some(ExpressionKind::Other);
        }
        let inherited = node.as_forwarding_super_node()?;
        let block = inherited.block().map(|block| block.as_node());
        self.block(block, "super", &Arc::default());
        Some(ExpressionKind::Other)
    }

    fn call(&mut self, call: &CallNode<'_>) -> ExpressionKind {
        if let (b"!", Some(operand)) = (call.name().as_slice(), call.receiver()) {
            return ExpressionKind::Not(self.read_shared(&operand));
        }
        let receiver = self.receiver(call.receiver().as_ref());
        let arguments = self.arguments(call.arguments());
        let name = self.method_name(call);
        self.note_change_in_place(&receiver, &name);
        let path = match (&receiver.names, &receiver.expression) {
            (Some(names), _) => format!("{names}.{}", name.value),
            (None, Some(_)) => format!(".{}", name.value),
            (None, None) => name.value.clone(),
        };
        let (block, block_value) = self.block(call.block(), &path, &arguments);
        let operator = call.equal_loc().map(|location| self.spanned(&location));
        let kind = environment(&receiver, &name, &arguments, block_value).unwrap_or_else(|| {
            ExpressionKind::Call {
                receiver: receiver.expression.clone(),
                name: name.value.clone(),
                arguments: arguments.clone(),
            }
        });
        if self.records_calls {
            self.document.calls.push(Call {
                span: self.span(&call.location()),
                statement: self.statement,
                receiver_span: receiver.expression.map(|expression| expression.span),
                receiver: receiver.names,
                name,
                operator,
                arguments,
                block,
                scope: self.scope.clone(),
            });
        }
        kind
    }

    fn method_name(&self, call: &CallNode<'_>) -> Spanned<String> {
        // `call.()` has no name in the text.
        let place = call.message_loc().or_else(|| call.call_operator_loc());
        let span = place.map_or_else(|| self.span(&call.location()), |place| self.span(&place));
        Spanned::new(name(&call.name()), span)
    }

    fn receiver(&mut self, node: Option<&Node<'_>>) -> Receiver {
        let names = node.and_then(|node| self.names(node));
        // The links of a chain of names are calls, too, but they would only drown the others.
        let records_calls = self.records_calls;
        self.records_calls &= names.is_none();
        let expression = node.map(|node| self.read_shared(node));
        self.records_calls = records_calls;
        Receiver { names, expression }
    }

    /// A chain of names joined by dots.
    fn names(&self, node: &Node<'_>) -> Option<String> {
        let mut names = String::new();
        self.push_names(node, MAX_LINKS, &mut names)?;
        Some(names)
    }

    fn push_names(&self, node: &Node<'_>, links: usize, names: &mut String) -> Option<()> {
        let location = node.location();
        match node {
            Node::CallNode { .. } => {
                let call = node.as_call_node().filter(is_name)?;
                if let Some(receiver) = call.receiver() {
                    self.push_names(&receiver, links.checked_sub(1)?, names)?;
                    names.push('.');
                }
                names.push_str(&name(&call.name()));
            }
            Node::ConstantPathNode { .. } => names.push_str(&self.constant_path(&location)?),
            Node::ConstantReadNode { .. }
            | Node::LocalVariableReadNode { .. }
            | Node::InstanceVariableReadNode { .. }
            | Node::GlobalVariableReadNode { .. }
            | Node::SelfNode { .. } => names.push_str(self.source(&location)),
            _ => return None,
        }
        Some(())
    }

    fn arguments(&mut self, arguments: Option<ArgumentsNode<'_>>) -> Arc<[Expression]> {
        arguments.map_or_else(Arc::default, |arguments| {
            self.read_all(&arguments.arguments()).into()
        })
    }

    /// Reads a block, or what `&` passes as one; the block's value if it is one expression.
    fn block(
        &mut self,
        node: Option<Node<'_>>,
        call: &str,
        arguments: &Arc<[Expression]>,
    ) -> (Option<Block>, Option<Expression>) {
        let Some(node) = node else {
            return (None, None);
        };
        let Some(block) = node.as_block_node() else {
            return (None, Some(self.read(&node)));
        };
        self.block_parameters(block.parameters());
        let span = self.span(&block.location());
        let context = Context::Block {
            call: call.to_owned(),
            arguments: arguments.clone(),
            span,
        };
        let value = block.body().map(|body| self.read_inside(context, &body));
        let block = Block {
            span,
            body: value.as_ref().map(|body| body.span),
            closing: self.span(&block.closing_loc()),
        };
        (Some(block), value)
    }

    /// Notes that `list << x` and the like change what a variable holds.
    fn note_change_in_place(&mut self, receiver: &Receiver, method: &str) {
        let changes = method.ends_with('!')
            || matches!(
                method,
                "<<" | "[]="
                    | "append"
                    | "clear"
                    | "concat"
                    | "delete"
                    | "delete_at"
                    | "delete_if"
                    | "insert"
                    | "keep_if"
                    | "pop"
                    | "prepend"
                    | "push"
                    | "replace"
                    | "shift"
                    | "store"
                    | "unshift"
                    | "update"
            );
        let kind = receiver
            .expression
            .as_deref()
            .map(|receiver| &receiver.kind);
        if let (true, Some(ExpressionKind::Variable(name) | ExpressionKind::Constant(name))) =
            (changes, kind)
        {
            self.rebound.insert(name.clone());
        }
    }

    /// `receiver.name ||= value`, `receiver[index] += value`, and the targets of `a.b, c[d] = e`.
    fn write<'pr>(&self, node: &Node<'pr>) -> Option<Write<'pr>> {
        let span = self.span(&node.location());
        macro_rules! attribute {
            ($as:ident, $operator:ident) => {
                if let Some(write) = node.$as() {
                    let name = name(&write.write_name());
                    return Some(Write {
                        span,
                        receiver: write.receiver(),
                        name: self.named(name, write.message_loc(), span),
                        operator: self.spanned(&write.$operator()),
                        index: None,
                        value: Some(write.value()),
                    });
                }
            };
        }
        macro_rules! element {
            ($as:ident, $operator:ident) => {
                if let Some(write) = node.$as() {
                    return Some(Write {
                        span,
                        receiver: write.receiver(),
                        name: self.named("[]=".to_owned(), Some(write.opening_loc()), span),
                        operator: self.spanned(&write.$operator()),
                        index: write.arguments(),
                        value: Some(write.value()),
                    });
                }
            };
        }
        attribute!(as_call_or_write_node, operator_loc);
        attribute!(as_call_and_write_node, operator_loc);
        attribute!(as_call_operator_write_node, binary_operator_loc);
        element!(as_index_or_write_node, operator_loc);
        element!(as_index_and_write_node, operator_loc);
        element!(as_index_operator_write_node, binary_operator_loc);
        self.target(node)
    }

    fn target<'pr>(&self, node: &Node<'pr>) -> Option<Write<'pr>> {
        let span = self.span(&node.location());
        let (receiver, name, index) = if let Some(target) = node.as_call_target_node() {
            let name = self.named(name(&target.name()), Some(target.message_loc()), span);
            (target.receiver(), name, None)
        } else {
            let target = node.as_index_target_node()?;
            let name = self.named("[]=".to_owned(), Some(target.opening_loc()), span);
            (target.receiver(), name, target.arguments())
        };
        Some(Write {
            span,
            receiver: Some(receiver),
            name,
            operator: Spanned::new(",".to_owned(), Span::at(span.end as usize)),
            index,
            value: None,
        })
    }

    fn record_write(&mut self, write: &Write<'_>) {
        let receiver = self.receiver(write.receiver.as_ref());
        let mut arguments = Vec::new();
        if let Some(index) = &write.index {
            arguments = self.read_all(&index.arguments());
        }
        if let Some(value) = &write.value {
            arguments.push(self.read(value));
        }
        self.note_change_in_place(&receiver, &write.name);
        self.document.calls.push(Call {
            span: write.span,
            statement: self.statement,
            receiver_span: receiver.expression.map(|expression| expression.span),
            receiver: receiver.names,
            name: write.name.clone(),
            operator: Some(write.operator.clone()),
            arguments: arguments.into(),
            block: None,
            scope: self.scope.clone(),
        });
    }

    fn named(&self, name: String, place: Option<Location<'_>>, whole: Span) -> Spanned<String> {
        Spanned::new(name, place.map_or(whole, |place| self.span(&place)))
    }

    fn spanned(&self, location: &Location<'_>) -> Spanned<String> {
        Spanned::new(self.source(location).to_owned(), self.span(location))
    }
}

/// Whether a call is no more than a name behind its receiver.
fn is_name(call: &CallNode<'_>) -> bool {
    let name = call.name().as_slice();
    call.arguments().is_none()
        && call.block().is_none()
        && call.opening_loc().is_none()
        && name
            .first()
            .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_' || !byte.is_ascii())
}

/// `ENV["NAME"]` and `ENV.fetch("NAME", …)`.
fn environment(
    receiver: &Receiver,
    name: &str,
    arguments: &[Expression],
    block: Option<Expression>,
) -> Option<ExpressionKind> {
    if !matches!(receiver.names.as_deref(), Some("ENV" | "::ENV")) {
        return None;
    }
    let fetches = match name {
        "[]" => false,
        "fetch" => true,
        _ => return None,
    };
    let (variable, default) = match arguments {
        [variable] => (variable, block),
        [variable, default] if fetches => (variable, Some(default.clone())),
        _ => return None,
    };
    Some(ExpressionKind::Env {
        name: variable.as_str()?.to_owned(),
        required: fetches && default.is_none(),
        default: default.map(Arc::new),
    })
}
