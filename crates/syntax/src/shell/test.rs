//! Conditions: `[ … ]`, `test …` and `[[ … ]]`.

use super::Word;

/// How deep parentheses may nest in `[ … ]`.
const MAX_DEPTH: usize = 32;

/// A condition on words, or on what they expand to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test<T = Word> {
    /// `-z x`, `-f x`; a lone `x` is `-n x`.
    Unary {
        /// With its dash.
        operator: String,
        /// What is looked at.
        operand: T,
    },
    /// `x = y`, `x -gt y`.
    Binary {
        /// Before the operator.
        left: T,
        /// `=`, `==`, `!=`, `=~`, `<`, `>`, `-eq` …
        operator: String,
        /// After the operator; a pattern or a regular expression in `[[ … ]]`.
        right: T,
    },
    /// `! x`.
    Not(Box<Test<T>>),
    /// `x && y` or `x -a y`; true if there is none.
    All(Vec<Test<T>>),
    /// `x || y` or `x -o y`; false if there is none.
    Any(Vec<Test<T>>),
}

impl<T: Clone> Test<T> {
    /// What `test` makes of its arguments: POSIX decides by their number up to four, beyond it is
    /// a grammar where `-a` binds tighter than `-o`. `None` if it is none of these; `text` gives
    /// the text of an argument that is known.
    pub(super) fn of_arguments(
        arguments: &[T],
        text: &dyn Fn(&T) -> Option<String>,
    ) -> Option<Self> {
        let is =
            |index: usize, expected: &str| text(&arguments[index]).as_deref() == Some(expected);
        let parenthesized = || is(0, "(") && is(arguments.len() - 1, ")");
        match arguments {
            [] => Some(Test::Any(Vec::new())),
            [operand] => Some(Test::non_empty(operand)),
            [first, operand] => match text(first)?.as_str() {
                "!" => Some(Test::Not(Box::new(Test::non_empty(operand)))),
                operator => is_unary(operator).then(|| Test::unary(operator, operand)),
            },
            [left, operator, right] => {
                if let Some(operator) = text(operator).filter(|operator| is_binary(operator)) {
                    return Some(Test::binary(left, &operator, right));
                }
                if is(0, "!") {
                    return Some(Test::Not(Box::new(Test::of_arguments(
                        &arguments[1..],
                        text,
                    )?)));
                }
                parenthesized().then(|| Test::non_empty(operator))
            }
            [_, inner @ ..] if inner.len() == 3 && is(0, "!") => {
                Some(Test::Not(Box::new(Test::of_arguments(inner, text)?)))
            }
            [_, inner @ .., _] if inner.len() == 2 && parenthesized() => {
                Test::of_arguments(inner, text)
            }
            _ => Arguments {
                rest: arguments,
                text,
                depth: 0,
            }
            .whole(),
        }
    }

    fn non_empty(operand: &T) -> Self {
        Test::unary("-n", operand)
    }

    fn unary(operator: &str, operand: &T) -> Self {
        Test::Unary {
            operator: operator.to_owned(),
            operand: operand.clone(),
        }
    }

    fn binary(left: &T, operator: &str, right: &T) -> Self {
        match operator {
            "-a" => Test::All(vec![Test::non_empty(left), Test::non_empty(right)]),
            "-o" => Test::Any(vec![Test::non_empty(left), Test::non_empty(right)]),
            _ => Test::Binary {
                left: left.clone(),
                operator: operator.to_owned(),
                right: right.clone(),
            },
        }
    }
}

/// The arguments of `test` that are still to be read, where there are more than four.
struct Arguments<'a, T> {
    rest: &'a [T],
    text: &'a dyn Fn(&T) -> Option<String>,
    depth: usize,
}

impl<T: Clone> Arguments<'_, T> {
    fn whole(mut self) -> Option<Test<T>> {
        let test = self.any()?;
        self.rest.is_empty().then_some(test)
    }

    fn any(&mut self) -> Option<Test<T>> {
        let mut tests = vec![self.all()?];
        while self.takes("-o") {
            tests.push(self.all()?);
        }
        Some(one_or(tests, Test::Any))
    }

    fn all(&mut self) -> Option<Test<T>> {
        let mut tests = vec![self.negated()?];
        while self.takes("-a") {
            tests.push(self.negated()?);
        }
        Some(one_or(tests, Test::All))
    }

    fn negated(&mut self) -> Option<Test<T>> {
        let mut is_negated = false;
        while self.rest.len() > 1 && self.takes("!") {
            is_negated = !is_negated;
        }
        let test = self.primary()?;
        Some(if is_negated {
            Test::Not(Box::new(test))
        } else {
            test
        })
    }

    fn primary(&mut self) -> Option<Test<T>> {
        if let [left, operator, right, rest @ ..] = self.rest {
            let comparison = (self.text)(operator).filter(|operator| {
                is_binary(operator) && !matches!(operator.as_str(), "-a" | "-o")
            });
            if let Some(operator) = comparison {
                self.rest = rest;
                return Some(Test::binary(left, &operator, right));
            }
        }
        if self.depth < MAX_DEPTH && self.takes("(") {
            self.depth += 1;
            let test = self.any()?;
            self.depth -= 1;
            return self.takes(")").then_some(test);
        }
        let (first, rest) = self.rest.split_first()?;
        let operator = (self.text)(first).filter(|operator| is_unary(operator));
        if let (Some(operator), Some((operand, rest))) = (operator, rest.split_first()) {
            self.rest = rest;
            return Some(Test::unary(&operator, operand));
        }
        self.rest = rest;
        Some(Test::non_empty(first))
    }

    fn takes(&mut self, expected: &str) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if (self.text)(first).as_deref() == Some(expected) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }
}

/// The only one of `tests`, or all of them put together.
pub(super) fn one_or<T>(mut tests: Vec<Test<T>>, combine: fn(Vec<Test<T>>) -> Test<T>) -> Test<T> {
    match tests.pop() {
        Some(only) if tests.is_empty() => only,
        last => {
            tests.extend(last);
            combine(tests)
        }
    }
}

/// Whether bash knows `operator` before one word.
pub(super) fn is_unary(operator: &str) -> bool {
    operator
        .strip_prefix('-')
        .is_some_and(|letter| letter.len() == 1 && "abcdefghknoprstuvwxzGLNORS".contains(letter))
}

/// Whether bash knows `operator` between two words of `[ … ]`.
pub(super) fn is_binary(operator: &str) -> bool {
    matches!(
        operator,
        "=" | "=="
            | "!="
            | "<"
            | ">"
            | "-eq"
            | "-ne"
            | "-lt"
            | "-le"
            | "-gt"
            | "-ge"
            | "-nt"
            | "-ot"
            | "-ef"
            | "-a"
            | "-o"
    )
}
