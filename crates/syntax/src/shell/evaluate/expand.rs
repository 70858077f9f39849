//! What words expand to.

use super::effects::has_substitution;
use super::pattern::Pattern;
use super::state::{MAX_VALUE, MAX_WORDS, Value};
use super::{Evaluator, Truth, Variable};
use crate::shell::{Assignment, Command, Operation, Part, Word, is_name};

/// Longer values are not trimmed by a pattern, which takes time that grows with their square.
const MAX_TRIMMED: usize = 512;

/// What became of a word, or of a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// One argument.
    Known(String),
    /// One argument that is not known.
    Unknown,
    /// Any number of arguments.
    Many,
}

impl Field {
    /// The text, if it is known.
    pub(super) fn value(&self) -> Value {
        match self {
            Field::Known(text) => Some(text.clone()),
            Field::Unknown | Field::Many => None,
        }
    }

    /// The value of what is one argument for certain.
    pub(super) fn single(&self) -> Option<Value> {
        match self {
            Field::Known(text) => Some(Some(text.clone())),
            Field::Unknown => Some(None),
            Field::Many => None,
        }
    }
}

/// What `$@`, `$*` or `$name` stands for.
enum Base {
    One(Variable),
    List(Option<Vec<Value>>),
}

/// The arguments that come out of words.
struct Fields {
    done: Vec<Field>,
    /// The argument to which text is added; nothing after a separator.
    current: Option<Value>,
    /// Whether the current argument may be any number of them.
    is_many: bool,
    /// Whether all is one text, as in an assignment: nothing is split, patterns are text.
    is_joined: bool,
    /// Whether it is known what splits unquoted values.
    has_default_separators: bool,
}

impl Fields {
    fn text(&mut self, text: &str) {
        if let Some(current) = self.current.get_or_insert_with(|| Some(String::new())) {
            current.push_str(text);
        }
        if self
            .current
            .iter()
            .flatten()
            .any(|text| text.len() > MAX_VALUE)
        {
            self.current = Some(None);
        }
    }

    fn unknown(&mut self) {
        self.current = Some(None);
    }

    fn many(&mut self) {
        self.unknown();
        self.is_many = true;
    }

    /// A value that is not known: split, unless it is quoted.
    fn unknown_value(&mut self, quoted: bool) {
        self.unknown();
        self.is_many |= !quoted;
    }

    /// A value: split, unless it is quoted.
    fn value(&mut self, text: &str, quoted: bool) {
        if quoted || self.is_joined {
            self.text(text);
        } else {
            self.split(text);
        }
    }

    fn split(&mut self, text: &str) {
        let is_blank = |next: char| matches!(next, ' ' | '\t' | '\n');
        if !self.has_default_separators && !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return self.many();
        }
        if text.starts_with(is_blank) {
            self.separate();
        }
        for (index, piece) in text
            .split(is_blank)
            .filter(|piece| !piece.is_empty())
            .enumerate()
        {
            if index > 0 {
                self.separate();
            }
            self.text(piece);
            if piece.contains(['*', '?', '[', '\\']) {
                self.many();
            }
        }
        if text.ends_with(is_blank) {
            self.separate();
        }
    }

    fn separate(&mut self) {
        let Some(value) = self.current.take() else {
            return;
        };
        let field = match value {
            _ if self.is_many => Field::Many,
            Some(text) => Field::Known(text),
            None => Field::Unknown,
        };
        self.is_many = false;
        if self.done.len() < MAX_WORDS {
            self.done.push(field);
        } else {
            self.done.truncate(MAX_WORDS);
            self.done.push(Field::Many);
        }
    }

    fn finish(mut self) -> Vec<Field> {
        self.separate();
        self.done
    }
}

impl<'a> Evaluator<'a> {
    fn new_fields(&self, is_joined: bool) -> Fields {
        Fields {
            done: Vec::new(),
            current: None,
            is_many: false,
            is_joined,
            has_default_separators: self.state.variables.has_default_separators(),
        }
    }

    /// The arguments that `words` expand to.
    pub(super) fn fields(&mut self, words: &'a [Word]) -> Vec<Field> {
        let mut fields = self.new_fields(false);
        for word in words {
            self.expand(word, &mut fields);
            fields.separate();
        }
        fields.finish()
    }

    /// The arguments of a command: those of `export` and the like are not split behind a `NAME=`.
    pub(super) fn command_fields(&mut self, command: &'a Command) -> Vec<Field> {
        let declares = command.words.first().is_some_and(|word| {
            let name = word.literal();
            name.is_some_and(|name| crate::shell::parser::DECLARATIONS.contains(&name.as_str()))
        });
        if !declares {
            return self.fields(&command.words);
        }
        let mut fields = Vec::new();
        for word in &command.words {
            let has_braces = word
                .parts
                .iter()
                .any(|part| matches!(part.value, Part::Braces(_)));
            if word.as_assignment().is_some() && !has_braces {
                fields.push(self.text(word).map_or(Field::Unknown, Field::Known));
            } else {
                fields.extend(self.fields(std::slice::from_ref(word)));
            }
        }
        fields
    }

    /// `"$@"`.
    pub(super) fn positional_fields(&mut self) -> Vec<Field> {
        let mut fields = self.new_fields(false);
        push_list(&mut fields, self.state.positional.clone(), false, true);
        fields.finish()
    }

    /// What `word` expands to where it is not split.
    pub(super) fn text(&mut self, word: &'a Word) -> Value {
        let mut fields = self.new_fields(true);
        fields.text("");
        self.expand(word, &mut fields);
        fields.current.flatten()
    }

    /// What one part expands to where it is not split.
    pub(super) fn part_text(&mut self, part: &'a Part) -> Value {
        let mut fields = self.new_fields(true);
        fields.text("");
        self.part(part, &mut fields);
        fields.current.flatten()
    }

    pub(super) fn assignment(&mut self, assignment: &'a Assignment) {
        let name = &assignment.name.value;
        let value = self
            .text(&assignment.value)
            .filter(|_| !assignment.is_element);
        let value = if assignment.appends {
            match self.state.variables.get(name, self.environment) {
                Variable::Set(before) => value.map(|value| before + &value),
                Variable::Unset => value,
                Variable::Unknown => None,
            }
        } else {
            value
        };
        self.state.variables.set(name, value);
    }

    fn expand(&mut self, word: &'a Word, fields: &mut Fields) {
        for part in &word.parts {
            self.part(&part.value, fields);
        }
    }

    fn part(&mut self, part: &'a Part, fields: &mut Fields) {
        match part {
            Part::Literal(text) => fields.text(text),
            Part::Pattern(text) | Part::Braces(text) if fields.is_joined => fields.text(text),
            Part::Pattern(_) | Part::Braces(_) => fields.many(),
            Part::Tilde(text) => match self.state.variables.get("HOME", self.environment) {
                Variable::Set(home) if text == "~" => fields.text(&home),
                _ => fields.unknown(),
            },
            Part::Substitution {
                statements,
                is_process,
                quoted,
            } => {
                self.subshell(|shell| {
                    // Bash switches it off there, unless it is in POSIX mode.
                    shell.state.errexit = Truth::False;
                    shell.statements(statements);
                });
                fields.unknown_value(*quoted || *is_process);
            }
            Part::Arithmetic(expression) => match self.arithmetic(expression) {
                Some(value) => fields.text(&value.to_string()),
                None => fields.unknown(),
            },
            Part::Array(words) => {
                self.fields(words);
                fields.unknown();
            }
            Part::Parameter {
                name,
                prefix,
                operation,
                quoted,
            } => match (prefix, operation.as_deref()) {
                (None, None) => self.value(name, *quoted, fields),
                (None, Some(operation)) => self.operate(name, operation, *quoted, fields),
                (Some('#'), None) => self.length(name, fields),
                (_, operation) => {
                    if let Some(operation) = operation {
                        self.text(&operation.operand);
                    }
                    fields.unknown_value(false);
                }
            },
        }
    }

    fn base(&self, name: &str) -> Base {
        Base::One(match name {
            "@" | "*" => return Base::List(self.state.positional.clone()),
            "#" => match &self.state.positional {
                Some(arguments) => Variable::Set(arguments.len().to_string()),
                None => Variable::Unknown,
            },
            "0" => (self.environment)("0"),
            "?" if self.state.status == Truth::True => Variable::Set("0".to_owned()),
            _ if name.bytes().all(|byte| byte.is_ascii_digit()) => match &self.state.positional {
                Some(arguments) => name
                    .parse()
                    .ok()
                    .and_then(|number: usize| arguments.get(number.checked_sub(1)?))
                    .map_or(Variable::Unset, |value| {
                        value.clone().map_or(Variable::Unknown, Variable::Set)
                    }),
                None => Variable::Unknown,
            },
            _ if is_name(name) => self.state.variables.get(name, self.environment),
            _ => Variable::Unknown,
        })
    }

    /// `$name`.
    fn value(&mut self, name: &str, quoted: bool, fields: &mut Fields) {
        match self.base(name) {
            Base::One(Variable::Set(text)) => fields.value(&text, quoted),
            Base::One(Variable::Unknown) => {
                self.unset(Truth::Unknown);
                fields.unknown_value(quoted);
            }
            Base::One(Variable::Unset) => {
                self.unset(Truth::True);
                fields.value("", quoted);
            }
            Base::List(items) => push_list(fields, items, name == "*", quoted),
        }
    }

    /// Under `set -u` a variable that is not there ends the shell.
    fn unset(&mut self, is_unset: Truth) {
        let ends = self.state.nounset.and(is_unset);
        if ends == Truth::False || !self.state.live {
            return;
        }
        let shell = self.shell();
        if ends == Truth::True {
            self.state.status = Truth::False;
            self.leave(shell, true);
        } else if shell > 0 {
            self.may_leave(shell);
        }
    }

    /// `${#name}`.
    fn length(&mut self, name: &str, fields: &mut Fields) {
        let length = match self.base(name) {
            Base::One(Variable::Set(text)) => Some(text.chars().count()),
            Base::One(Variable::Unknown) => {
                self.unset(Truth::Unknown);
                None
            }
            Base::One(Variable::Unset) => {
                self.unset(Truth::True);
                Some(0)
            }
            Base::List(Some(items)) => Some(items.len()),
            Base::List(None) => None,
        };
        match length {
            Some(length) => fields.text(&length.to_string()),
            None => fields.unknown(),
        }
    }

    fn operate(
        &mut self,
        name: &'a str,
        operation: &'a Operation,
        quoted: bool,
        fields: &mut Fields,
    ) {
        let base = self.base(name);
        match operation.operator.as_str() {
            ":-" | "-" | ":=" | "=" | ":+" | "+" | ":?" | "?" => {
                let missing = is_missing(&base, operation.operator.starts_with(':'));
                let has_empty = match &base {
                    Base::List(Some(items)) => items.iter().flatten().any(String::is_empty),
                    _ => false,
                };
                if has_empty && !quoted && !fields.is_joined {
                    // Whether bash leaves out an empty argument here depends on the others.
                    return fields.many();
                }
                self.choose_default(name, operation, missing, quoted, fields);
            }
            ":" => self.slice(base, name, operation, quoted, fields),
            "#" | "##" | "%" | "%%" => {
                let pattern = self.pattern(&operation.operand);
                match (base, pattern) {
                    (Base::One(Variable::Set(text)), Some(pattern))
                        if text.len() <= MAX_TRIMMED
                            && !self.state.has_other_patterns
                            && self.spend(text.len() / 8) =>
                    {
                        fields.value(&trimmed(&text, &operation.operator, &pattern), quoted);
                    }
                    (Base::One(Variable::Unset | Variable::Unknown), _) => {
                        self.value(name, quoted, fields);
                    }
                    (Base::List(_), _) => fields.unknown_value(false),
                    _ => fields.unknown_value(quoted),
                }
            }
            _ => {
                self.text(&operation.operand);
                let changed = match (base, operation.text.as_str()) {
                    (Base::One(Variable::Set(text)), "^^") if text.is_ascii() => {
                        Some(text.to_uppercase())
                    }
                    (Base::One(Variable::Set(text)), ",,") if text.is_ascii() => {
                        Some(text.to_lowercase())
                    }
                    _ => None,
                };
                self.unset(Truth::Unknown);
                let is_list = operation.operator == "[" || matches!(name, "@" | "*");
                match changed {
                    Some(text) => fields.value(&text, quoted),
                    None => fields.unknown_value(quoted && !is_list),
                }
            }
        }
    }

    /// `${name:-word}` and its relatives.
    fn choose_default(
        &mut self,
        name: &'a str,
        operation: &'a Operation,
        missing: Truth,
        quoted: bool,
        fields: &mut Fields,
    ) {
        let kind = operation.operator.trim_start_matches(':');
        let takes_operand = if kind == "+" {
            missing.negated()
        } else {
            missing
        };
        match (kind, takes_operand) {
            ("+", Truth::False) => fields.value("", quoted),
            ("-" | "=" | "?", Truth::False) | ("?", Truth::Unknown) => {
                self.value(name, quoted, fields);
            }
            ("-" | "+", Truth::True) => self.operand(operation, quoted, fields),
            ("=", Truth::True) => {
                let value = self.text(&operation.operand);
                match &value {
                    Some(text) => fields.value(text, quoted),
                    None => fields.unknown_value(quoted),
                }
                self.state.variables.set(name, value);
            }
            ("?", Truth::True) => {
                let shell = self.shell();
                self.state.status = Truth::False;
                if self.state.live {
                    self.leave(shell, true);
                }
            }
            _ => {
                if has_substitution(&operation.operand) {
                    self.branch(|evaluator| {
                        evaluator.text(&operation.operand);
                    });
                }
                if kind == "=" {
                    self.state.variables.forget(name);
                }
                let is_list = matches!(name, "@" | "*") || names_list(&operation.operand);
                fields.unknown_value(quoted && !is_list);
            }
        }
    }

    /// The word of `${name:-word}` in the place of the value.
    fn operand(&mut self, operation: &'a Operation, quoted: bool, fields: &mut Fields) {
        let word = &operation.operand;
        if quoted || fields.is_joined {
            if !names_list(word) {
                fields.text("");
            }
            return self.expand(word, fields);
        }
        // Which blanks are quoted is not in the tree: that matters only if there are both.
        let has_quotes = operation.text.contains(['\'', '"', '\\']);
        for part in &word.parts {
            match &part.value {
                Part::Literal(text) if !has_quotes => fields.split(text),
                Part::Literal(text) if text.contains([' ', '\t', '\n']) => fields.many(),
                other => self.part(other, fields),
            }
        }
    }

    /// `${name:offset:length}`.
    fn slice(
        &mut self,
        base: Base,
        name: &str,
        operation: &'a Operation,
        quoted: bool,
        fields: &mut Fields,
    ) {
        let bounds = self.text(&operation.operand).and_then(|text| {
            let (offset, length) = match text.split_once(':') {
                Some((offset, length)) => (offset, Some(sum(length)?)),
                None => (text.as_str(), None),
            };
            Some((sum(offset)?, length))
        });
        let may_fail = match bounds {
            Some((_, length)) => length.is_some_and(|length| length < 0),
            None => operation.text[1..].contains(':'),
        };
        match (base, bounds) {
            (Base::List(Some(arguments)), Some((offset, length))) => {
                let zeroth = match (self.environment)("0") {
                    Variable::Set(path) => Some(path),
                    Variable::Unset | Variable::Unknown => None,
                };
                let items: Vec<Value> = std::iter::once(zeroth).chain(arguments).collect();
                let is_allowed = length.is_none_or(|length| length >= 0);
                let slice = slice(&items, offset, length).filter(|_| is_allowed);
                self.doubt(slice.is_none());
                push_list(fields, slice.map(<[Value]>::to_vec), name == "*", quoted);
            }
            (Base::List(_), _) => {
                self.doubt(may_fail);
                push_list(fields, None, name == "*", quoted);
            }
            (Base::One(Variable::Set(text)), Some((offset, length))) => {
                let characters: Vec<char> = text.chars().collect();
                let slice = slice(&characters, offset, length);
                self.doubt(slice.is_none());
                match slice {
                    Some(slice) => fields.value(&slice.iter().collect::<String>(), quoted),
                    None => fields.unknown_value(quoted),
                }
            }
            (Base::One(Variable::Unset), _) => self.value(name, quoted, fields),
            _ => {
                self.doubt(may_fail);
                self.value(name, quoted, fields);
            }
        }
    }

    /// After an error of an expansion, bash goes on behind the whole statement at the top level.
    fn doubt(&mut self, is_error: bool) {
        if is_error {
            self.give_up();
        }
    }

    /// The value of `$((…))` or `((…))`, if it is a sum of numbers.
    pub(super) fn arithmetic(&mut self, expression: &'a Word) -> Option<i64> {
        let text = self.text(expression);
        self.arithmetic_effects(expression);
        sum(&text?)
    }

    /// Forgets the variables that `expression` may change.
    pub(super) fn arithmetic_effects(&mut self, expression: &Word) {
        let literals = expression.parts.iter().map(|part| match &part.value {
            Part::Literal(text) => text.as_str(),
            _ => " ",
        });
        let text: String = literals.collect();
        let comparisons = ["==", "!=", "<=", ">="];
        let without = comparisons
            .iter()
            .fold(text.clone(), |text, operator| text.replace(operator, " "));
        if !["=", "++", "--"]
            .iter()
            .any(|operator| without.contains(operator))
        {
            return;
        }
        for name in text.split(|next: char| next != '_' && !next.is_ascii_alphanumeric()) {
            if is_name(name) {
                self.state.variables.forget(name);
            }
        }
    }
}

/// Whether `${name:-…}` takes the default.
fn is_missing(base: &Base, or_empty: bool) -> Truth {
    match base {
        Base::One(Variable::Set(text)) => Truth::from(or_empty && text.is_empty()),
        Base::One(Variable::Unset) => Truth::True,
        Base::One(Variable::Unknown) | Base::List(None) => Truth::Unknown,
        Base::List(Some(items)) => match items.as_slice() {
            [] => Truth::True,
            [Some(only)] => Truth::from(or_empty && only.is_empty()),
            [None] if or_empty => Truth::Unknown,
            _ => Truth::False,
        },
    }
}

/// Whether `word` has a `$@`, which is any number of arguments even between quotes.
fn names_list(word: &Word) -> bool {
    word.parts
        .iter()
        .any(|part| matches!(&part.value, Part::Parameter { name, .. } if name == "@"))
}

fn push_list(fields: &mut Fields, items: Option<Vec<Value>>, is_star: bool, quoted: bool) {
    let is_text = fields.is_joined || is_star && quoted;
    let Some(items) = items else {
        return fields.unknown_value(is_text);
    };
    if is_text {
        if is_star && !fields.has_default_separators {
            return fields.unknown();
        }
        let joined: Option<Vec<String>> = items.into_iter().collect();
        return match joined {
            Some(items) => fields.text(&items.join(" ")),
            None => fields.unknown(),
        };
    }
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            fields.separate();
        }
        match item {
            Some(text) => fields.value(&text, quoted),
            None => fields.unknown_value(quoted),
        }
    }
}

/// The items from `offset` on, counted from the end if it is negative; so many of them, or up to
/// so many from the end. `None` where bash reports an error.
fn slice<T>(items: &[T], offset: i64, length: Option<i64>) -> Option<&[T]> {
    let total = i64::try_from(items.len()).ok()?;
    let start = if offset < 0 { total + offset } else { offset };
    if start < 0 || start > total {
        return Some(&[]);
    }
    let end = match length {
        None => total,
        Some(length) if length < 0 => total + length,
        Some(length) => start.saturating_add(length).min(total),
    };
    items.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

/// `text` without what `pattern` matches at its begin or end.
fn trimmed(text: &str, operator: &str, pattern: &Pattern) -> String {
    let characters: Vec<char> = text.chars().collect();
    let is_suffix = operator.starts_with('%');
    let split = |length: usize| {
        if is_suffix {
            let (rest, matched) = characters.split_at(characters.len() - length);
            (matched, rest)
        } else {
            characters.split_at(length)
        }
    };
    let found = |length: &usize| pattern.matches(split(*length).0);
    let mut lengths = 0..=characters.len();
    let length = if operator.len() == 2 {
        lengths.rev().find(found)
    } else {
        lengths.find(found)
    };
    split(length.unwrap_or_default()).1.iter().collect()
}

/// The value of `1 + 2 - 3`; `None` for anything else.
fn sum(text: &str) -> Option<i64> {
    let mut rest = text.trim_matches([' ', '\t', '\n']);
    let mut total = 0_i64;
    let mut is_first = true;
    while !rest.is_empty() {
        let unsigned = rest.trim_start_matches(['+', '-', ' ', '\t', '\n']);
        let signs = &rest[..rest.len() - unsigned.len()];
        let signs: String = signs.split([' ', '\t', '\n']).collect();
        let is_negative = match (signs.as_str(), is_first) {
            ("", true) | ("+", _) => false,
            ("-", _) => true,
            _ => return None,
        };
        let length = unsigned.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, after) = unsigned.split_at(length);
        // A leading zero would make it octal.
        if digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        let number: i64 = digits.parse().ok()?;
        total = total.checked_add(if is_negative { -number } else { number })?;
        rest = after.trim_start_matches([' ', '\t', '\n']);
        is_first = false;
    }
    (!is_first).then_some(total)
}
