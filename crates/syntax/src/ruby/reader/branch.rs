//! What runs only sometimes: `if`, `case`, loops.

use std::sync::Arc;

use ruby_prism::{IfNode, Node, NodeList, StatementsNode, UnlessNode};

use super::Reader;
use crate::ruby::{Context, Expression, ExpressionKind};

impl Reader<'_> {
    pub(super) fn any_branch(&mut self, node: &Node<'_>) -> Option<ExpressionKind> {
        if let Some(conditional) = node.as_if_node() {
            self.conditional(&conditional);
        } else if let Some(conditional) = node.as_unless_node() {
            self.negated_conditional(&conditional);
        } else if let Some(case) = node.as_case_node() {
            let subject = case.predicate().map(|node| self.read_shared(&node));
            self.cases(subject.as_ref(), &case.conditions());
            let otherwise = case.else_clause().and_then(|clause| clause.statements());
            self.case(subject.as_ref(), Vec::new(), otherwise);
        } else if let Some(case) = node.as_case_match_node() {
            let subject = case.predicate().map(|node| self.read_shared(&node));
            self.cases(subject.as_ref(), &case.conditions());
            let otherwise = case.else_clause().and_then(|clause| clause.statements());
            self.case(subject.as_ref(), Vec::new(), otherwise);
        } else if let Some(matched) = node.as_match_predicate_node() {
            self.read(&matched.value());
            self.rebind(&matched.pattern().location());
        } else if let Some(matched) = node.as_match_required_node() {
            self.read(&matched.value());
            self.rebind(&matched.pattern().location());
        } else if let Some(rescued) = node.as_rescue_modifier_node() {
            self.read(&rescued.expression());
            let fallback = rescued.rescue_expression();
            let span = self.span(&fallback.location());
            self.read_inside(Context::Rescue { span }, &fallback);
        } else {
            return self.any_loop(node);
        }
        Some(ExpressionKind::Other)
    }

    fn conditional(&mut self, node: &IfNode<'_>) {
        let condition = self.read_shared(&node.predicate());
        let is_ternary = node.if_keyword_loc().is_none();
        if let Some(statements) = node.statements() {
            let in_line = is_ternary || self.is_before(&statements, &condition);
            self.if_branch(&condition, false, &statements, in_line);
        }
        let Some(subsequent) = node.subsequent() else {
            return;
        };
        if let Some(otherwise) = subsequent.as_else_node() {
            if let Some(statements) = otherwise.statements() {
                self.if_branch(&condition, true, &statements, is_ternary);
            }
        } else {
            let context = Context::If {
                condition,
                negated: true,
                span: self.span(&subsequent.location()),
            };
            self.read_inside(context, &subsequent);
        }
    }

    fn negated_conditional(&mut self, node: &UnlessNode<'_>) {
        let condition = self.read_shared(&node.predicate());
        if let Some(statements) = node.statements() {
            let in_line = self.is_before(&statements, &condition);
            self.if_branch(&condition, true, &statements, in_line);
        }
        let otherwise = node.else_clause().and_then(|clause| clause.statements());
        if let Some(statements) = otherwise {
            self.if_branch(&condition, false, &statements, false);
        }
    }

    fn if_branch(
        &mut self,
        condition: &Arc<Expression>,
        negated: bool,
        statements: &StatementsNode<'_>,
        in_line: bool,
    ) {
        let context = Context::If {
            condition: condition.clone(),
            negated,
            span: self.span(&statements.location()),
        };
        self.branch_body(context, statements, in_line);
    }

    fn branch_body(&mut self, context: Context, statements: &StatementsNode<'_>, in_line: bool) {
        self.inside(context, |reader| {
            if in_line {
                reader.statements_in_line(statements);
            } else {
                reader.statements(statements);
            }
        });
    }

    /// Whether a body stands before its condition: `body if condition`.
    fn is_before(&self, body: &StatementsNode<'_>, condition: &Expression) -> bool {
        self.span(&body.location()).start < condition.span.start
    }

    fn cases(&mut self, subject: Option<&Arc<Expression>>, branches: &NodeList<'_>) {
        for branch in branches {
            if let Some(when) = branch.as_when_node() {
                let values = self.read_all(&when.conditions());
                self.case(subject, values, when.statements());
            } else if let Some(pattern) = branch.as_in_node() {
                let place = pattern.pattern().location();
                self.rebind(&place);
                let value = Expression {
                    span: self.span(&place),
                    kind: ExpressionKind::Other,
                };
                self.case(subject, vec![value], pattern.statements());
            }
        }
    }

    fn case(
        &mut self,
        subject: Option<&Arc<Expression>>,
        values: Vec<Expression>,
        statements: Option<StatementsNode<'_>>,
    ) {
        let Some(statements) = statements else {
            return;
        };
        let context = Context::Case {
            subject: subject.cloned(),
            values,
            span: self.span(&statements.location()),
        };
        self.branch_body(context, &statements, false);
    }

    fn any_loop(&mut self, node: &Node<'_>) -> Option<ExpressionKind> {
        let (condition, statements) = if let Some(node) = node.as_while_node() {
            (node.predicate(), node.statements())
        } else if let Some(node) = node.as_until_node() {
            (node.predicate(), node.statements())
        } else {
            let node = node.as_for_node()?;
            self.rebind(&node.index().location());
            (node.collection(), node.statements())
        };
        let condition = self.read(&condition);
        if let Some(statements) = statements {
            let in_line = self.is_before(&statements, &condition);
            let span = self.span(&statements.location());
            self.branch_body(Context::Loop { span }, &statements, in_line);
        }
        Some(ExpressionKind::Other)
    }
}
