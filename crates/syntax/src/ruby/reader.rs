//! From Prism's tree to a [`Document`]: one walk that gives each expression its value and notes
//! the calls on the way.

mod branch;
mod call;
mod value;

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::panic;
use std::sync::Arc;
use std::thread;

use ruby_prism::{
    BeginNode, BlockParametersNode, ConstantId, DefNode, LambdaNode, Location, Node, NodeList,
    Options, ParametersNode, ParseResult, StatementsNode, parse_with_options,
};

use super::{Assignment, Context, Document, Expression, ExpressionKind, Scope};
use crate::{Span, Spanned, SyntaxError};

/// How deep expressions and statements are read: far above what people write, and low enough to
/// walk, drop and print what was read on any stack.
const MAX_DEPTH: usize = 200;

/// A text of 200,000 brackets has half a million errors; the first say it all.
const MAX_ERRORS: usize = 100;

/// Prism is a recursive descent parser that goes up to 10,000 levels deep
/// (`PRISM_DEPTH_MAXIMUM`), which takes up to 16 MiB without optimisation: more than a thread has
/// by default. So all but short texts get a stack of their own, of which only what is used is
/// ever backed by memory.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// A text this short cannot nest deep enough to need it.
const SHORT_BYTES: usize = 128;

pub(super) fn document(text: &str) -> Document {
    on_deep_stack(text, || {
        let options = Options::default()
            .encoding("UTF-8")
            .encoding_locked(true)
            .build();
        let result = parse_with_options(text.as_bytes(), &options);
        let mut reader = Reader::new(text, 0);
        reader.read(&result.node());
        reader.finish(&result)
    })
    .unwrap_or_else(|| Document {
        errors: vec![SyntaxError::new(
            Span::at(0),
            "there is not enough memory to parse the file",
        )],
        ..Document::default()
    })
}

pub(super) fn expression(code: &str, offset: usize) -> Option<Expression> {
    on_deep_stack(code, || {
        let options = Options::default()
            .encoding("UTF-8")
            .encoding_locked(true)
            .partial_script(true)
            .build();
        let result = parse_with_options(code.as_bytes(), &options);
        if result.is_failure() {
            return None;
        }
        let statements = result.node().as_program_node()?.statements().body();
        let only = statements.first().filter(|_| statements.len() == 1)?;
        Some(Reader::new(code, offset).read(&only))
    })?
}

thread_local! {
    /// Whether the thread has a stack of its own already.
    static IS_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// What `parse` returns, run where it can recurse deeply; `None` if there is no such place.
fn on_deep_stack<T: Send>(text: &str, parse: impl FnOnce() -> T + Send) -> Option<T> {
    if text.len() <= SHORT_BYTES || IS_DEEP.get() {
        return Some(parse());
    }
    with_deep_stack(parse)
}

pub(super) fn with_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    let work = || {
        IS_DEEP.set(true);
        work()
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .ok()?;
        match thread.join() {
            Ok(result) => Some(result),
            Err(panic) => panic::resume_unwind(panic),
        }
    })
}

struct Reader<'t> {
    text: &'t str,
    /// Added to every span.
    offset: usize,
    depth: usize,
    scope: Scope,
    statement: Span,
    /// Off for the links of a receiver that is only names.
    records_calls: bool,
    /// Variables that get or change their value other than by `name = value`.
    rebound: BTreeSet<String>,
    /// The place last searched for such variables; those inside it need no second search.
    rebinding: Span,
    document: Document,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, offset: usize) -> Self {
        Self {
            text,
            offset,
            depth: 0,
            scope: Scope::default(),
            statement: Span::at(offset),
            records_calls: true,
            rebound: BTreeSet::new(),
            rebinding: Span::at(offset),
            document: Document::default(),
        }
    }

    fn finish(self, result: &ParseResult<'_>) -> Document {
        let comments = result
            .comments()
            .map(|comment| self.trimmed(&comment.location()))
            .collect();
        let errors = result.errors().map(|error| {
            let message = String::from_utf8_lossy(error.message()).replace('\n', " ");
            SyntaxError::new(self.span(&error.location()), message)
        });
        let mut errors: Vec<_> = errors.take(MAX_ERRORS).collect();
        let mut document = self.document;
        errors.append(&mut document.errors);
        document.errors = errors;
        document.comments = comments;
        document
            .calls
            .sort_by_key(|call| (call.span.start, Reverse(call.span.end)));
        document
            .assignments
            .sort_by_key(|assignment| assignment.span);
        document.index_assignments(&self.rebound);
        document
    }

    fn read(&mut self, node: &Node<'_>) -> Expression {
        Expression {
            span: self.span(&node.location()),
            kind: self.kind(node),
        }
    }

    fn read_shared(&mut self, node: &Node<'_>) -> Arc<Expression> {
        Arc::new(self.read(node))
    }

    fn read_all(&mut self, nodes: &NodeList<'_>) -> Vec<Expression> {
        nodes.iter().map(|node| self.read(&node)).collect()
    }

    fn read_inside(&mut self, context: Context, node: &Node<'_>) -> Expression {
        self.inside(context, |reader| reader.read(node))
    }

    fn kind(&mut self, node: &Node<'_>) -> ExpressionKind {
        if self.depth == MAX_DEPTH {
            self.refuse_depth(self.span(&node.location()));
            return ExpressionKind::Other;
        }
        self.depth += 1;
        let kind = self
            .value(node)
            .or_else(|| self.any_call(node))
            .or_else(|| self.any_branch(node))
            .or_else(|| self.any_assignment(node))
            .or_else(|| self.any_body(node))
            .unwrap_or_else(|| self.parts(node));
        self.depth -= 1;
        kind
    }

    fn refuse_depth(&mut self, span: Span) {
        if self.document.errors.is_empty() {
            self.document.errors.push(SyntaxError::new(
                span,
                format!("what is nested deeper than {MAX_DEPTH} levels is not read"),
            ));
        }
    }

    /// What `read` returns, with everything that it notes standing in `context`.
    fn inside<T>(&mut self, context: Context, read: impl FnOnce(&mut Self) -> T) -> T {
        let inner = self.scope.entering(context);
        let outer = std::mem::replace(&mut self.scope, inner);
        let result = read(self);
        self.scope = outer;
        result
    }

    /// Reads statements that a line can be inserted between.
    fn statements(&mut self, statements: &StatementsNode<'_>) -> ExpressionKind {
        let outer = self.statement;
        let kind = only(statements.body().iter().map(|node| {
            self.statement = self.span(&node.location());
            self.read(&node).kind
        }));
        self.statement = outer;
        kind
    }

    /// Reads statements that are part of an enclosing one, as before a trailing `if`.
    fn statements_in_line(&mut self, statements: &StatementsNode<'_>) -> ExpressionKind {
        only(statements.body().iter().map(|node| self.read(&node).kind))
    }

    fn any_assignment(&mut self, node: &Node<'_>) -> Option<ExpressionKind> {
        if let Some(write) = node.as_local_variable_write_node() {
            self.assignment(node, &write.name_loc(), &write.value());
        } else if let Some(write) = node.as_constant_write_node() {
            self.assignment(node, &write.name_loc(), &write.value());
        } else if let Some(write) = node.as_constant_path_write_node() {
            self.assignment(node, &write.target().location(), &write.value());
        } else if let Some((target, value)) = compound_assignment(node) {
            self.rebind(&target);
            self.read(&value);
        } else if let Some(value) = value_of_other_write(node) {
            self.read(&value);
        } else if let Some(write) = node.as_multi_write_node() {
            self.targets(&write.lefts(), write.rest().as_ref(), &write.rights());
            self.read(&write.value());
        } else if let Some(target) = node.as_multi_target_node() {
            self.targets(&target.lefts(), target.rest().as_ref(), &target.rights());
        } else if node.as_local_variable_target_node().is_some()
            || node.as_constant_target_node().is_some()
            || node.as_constant_path_target_node().is_some()
        {
            self.rebind(&node.location());
        } else {
            return None;
        }
        Some(ExpressionKind::Other)
    }

    fn assignment(&mut self, node: &Node<'_>, name: &Location<'_>, value: &Node<'_>) {
        let value = self.read(value);
        self.document.assignments.push(Assignment {
            span: self.span(&node.location()),
            name: Spanned::new(without_space(self.source(name)), self.span(name)),
            value,
            scope: self.scope.clone(),
        });
    }

    fn targets(&mut self, lefts: &NodeList<'_>, rest: Option<&Node<'_>>, rights: &NodeList<'_>) {
        self.read_all(lefts);
        if let Some(rest) = rest {
            self.read(rest);
        }
        self.read_all(rights);
    }

    /// Statements, and what has a body of them.
    fn any_body(&mut self, node: &Node<'_>) -> Option<ExpressionKind> {
        if let Some(program) = node.as_program_node() {
            return Some(self.statements(&program.statements()));
        }
        if let Some(statements) = node.as_statements_node() {
            return Some(self.statements(&statements));
        }
        if let Some(parentheses) = node.as_parentheses_node() {
            let Some(body) = parentheses.body() else {
                return Some(ExpressionKind::Nil);
            };
            return Some(match body.as_statements_node() {
                Some(statements) => self.statements_in_line(&statements),
                None => self.read(&body).kind,
            });
        }
        if let Some(begin) = node.as_begin_node() {
            self.begin(&begin);
        } else if let Some(definition) = node.as_def_node() {
            self.definition(&definition);
        } else if let Some(class) = node.as_class_node() {
            if let Some(superclass) = class.superclass() {
                self.read(&superclass);
            }
            let name = self.source(&class.constant_path().location());
            self.namespace(node, name, class.body());
        } else if let Some(module) = node.as_module_node() {
            let name = self.source(&module.constant_path().location());
            self.namespace(node, name, module.body());
        } else if let Some(class) = node.as_singleton_class_node() {
            let name = self.source(&class.expression().location());
            self.namespace(node, &format!("<<{name}"), class.body());
        } else if let Some(lambda) = node.as_lambda_node() {
            self.lambda(&lambda);
        } else {
            return None;
        }
        Some(ExpressionKind::Other)
    }

    fn begin(&mut self, begin: &BeginNode<'_>) {
        if let Some(statements) = begin.statements() {
            self.statements(&statements);
        }
        let mut clause = begin.rescue_clause();
        while let Some(rescue) = clause {
            if let Some(reference) = rescue.reference() {
                self.rebind(&reference.location());
            }
            if let Some(statements) = rescue.statements() {
                let span = self.span(&statements.location());
                self.inside(Context::Rescue { span }, |reader| {
                    reader.statements(&statements)
                });
            }
            clause = rescue.subsequent();
        }
        let branches = [
            begin.else_clause().and_then(|clause| clause.statements()),
            begin.ensure_clause().and_then(|clause| clause.statements()),
        ];
        for statements in branches.into_iter().flatten() {
            self.statements(&statements);
        }
    }

    fn definition(&mut self, definition: &DefNode<'_>) {
        if let Some(parameters) = definition.parameters() {
            self.parameters(&parameters);
        }
        let context = Context::Definition {
            name: name(&definition.name()),
            span: self.span(&definition.location()),
        };
        if let Some(body) = definition.body() {
            self.read_inside(context, &body);
        }
    }

    fn namespace(&mut self, node: &Node<'_>, name: &str, body: Option<Node<'_>>) {
        let context = Context::Namespace {
            name: without_space(name),
            span: self.span(&node.location()),
        };
        if let Some(body) = body {
            self.read_inside(context, &body);
        }
    }

    fn lambda(&mut self, lambda: &LambdaNode<'_>) {
        self.block_parameters(lambda.parameters());
        let opening = self.span(&lambda.opening_loc());
        let context = Context::Block {
            call: "->".to_owned(),
            arguments: Arc::default(),
            span: opening.to(self.span(&lambda.closing_loc())),
        };
        if let Some(body) = lambda.body() {
            self.read_inside(context, &body);
        }
    }

    fn block_parameters(&mut self, parameters: Option<Node<'_>>) {
        let parameters = parameters.and_then(|node| node.as_block_parameters_node());
        if let Some(parameters) = parameters {
            self.written_block_parameters(&parameters);
        }
    }

    fn written_block_parameters(&mut self, parameters: &BlockParametersNode<'_>) {
        self.rebind(&parameters.location());
        if let Some(parameters) = parameters.parameters() {
            self.parameters(&parameters);
        }
    }

    fn parameters(&mut self, parameters: &ParametersNode<'_>) {
        self.rebind(&parameters.location());
        for node in &parameters.optionals() {
            if let Some(parameter) = node.as_optional_parameter_node() {
                self.read(&parameter.value());
            }
        }
        for node in &parameters.keywords() {
            if let Some(parameter) = node.as_optional_keyword_parameter_node() {
                self.read(&parameter.value());
            }
        }
    }

    /// Reads what is left: nodes that mean nothing here but may hold calls.
    fn parts(&mut self, node: &Node<'_>) -> ExpressionKind {
        let arguments = [
            node.as_return_node().map(|node| node.arguments()),
            node.as_break_node().map(|node| node.arguments()),
            node.as_next_node().map(|node| node.arguments()),
            node.as_yield_node().map(|node| node.arguments()),
        ];
        for arguments in arguments.into_iter().flatten().flatten() {
            self.read_all(&arguments.arguments());
        }
        let operands = [
            node.as_splat_node().and_then(|node| node.expression()),
            node.as_assoc_splat_node().and_then(|node| node.value()),
            node.as_block_argument_node()
                .and_then(|node| node.expression()),
            node.as_shareable_constant_node().map(|node| node.write()),
            node.as_error_recovery_node()
                .and_then(|node| node.unexpected()),
            node.as_constant_path_node().and_then(|node| node.parent()),
            node.as_flip_flop_node().and_then(|node| node.left()),
            node.as_flip_flop_node().and_then(|node| node.right()),
        ];
        for operand in operands.into_iter().flatten() {
            self.read(&operand);
        }
        let bodies = [
            node.as_pre_execution_node()
                .and_then(|node| node.statements()),
            node.as_post_execution_node()
                .and_then(|node| node.statements()),
        ];
        for statements in bodies.into_iter().flatten() {
            self.statements(&statements);
        }
        ExpressionKind::Other
    }

    /// Notes every name in a place that gives values to variables, or changes one: a pattern,
    /// parameters, the target of `||=`. A word too many only leaves a variable unresolved.
    fn rebind(&mut self, place: &Location<'_>) {
        let span = self.span(place);
        if self.rebinding.encloses(span) {
            return;
        }
        self.rebinding = span;
        let names = self
            .source(place)
            .split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
            .flat_map(|path| [path, path.trim_matches(':')])
            .filter(|name| !name.is_empty());
        self.rebound.extend(names.map(str::to_owned));
    }

    fn span(&self, location: &Location<'_>) -> Span {
        let start = self.text.floor_char_boundary(location.start() as usize);
        let end = self.text.ceil_char_boundary(location.end() as usize);
        Span::new(start, end).shifted(self.offset)
    }

    /// The span without a line ending at its end.
    fn trimmed(&self, location: &Location<'_>) -> Span {
        let span = self.span(location);
        let length = self.source(location).trim_end_matches(['\r', '\n']).len();
        Span::new(span.start as usize, span.start as usize + length)
    }

    fn source(&self, location: &Location<'_>) -> &'t str {
        self.text
            .get(location.start() as usize..location.end() as usize)
            .unwrap_or_default()
    }
}

/// The kind of a body that is one expression, which is its value.
fn only(mut kinds: impl Iterator<Item = ExpressionKind>) -> ExpressionKind {
    let first = kinds.next().unwrap_or(ExpressionKind::Nil);
    match kinds.last() {
        None => first,
        Some(_) => ExpressionKind::Other,
    }
}

/// Target and value of `name ||= value` and the like.
fn compound_assignment<'pr>(node: &Node<'pr>) -> Option<(Location<'pr>, Node<'pr>)> {
    macro_rules! named {
        ($($as:ident),*) => {
            $(if let Some(write) = node.$as() {
                return Some((write.name_loc(), write.value()));
            })*
        };
    }
    macro_rules! pathed {
        ($($as:ident),*) => {
            $(if let Some(write) = node.$as() {
                return Some((write.target().location(), write.value()));
            })*
        };
    }
    named!(
        as_local_variable_or_write_node,
        as_local_variable_and_write_node,
        as_local_variable_operator_write_node,
        as_constant_or_write_node,
        as_constant_and_write_node,
        as_constant_operator_write_node
    );
    pathed!(
        as_constant_path_or_write_node,
        as_constant_path_and_write_node,
        as_constant_path_operator_write_node
    );
    None
}

/// The value of a write whose target is no local variable and no constant.
fn value_of_other_write<'pr>(node: &Node<'pr>) -> Option<Node<'pr>> {
    macro_rules! first_of {
        ($($as:ident),*) => {
            None$(.or_else(|| node.$as().map(|write| write.value())))*
        };
    }
    first_of!(
        as_instance_variable_write_node,
        as_instance_variable_or_write_node,
        as_instance_variable_and_write_node,
        as_instance_variable_operator_write_node,
        as_global_variable_write_node,
        as_global_variable_or_write_node,
        as_global_variable_and_write_node,
        as_global_variable_operator_write_node,
        as_class_variable_write_node,
        as_class_variable_or_write_node,
        as_class_variable_and_write_node,
        as_class_variable_operator_write_node
    )
}

fn name(id: &ConstantId<'_>) -> String {
    String::from_utf8_lossy(id.as_slice()).into_owned()
}

fn without_space(source: &str) -> String {
    source.split_whitespace().collect()
}
