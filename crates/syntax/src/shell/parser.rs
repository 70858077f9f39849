//! Statements. Words are in [`super::word`].

use super::test::{is_binary, is_unary, one_or};
use super::word::{Mode, after_continuations};
use super::{
    Arm, ArmEnd, Assignment, Branch, Command, Connector, Header, MAX_BYTES, Redirect, Script,
    Shebang, Statement, Test, Word,
};
use crate::{Span, Spanned, SyntaxError};

/// How deep statements, words and conditions may nest. Real scripts stay below 10; the limit keeps
/// this parser, and whoever walks its result, within a small stack.
const MAX_DEPTH: usize = 48;

/// What can begin the end of an open construct.
const CLOSERS: [&str; 11] = [
    "then", "elif", "else", "fi", "do", "done", "esac", "}", ")", ";;", "in",
];

/// Commands whose arguments may be assignments, of arrays too.
pub(super) const DECLARATIONS: [&str; 5] = ["declare", "export", "local", "readonly", "typeset"];

pub(super) fn parse(text: &str) -> Script {
    if text.len() > MAX_BYTES {
        let message = format!(
            "the script has {} bytes, of which at most {MAX_BYTES} are read",
            text.len()
        );
        return Script {
            errors: vec![SyntaxError::new(Span::new(0, text.len()), message)],
            ..Script::default()
        };
    }
    let shebang = shebang(text);
    let mut parser = Parser {
        text,
        position: shebang.as_ref().map_or(0, |line| line.span.end as usize),
        end: text.len(),
        depth: 0,
        is_cut: false,
        open: Vec::new(),
        here_documents: None,
        regex_depth: 0,
        comments: Vec::new(),
        errors: Vec::new(),
    };
    let statements = parser.statements();
    let mut errors = parser.errors;
    errors.sort_by_key(|error| error.span);
    Script {
        shebang,
        statements,
        comments: parser.comments,
        errors,
    }
}

fn shebang(text: &str) -> Option<Shebang> {
    let rest = text.strip_prefix("#!")?;
    let whole = rest.split('\n').next().unwrap_or_default();
    let line = whole.strip_suffix('\r').unwrap_or(whole);
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    Some(Shebang {
        span: Span::new(0, 2 + line.len()),
        interpreter: words.next().unwrap_or_default().to_owned(),
        arguments: words.map(str::to_owned).collect(),
        has_carriage_return: whole.len() > line.len(),
    })
}

/// A place in the text, and what was found so far.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) position: usize,
    /// Where reading stops: before the end of the text only inside of backquotes.
    pub(super) end: usize,
    depth: usize,
    /// Whether the rest is given up because it nests too deep.
    is_cut: bool,
    /// For each construct that is being read, the words that can end its current part.
    open: Vec<&'static [&'static str]>,
    here_documents: Option<HereDocuments>,
    /// Parentheses that are open in the regular expression that is being read.
    pub(super) regex_depth: u32,
    comments: Vec<Span>,
    errors: Vec<SyntaxError>,
}

/// The bodies that stand below the current line.
#[derive(Clone, Copy)]
struct HereDocuments {
    /// The line break before the first body.
    line_break: usize,
    /// Where the next body begins, or the line after the last one.
    next: usize,
}

impl<'a> Parser<'a> {
    /// Statements up to the end, or to a word that ends an open construct.
    pub(super) fn statements(&mut self) -> Vec<Statement> {
        // Most lists of them have one.
        let mut statements = Vec::with_capacity(1);
        if !self.descend() {
            return statements;
        }
        loop {
            self.skip_line_breaks();
            if self.is_at_end() {
                break;
            }
            if self.closer().is_some_and(|closer| self.is_open(closer)) {
                break;
            }
            statements.push(self.statement());
        }
        self.depth -= 1;
        statements
    }

    fn is_open(&self, closer: &str) -> bool {
        self.open.iter().any(|closers| closers.contains(&closer))
    }

    /// A list with what ends it, or what is none and an error. Always gets on.
    fn statement(&mut self) -> Statement {
        let start = self.position;
        let Some(statement) = self.list() else {
            return self.unexpected();
        };
        self.skip_blanks();
        match self.rest().as_bytes() {
            [b'&', ..] => {
                self.position += 1;
                return Statement::Background {
                    span: Span::new(start, self.position),
                    statement: Box::new(statement),
                };
            }
            [] | [b'\n', ..] | [b'\r', b'\n', ..] => {}
            _ if self.closer().is_some() => {}
            [b';', ..] => self.position += 1,
            _ => {
                let next = self.rest().chars().next().map_or(0, char::len_utf8);
                let here = Span::new(self.position, self.position + next);
                self.error(here, "a statement is not separated from the one before it");
            }
        }
        statement
    }

    /// Passes over what no statement begins with.
    fn unexpected(&mut self) -> Statement {
        const OPERATORS: [&str; 9] = [";;&", ";;", ";&", "&&", "||", "|&", ">(", "<(", "))"];
        let start = self.position;
        let rest = self.rest();
        let length = OPERATORS
            .iter()
            .find(|operator| rest.starts_with(**operator))
            .map(|operator| operator.len())
            .or_else(|| Some(self.peek_word().len()).filter(|length| *length > 0))
            .or_else(|| rest.chars().next().map(char::len_utf8))
            .unwrap_or_default();
        self.position += length;
        let span = Span::new(start, self.position);
        let token: String = span.of(self.text).chars().take(20).collect();
        self.error(span, format!("`{token}` does not begin a command"));
        Statement::Other(span)
    }

    fn list(&mut self) -> Option<Statement> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let connector = match self.rest().as_bytes() {
                [b'&', b'&', ..] => Connector::And,
                [b'|', b'|', ..] => Connector::Or,
                _ => break,
            };
            let operator = Span::new(self.position, self.position + 2);
            self.position += 2;
            self.skip_line_breaks();
            let Some(statement) = self.pipeline() else {
                let message = format!("nothing follows `{}`", operator.of(self.text));
                self.error(operator, message);
                break;
            };
            rest.push((connector, statement));
        }
        let Some((_, last)) = rest.last() else {
            return Some(first);
        };
        Some(Statement::List {
            span: first.span().to(last.span()),
            first: Box::new(first),
            rest,
        })
    }

    fn pipeline(&mut self) -> Option<Statement> {
        self.skip_blanks();
        let start = self.position;
        let mut is_negated = false;
        let mut has_prefix = false;
        loop {
            match self.peek_word() {
                "!" => is_negated = !is_negated,
                "time" => {}
                "-p" if has_prefix => {}
                _ => break,
            }
            has_prefix = true;
            self.skip_word();
        }
        let Some(first) = self.command() else {
            if has_prefix {
                let span = Span::new(start, self.position);
                self.error(span, "nothing follows `!` or `time`");
                return Some(Statement::Other(span));
            }
            return None;
        };
        let statement = self.piped(first);
        if !is_negated {
            return Some(statement);
        }
        Some(Statement::Not {
            span: Span::new(start, statement.span().end as usize),
            statement: Box::new(statement),
        })
    }

    fn piped(&mut self, first: Statement) -> Statement {
        let mut statements = vec![first];
        loop {
            self.skip_blanks();
            if !self.rest().starts_with('|') || self.rest().starts_with("||") {
                break;
            }
            let operator = self.position;
            self.position += if self.rest().starts_with("|&") { 2 } else { 1 };
            self.skip_line_breaks();
            if let Some(statement) = self.command() {
                statements.push(statement);
            } else {
                self.error(Span::new(operator, operator + 1), "nothing follows `|`");
                break;
            }
        }
        match statements.pop() {
            Some(last) if !statements.is_empty() => {
                let span = statements[0].span().to(last.span());
                statements.push(last);
                Statement::Pipeline { span, statements }
            }
            only => only.unwrap_or(Statement::Other(Span::at(self.position))),
        }
    }

    fn command(&mut self) -> Option<Statement> {
        self.skip_blanks();
        if self.is_at_end() || self.closer().is_some_and(|closer| closer != "in") {
            return None;
        }
        if !self.descend() {
            return None;
        }
        let start = self.position;
        let compound = match self.peek_word() {
            "if" => Some(self.if_()),
            "case" => Some(self.case()),
            "while" | "until" => Some(self.while_()),
            "for" | "select" => Some(self.for_()),
            "{" => Some(self.group()),
            "[[" => Some(self.test()),
            "function" => Some(self.function()),
            "coproc" => {
                self.skip_word();
                let inner = self.command();
                inner.map(|statement| Statement::Background {
                    span: Span::new(start, statement.span().end as usize),
                    statement: Box::new(statement),
                })
            }
            _ if self.rest().starts_with("((") => {
                self.arithmetic().or_else(|| Some(self.subshell()))
            }
            _ if self.rest().starts_with('(') => Some(self.subshell()),
            _ => None,
        };
        let statement = match compound {
            Some(statement) => Some(self.redirected(statement)),
            None => self.simple(),
        };
        self.depth -= 1;
        statement
    }

    fn redirected(&mut self, statement: Statement) -> Statement {
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            match self.redirect() {
                Some(redirect) => redirects.push(redirect),
                None => break,
            }
        }
        let Some(last) = redirects.last() else {
            return statement;
        };
        Statement::Redirected {
            span: statement.span().to(last.span),
            statement: Box::new(statement),
            redirects,
        }
    }

    fn if_(&mut self) -> Statement {
        let keyword = self.skip_word();
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let condition = self.until(&["then", "elif", "else", "fi"]);
            let opener = self.expect("then", keyword);
            let body = self.until(&["elif", "else", "fi"]);
            branches.push(Branch { condition, body });
            match self.closer() {
                Some("elif") if opener => {
                    self.skip_word();
                }
                Some("else") => {
                    self.skip_word();
                    otherwise = self.until(&["fi"]);
                    break;
                }
                _ => break,
            }
        }
        self.expect("fi", keyword);
        Statement::If {
            span: self.since(keyword),
            branches,
            otherwise,
        }
    }

    fn while_(&mut self) -> Statement {
        let keyword = self.skip_word();
        let condition = self.until(&["do", "done"]);
        let header = if keyword.of(self.text) == "while" {
            Header::While(condition)
        } else {
            Header::Until(condition)
        };
        let body = self.do_group(keyword);
        Statement::Loop {
            span: self.since(keyword),
            header,
            body,
        }
    }

    fn for_(&mut self) -> Statement {
        let keyword = self.skip_word();
        self.skip_blanks();
        let header = if let Some(Statement::Arithmetic { expression, .. }) = self
            .rest()
            .starts_with("((")
            .then(|| self.arithmetic())
            .flatten()
        {
            Header::Arithmetic(expression)
        } else {
            self.for_header(keyword)
        };
        self.skip_line_breaks();
        if self.rest().starts_with(';') {
            self.position += 1;
        }
        let body = self.do_group(keyword);
        Statement::Loop {
            span: self.since(keyword),
            header,
            body,
        }
    }

    fn for_header(&mut self, keyword: Span) -> Header {
        let name = self.peek_word().to_owned();
        let span = if name.is_empty() {
            let here = Span::at(self.position);
            self.error(
                here,
                format!("`{}` names no variable", keyword.of(self.text)),
            );
            here
        } else {
            self.skip_word()
        };
        let variable = Spanned::new(name, span);
        let before = self.position;
        self.skip_line_breaks();
        let words = if self.peek_word() == "in" {
            self.skip_word();
            Some(self.words())
        } else {
            self.position = before;
            None
        };
        if keyword.of(self.text) == "select" {
            Header::Select { variable }
        } else {
            Header::For { variable, words }
        }
    }

    /// Words up to the end of the line or a `;`.
    fn words(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.word(Mode::Argument) {
                Some(word) => words.push(word),
                None => return words,
            }
        }
    }

    fn do_group(&mut self, keyword: Span) -> Vec<Statement> {
        self.skip_line_breaks();
        self.expect("do", keyword);
        let body = self.until(&["done"]);
        self.expect("done", keyword);
        body
    }

    fn case(&mut self) -> Statement {
        let keyword = self.skip_word();
        self.skip_blanks();
        let subject = self.word(Mode::Argument).unwrap_or_else(|| {
            let here = Span::at(self.position);
            self.error(here, "`case` has no word");
            Word {
                span: here,
                parts: Vec::new(),
            }
        });
        self.skip_line_breaks();
        self.expect("in", keyword);
        let mut arms = Vec::new();
        loop {
            self.skip_line_breaks();
            if self.is_at_end() || self.closer() == Some("esac") {
                break;
            }
            match self.arm() {
                Some(arm) => arms.push(arm),
                None => break,
            }
        }
        self.expect("esac", keyword);
        Statement::Case {
            span: self.since(keyword),
            subject,
            arms,
        }
    }

    fn arm(&mut self) -> Option<Arm> {
        let start = self.position;
        if self.rest().starts_with('(') {
            self.position += 1;
        }
        let mut patterns = Vec::new();
        loop {
            self.skip_blanks();
            patterns.extend(self.word(Mode::Pattern));
            self.skip_blanks();
            if !self.rest().starts_with('|') {
                break;
            }
            self.position += 1;
        }
        if !self.rest().starts_with(')') {
            let span = Span::new(start, self.position);
            self.error(span, "a pattern of `case` is not followed by `)`");
            // Perhaps there is one behind something that does not belong there.
            let line = self.rest().split(['\n', ';']).next().unwrap_or_default();
            self.position += line.find(')')?;
        }
        self.position += 1;
        let body = self.until(&[";;", "esac"]);
        let ends = [
            (";;&", ArmEnd::Continue),
            (";&", ArmEnd::FallThrough),
            (";;", ArmEnd::Break),
        ];
        let found = ends
            .iter()
            .find(|(token, _)| self.rest().starts_with(token));
        self.position += found.map_or(0, |(token, _)| token.len());
        Some(Arm {
            patterns,
            body,
            end: found.map_or(ArmEnd::Break, |(_, end)| *end),
        })
    }

    fn group(&mut self) -> Statement {
        let brace = self.skip_word();
        let statements = self.until(&["}"]);
        self.expect("}", brace);
        Statement::Group {
            span: self.since(brace),
            statements,
        }
    }

    fn subshell(&mut self) -> Statement {
        let parenthesis = Span::new(self.position, self.position + 1);
        self.position += 1;
        let statements = self.until(&[")"]);
        self.expect(")", parenthesis);
        Statement::Subshell {
            span: self.since(parenthesis),
            statements,
        }
    }

    fn function(&mut self) -> Statement {
        let keyword = self.skip_word();
        self.skip_blanks();
        let name = Spanned::new(self.peek_word().to_owned(), self.skip_word());
        self.skip_blanks();
        if self.rest().starts_with("()") {
            self.position += 2;
        }
        self.function_body(name, keyword)
    }

    fn function_body(&mut self, name: Spanned<String>, start: Span) -> Statement {
        self.skip_line_breaks();
        let Some(body) = self.command() else {
            self.error(
                name.span,
                format!("the function `{}` has no body", name.value),
            );
            return Statement::Other(self.since(start));
        };
        Statement::Function {
            span: start.to(body.span()),
            name,
            body: Box::new(body),
        }
    }

    /// `((…))`; nothing, and nothing is read, if the parentheses are two subshells.
    fn arithmetic(&mut self) -> Option<Statement> {
        let start = Span::at(self.position);
        let expression = self.arithmetic_expression(2)?;
        Some(Statement::Arithmetic {
            span: self.since(start),
            expression,
        })
    }

    fn simple(&mut self) -> Option<Statement> {
        let start = self.position;
        let mut command = Command {
            span: Span::at(start),
            assignments: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
        };
        let mut end = start;
        let mut declares = false;
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect() {
                command.redirects.push(redirect);
            } else if let Some(assignment) = self.assignment(&command) {
                command.assignments.push(assignment);
            } else {
                let mode = if declares {
                    Mode::Declaration
                } else {
                    Mode::Argument
                };
                match self.word(mode) {
                    Some(word) => command.words.push(word),
                    None => break,
                }
            }
            end = self.position;
            if let [word] = command.words.as_slice() {
                let name = word.literal();
                declares = name
                    .as_ref()
                    .is_some_and(|name| DECLARATIONS.contains(&name.as_str()));
                let is_alone = word.span == Span::new(start, end);
                if let Some(name) = name.filter(|_| is_alone && self.takes_parentheses()) {
                    let name = Spanned::new(name, word.span);
                    return Some(self.function_body(name, word.span));
                }
            }
        }
        if end == start {
            return None;
        }
        command.span = Span::new(start, end);
        Some(Statement::Command(command))
    }

    /// Reads `()` if it follows, and whether it did.
    fn takes_parentheses(&mut self) -> bool {
        let before = self.position;
        self.skip_blanks();
        if self.rest().starts_with('(') {
            self.position += 1;
            self.skip_blanks();
            if self.rest().starts_with(')') {
                self.position += 1;
                return true;
            }
        }
        self.position = before;
        false
    }

    fn assignment(&mut self, command: &Command) -> Option<Assignment> {
        if !command.words.is_empty() {
            return None;
        }
        let rest = self.rest();
        let length = name_length(rest);
        let after = &rest[length..];
        let subscript = if length > 0 && after.starts_with('[') {
            let line = after.split(['\n', ' ', ';']).next().unwrap_or_default();
            line.find(']')? + 1
        } else {
            0
        };
        let operator = &after[subscript..];
        let appends = operator.starts_with("+=");
        if length == 0 || !appends && !operator.starts_with('=') {
            return None;
        }
        let start = self.position;
        let name = Spanned::new(rest[..length].to_owned(), Span::new(start, start + length));
        self.position += length + subscript + if appends { 2 } else { 1 };
        let value = self.value();
        Some(Assignment {
            span: Span::new(start, self.position),
            name,
            is_element: subscript > 0,
            appends,
            value,
        })
    }

    /// What stands after the `=` of an assignment.
    fn value(&mut self) -> Word {
        if self.rest().starts_with('(') {
            return self.array();
        }
        let here = Span::at(self.position);
        self.word(Mode::Value).unwrap_or(Word {
            span: here,
            parts: Vec::new(),
        })
    }

    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        const OPERATORS: [&str; 12] = [
            "<<<", "<<-", "<<", "<&", "<>", "<", "&>>", "&>", ">>", ">&", ">|", ">",
        ];
        let rest = self.rest();
        let descriptor = descriptor_length(rest);
        let operator = OPERATORS
            .into_iter()
            .find(|operator| rest[descriptor..].starts_with(operator))
            .filter(|operator| descriptor == 0 || !operator.starts_with('&'))?;
        let after = &rest[descriptor + operator.len()..];
        if matches!(operator, "<" | ">") && after.starts_with('(') {
            return None;
        }
        let start = self.position;
        self.position += descriptor + operator.len();
        self.skip_blanks();
        let word = self.word(Mode::Argument);
        let span = Span::new(start, self.position);
        if word.is_none() {
            self.error(span, format!("nothing follows `{operator}`"));
        }
        let target = match (word, operator) {
            (Some(delimiter), "<<" | "<<-") => self.here_document(&delimiter, operator == "<<-"),
            (Some(word), _) => word,
            (None, _) => Word {
                span: Span::at(self.position),
                parts: Vec::new(),
            },
        };
        Some(Redirect {
            span,
            descriptor: (descriptor > 0).then(|| rest[..descriptor].to_owned()),
            operator: operator.to_owned(),
            target,
        })
    }

    /// The body below the current line that ends with `delimiter`.
    fn here_document(&mut self, delimiter: &Word, strips_tabs: bool) -> Word {
        let documents = self
            .here_documents
            .take()
            .filter(|documents| documents.line_break >= self.position)
            .unwrap_or_else(|| {
                let line_break = self.end_of_logical_line();
                HereDocuments {
                    line_break,
                    next: (line_break + 1).min(self.end),
                }
            });
        let raw = delimiter.span.of(self.text);
        let is_quoted = raw.contains(['\'', '"', '\\']);
        let text = delimiter.literal().unwrap_or_else(|| raw.to_owned());
        let start = documents.next;
        let mut body_end = start;
        let mut next = self.end;
        let mut is_closed = false;
        for line in self.text[start..self.end].split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            let content = if strips_tabs {
                content.trim_start_matches('\t')
            } else {
                content
            };
            if content == text {
                next = body_end + line.len();
                is_closed = true;
                break;
            }
            body_end += line.len();
        }
        if !is_closed {
            self.error(
                delimiter.span,
                format!("no line `{text}` ends the here-document"),
            );
        }
        let body = self.here_document_body(Span::new(start, body_end), is_quoted);
        self.here_documents = Some(HereDocuments {
            line_break: documents.line_break,
            next,
        });
        body
    }

    fn end_of_logical_line(&self) -> usize {
        let mut quote = None;
        let mut is_escaped = false;
        for (offset, byte) in self.rest().bytes().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if quote != Some(b'\'') => is_escaped = true,
                b'\'' | b'"' if quote.is_none() => quote = Some(byte),
                _ if quote == Some(byte) => quote = None,
                b'\n' if quote.is_none() => return self.position + offset,
                _ => {}
            }
        }
        self.end
    }

    fn test(&mut self) -> Statement {
        let brackets = self.skip_word();
        let test = self.test_any();
        self.skip_line_breaks();
        if self.peek_word() == "]]" {
            self.position += 2;
        } else {
            self.error(brackets, "`[[` is not followed by `]]`");
        }
        Statement::Test {
            span: self.since(brackets),
            test,
        }
    }

    fn test_any(&mut self) -> Test {
        if !self.descend() {
            return Test::Any(Vec::new());
        }
        let mut tests = vec![self.test_all()];
        while self.takes_in_test("||") {
            tests.push(self.test_all());
        }
        self.depth -= 1;
        one_or(tests, Test::Any)
    }

    fn test_all(&mut self) -> Test {
        let mut tests = vec![self.test_negated()];
        while self.takes_in_test("&&") {
            tests.push(self.test_negated());
        }
        one_or(tests, Test::All)
    }

    fn test_negated(&mut self) -> Test {
        let mut is_negated = false;
        self.skip_line_breaks();
        while self.peek_word() == "!" {
            is_negated = !is_negated;
            self.skip_word();
            self.skip_line_breaks();
        }
        let test = if self.takes_in_test("(") {
            let test = self.test_any();
            if !self.takes_in_test(")") {
                let here = Span::at(self.position);
                self.error(here, "a `)` is missing in `[[ ]]`");
            }
            test
        } else {
            self.test_primary()
        };
        if is_negated {
            Test::Not(Box::new(test))
        } else {
            test
        }
    }

    fn test_primary(&mut self) -> Test {
        let first = self.test_word(Mode::Argument);
        let operator = first.literal().filter(|text| {
            is_unary(text) && first.span.len() == text.len() && !self.is_test_over()
        });
        if let Some(operator) = operator.filter(|_| self.test_operator().is_none()) {
            return Test::Unary {
                operator,
                operand: self.test_word(Mode::Argument),
            };
        }
        let Some(operator) = self.test_operator() else {
            return Test::Unary {
                operator: "-n".to_owned(),
                operand: first,
            };
        };
        self.position += operator.len();
        let mode = match operator {
            "=~" => Mode::Regex,
            "=" | "==" | "!=" => Mode::Pattern,
            _ => Mode::Argument,
        };
        let operator = operator.to_owned();
        Test::Binary {
            left: first,
            operator,
            right: self.test_word(mode),
        }
    }

    /// The operator between two words that follows.
    fn test_operator(&mut self) -> Option<&'a str> {
        self.skip_line_breaks();
        let rest = self.rest();
        if rest.starts_with(['<', '>']) && !rest[1..].starts_with('(') {
            return Some(&rest[..1]);
        }
        let word = self.peek_word();
        (word == "=~" || is_binary(word) && !matches!(word, "-a" | "-o")).then_some(word)
    }

    fn test_word(&mut self, mode: Mode) -> Word {
        self.skip_line_breaks();
        let here = Span::at(self.position);
        let is_over = self.is_test_over();
        if let Some(word) = (!is_over).then(|| self.word(mode)).flatten() {
            return word;
        }
        self.error(here, "a word is missing in `[[ ]]`");
        Word {
            span: here,
            parts: Vec::new(),
        }
    }

    fn is_test_over(&mut self) -> bool {
        self.skip_line_breaks();
        let rest = self.rest();
        self.is_at_end()
            || self.peek_word() == "]]"
            || rest.starts_with(')')
            || rest.starts_with("&&")
            || rest.starts_with("||")
    }

    fn takes_in_test(&mut self, operator: &str) -> bool {
        self.skip_line_breaks();
        let found = self.rest().starts_with(operator);
        if found {
            self.position += operator.len();
        }
        found
    }

    /// Statements up to one of `closers`, or to what ends an outer construct.
    pub(super) fn until(&mut self, closers: &'static [&'static str]) -> Vec<Statement> {
        self.open.push(closers);
        let statements = self.statements();
        self.open.pop();
        statements
    }

    /// Reads `word` if it follows, or says that it is missing. Whether it followed.
    pub(super) fn expect(&mut self, word: &'static str, opener: Span) -> bool {
        self.skip_blanks();
        let found = self.closer() == Some(word);
        if found {
            self.position += word.len();
        } else {
            let message = format!("`{}` is not followed by `{word}`", opener.of(self.text));
            self.error(opener, message);
        }
        found
    }

    /// The word or sign that follows, if it ends something.
    fn closer(&self) -> Option<&'static str> {
        let rest = self.rest();
        if rest.starts_with(')') {
            return Some(")");
        }
        if rest.starts_with(";;") || rest.starts_with(";&") {
            return Some(";;");
        }
        let word = self.peek_word();
        CLOSERS.into_iter().find(|closer| *closer == word)
    }

    /// The characters up to the next one that ends a word, if they may be a keyword or a name.
    pub(super) fn peek_word(&self) -> &'a str {
        let rest = self.rest();
        let length = rest
            .bytes()
            .take(256)
            .take_while(|byte| !b" \t\n\r;&|<>()\"'`$\\".contains(byte) && byte.is_ascii())
            .count();
        let is_whole = match after_continuations(&rest[length..]).as_bytes() {
            [] => true,
            [next, ..] => b" \t\n\r;&|<>()".contains(next),
        };
        if is_whole { &rest[..length] } else { "" }
    }

    /// Passes over the word that [`Self::peek_word`] sees, and the blanks behind it.
    fn skip_word(&mut self) -> Span {
        let span = Span::new(self.position, self.position + self.peek_word().len());
        self.position = span.end as usize;
        self.skip_blanks();
        span
    }

    /// From `start` to the last character before the position that is not blank.
    fn since(&self, start: Span) -> Span {
        let read = &self.text[start.start as usize..self.position];
        let end = self.position - (read.len() - read.trim_end_matches([' ', '\t']).len());
        start.to(Span::at(end))
    }

    /// Passes over blanks and over line breaks that are escaped.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            self.position += match rest.as_bytes() {
                [b' ' | b'\t', ..] => 1,
                [b'\\', b'\n', ..] => 2,
                [b'\\', b'\r', b'\n', ..] => 3,
                _ => break,
            };
        }
        if self.rest().starts_with('#') && self.is_at_word_start() {
            let length = self.rest().find('\n').unwrap_or(self.rest().len());
            let comment = self.rest()[..length].trim_end_matches('\r').len();
            let span = Span::new(self.position, self.position + comment);
            self.comments.push(span);
            self.position += comment;
        }
    }

    fn is_at_word_start(&self) -> bool {
        self.position == 0
            || matches!(
                self.text.as_bytes()[self.position - 1],
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'`'
            )
    }

    /// Passes over blanks, comments and line breaks.
    pub(super) fn skip_line_breaks(&mut self) {
        loop {
            self.skip_blanks();
            let length = match self.rest().as_bytes() {
                [b'\n', ..] => 1,
                [b'\r', b'\n', ..] => 2,
                _ => return,
            };
            let line_break = self.position + length - 1;
            self.position += length;
            let is_here = |documents: &mut HereDocuments| documents.line_break <= line_break;
            if let Some(documents) = self.here_documents.take_if(is_here) {
                self.position = self.position.max(documents.next).min(self.end);
            }
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.is_cut || self.position >= self.end
    }

    /// What is still to be read.
    pub(super) fn rest(&self) -> &'a str {
        if self.is_cut {
            return "";
        }
        self.text.get(self.position..self.end).unwrap_or_default()
    }

    pub(super) fn error(&mut self, span: Span, message: impl Into<String>) {
        if !self.is_cut {
            self.errors.push(SyntaxError::new(span, message));
        }
    }

    /// One level deeper; gives up the rest of the text where that is too deep.
    pub(super) fn descend(&mut self) -> bool {
        if self.depth >= MAX_DEPTH {
            let here = Span::at(self.position);
            self.error(
                here,
                format!("the script nests deeper than {MAX_DEPTH} levels"),
            );
            self.is_cut = true;
            return false;
        }
        self.depth += 1;
        true
    }

    /// One level up again.
    pub(super) fn ascend(&mut self) {
        self.depth -= 1;
    }
}

/// How many bytes of `text` are the name of a variable.
pub(super) fn name_length(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.bytes()
        .take_while(|byte| *byte == b'_' || byte.is_ascii_alphanumeric())
        .count()
}

/// How many bytes of `text` are a file descriptor before `<` or `>`: `2` or `{name}`.
fn descriptor_length(text: &str) -> usize {
    let length = match text.strip_prefix('{') {
        Some(rest) => match name_length(rest) {
            0 => 0,
            name if rest[name..].starts_with('}') => name + 2,
            _ => 0,
        },
        None => text.bytes().take_while(u8::is_ascii_digit).count(),
    };
    if text[length..].starts_with(['<', '>']) {
        length
    } else {
        0
    }
}
