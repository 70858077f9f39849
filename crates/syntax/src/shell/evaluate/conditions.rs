//! `[ … ]`, `[[ … ]]` and patterns.

use super::expand::Field;
use super::pattern::Pattern;
use super::state::Value;
use super::{Evaluator, Truth, Variable};
use crate::shell::{Part, Test, Word};

impl<'a> Evaluator<'a> {
    /// `[ … ]`: decided by what the arguments expand to.
    pub(super) fn arguments_test(&mut self, fields: &[Field]) -> Truth {
        let arguments: Option<Vec<Value>> = fields.iter().map(Field::single).collect();
        let Some(arguments) = arguments else {
            return Truth::Unknown;
        };
        let is_known = arguments.iter().all(Option::is_some);
        match Test::of_arguments(&arguments, &Clone::clone) {
            Some(test) => self.values_test(&test),
            // An error, which is a status that is not 0.
            None if is_known => Truth::False,
            None => Truth::Unknown,
        }
    }

    fn values_test(&mut self, test: &Test<Value>) -> Truth {
        match test {
            Test::Unary { operator, operand } => self.unary(operator, operand.as_deref()),
            Test::Binary {
                left,
                operator,
                right,
            } => binary(
                left.as_deref(),
                operator,
                right.as_deref(),
                compare_integers,
            ),
            Test::Not(test) => self.values_test(test).negated(),
            Test::All(tests) => tests
                .iter()
                .fold(Truth::True, |all, test| all.and(self.values_test(test))),
            Test::Any(tests) => tests
                .iter()
                .fold(Truth::False, |any, test| any.or(self.values_test(test))),
        }
    }

    /// `[[ … ]]`.
    pub(super) fn test(&mut self, test: &'a Test) -> Truth {
        match test {
            Test::Unary { operator, operand } => {
                let operand = self.text(operand);
                self.unary(operator, operand.as_deref())
            }
            Test::Binary {
                left,
                operator,
                right,
            } => {
                let left = self.text(left);
                match operator.as_str() {
                    "=" | "==" => self.matches(left.as_deref(), right),
                    "!=" => self.matches(left.as_deref(), right).negated(),
                    "=~" => self.matches_expression(left.as_deref(), right),
                    _ => {
                        let right = self.text(right);
                        binary(
                            left.as_deref(),
                            operator,
                            right.as_deref(),
                            |left, operator, right| {
                                // Anything else than digits is an expression.
                                let is_number = |text: &str| {
                                    text.parse::<u32>().is_ok() && !text.starts_with('0')
                                        || text == "0"
                                };
                                if is_number(left) && is_number(right) {
                                    compare_integers(left, operator, right)
                                } else {
                                    Truth::Unknown
                                }
                            },
                        )
                    }
                }
            }
            Test::Not(test) => self.test(test).negated(),
            Test::All(tests) => self.in_turn(tests, Truth::False),
            Test::Any(tests) => self.in_turn(tests, Truth::True),
        }
    }

    /// Conditions of which the rest is not looked at once one is `decisive`.
    fn in_turn(&mut self, tests: &'a [Test], decisive: Truth) -> Truth {
        let mut result = decisive.negated();
        self.choose(|evaluator, ended| {
            for test in tests {
                let truth = evaluator.test(test);
                if truth == decisive {
                    result = decisive;
                    return;
                }
                if truth == Truth::Unknown {
                    result = Truth::Unknown;
                    ended.push(evaluator.fork());
                    evaluator.is_branch = true;
                }
            }
        });
        result
    }

    fn unary(&mut self, operator: &str, operand: Option<&str>) -> Truth {
        match (operator, operand) {
            ("-n", Some(text)) => Truth::from(!text.is_empty()),
            ("-z", Some(text)) => Truth::from(text.is_empty()),
            ("-v", Some(name)) if !name.contains('[') => {
                match self.state.variables.get(name, self.environment) {
                    Variable::Set(_) => Truth::True,
                    Variable::Unset if name.starts_with(|first: char| first.is_ascii_digit()) => {
                        Truth::Unknown
                    }
                    Variable::Unset => Truth::False,
                    Variable::Unknown => Truth::Unknown,
                }
            }
            _ => Truth::Unknown,
        }
    }

    /// Whether the pattern `word` matches all of `text`.
    pub(super) fn matches(&mut self, text: Option<&str>, word: &'a Word) -> Truth {
        let pattern = self.pattern(word);
        if self.state.has_other_patterns {
            return Truth::Unknown;
        }
        match (pattern, text) {
            (Some(pattern), _) if pattern.is_any() => Truth::True,
            (Some(pattern), Some(text)) => {
                let text: Vec<char> = text.chars().collect();
                if !self.spend(text.len() / 256) {
                    return Truth::Unknown;
                }
                pattern.matches(&text).into()
            }
            _ => Truth::Unknown,
        }
    }

    /// What `word` stands for as a pattern.
    pub(super) fn pattern(&mut self, word: &'a Word) -> Option<Pattern> {
        let mut pattern = Pattern::default();
        let mut is_known = true;
        for part in &word.parts {
            match &part.value {
                Part::Literal(text) => pattern.push_text(text),
                Part::Pattern(text) => is_known &= pattern.push_pattern(text),
                Part::Parameter { quoted, .. } => match self.part_text(&part.value) {
                    Some(text) if *quoted => pattern.push_text(&text),
                    Some(text) => is_known &= pattern.push_pattern(&text),
                    None => is_known = false,
                },
                other => {
                    self.part_text(other);
                    is_known = false;
                }
            }
        }
        is_known.then_some(pattern)
    }

    /// Whether the regular expression `word` is found in `text`. Only one that is text, perhaps
    /// with `^` before and `$` behind it, is understood.
    fn matches_expression(&mut self, text: Option<&str>, word: &'a Word) -> Truth {
        let mut expression = String::new();
        let (mut is_start, mut is_end) = (false, false);
        for (index, part) in word.parts.iter().enumerate() {
            if is_end {
                return Truth::Unknown;
            }
            match &part.value {
                Part::Literal(text) => expression.push_str(text),
                Part::Pattern(text) => {
                    let mut text = text.as_str();
                    if let Some(rest) = text.strip_prefix('^').filter(|_| index == 0) {
                        is_start = true;
                        text = rest;
                    }
                    if let Some(rest) = text.strip_suffix('$') {
                        is_end = true;
                        text = rest;
                    }
                    if text.contains(|special: char| r"\^$.|?*+()[]{}".contains(special)) {
                        return Truth::Unknown;
                    }
                    expression.push_str(text);
                }
                other => {
                    self.part_text(other);
                    return Truth::Unknown;
                }
            }
        }
        let (Some(text), false) = (text, self.state.has_other_patterns) else {
            return Truth::Unknown;
        };
        Truth::from(match (is_start, is_end) {
            (true, true) => text == expression,
            (true, false) => text.starts_with(&expression),
            (false, true) => text.ends_with(&expression),
            (false, false) => text.contains(&expression),
        })
    }
}

fn binary(
    left: Option<&str>,
    operator: &str,
    right: Option<&str>,
    compare: impl FnOnce(&str, &str, &str) -> Truth,
) -> Truth {
    let (Some(left), Some(right)) = (left, right) else {
        return Truth::Unknown;
    };
    match operator {
        "=" | "==" => Truth::from(left == right),
        "!=" => Truth::from(left != right),
        "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => compare(left, operator, right),
        _ => Truth::Unknown,
    }
}

/// `[ 1 -lt 2 ]`; what is no number is an error.
fn compare_integers(left: &str, operator: &str, right: &str) -> Truth {
    let integer = |text: &str| text.trim_matches([' ', '\t', '\n']).parse::<i64>();
    let (Ok(left), Ok(right)) = (integer(left), integer(right)) else {
        return Truth::False;
    };
    Truth::from(match operator {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        _ => left >= right,
    })
}
