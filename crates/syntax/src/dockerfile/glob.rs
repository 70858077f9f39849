//! The patterns of `${name#pattern}` and `${name%pattern}`: `*`, `?` and escapes, no brackets, after
//! `convertShellPatternToRegex` of BuildKit's `frontend/dockerfile/shell/lex.go`.

/// Pattern length times value length; what is above stays unevaluated.
const MAX_WORK: usize = 1 << 20;

#[derive(Clone, Copy)]
enum Token {
    Char(char),
    One,
    Many,
}

/// `value` without the shortest prefix that matches `pattern`, or the longest if that begins with
/// another `#`. None if the pattern has an escape that BuildKit refuses, or is too large.
pub(super) fn trim_prefix(value: &str, pattern: &str) -> Option<String> {
    let (tokens, is_greedy) = compile(pattern, '#')?;
    let value: Vec<char> = value.chars().collect();
    let matched = prefix_match(&tokens, &value, is_greedy)?;
    Some(value[matched..].iter().collect())
}

/// `value` without the shortest suffix that matches `pattern`, or the longest if that begins with
/// another `%`. None as for [`trim_prefix`].
pub(super) fn trim_suffix(value: &str, pattern: &str) -> Option<String> {
    let (mut tokens, is_greedy) = compile(pattern, '%')?;
    tokens.reverse();
    let reversed: Vec<char> = value.chars().rev().collect();
    let matched = prefix_match(&tokens, &reversed, is_greedy)?;
    Some(reversed[matched..].iter().rev().collect())
}

fn compile(pattern: &str, operator: char) -> Option<(Vec<Token>, bool)> {
    let (pattern, is_greedy) = match pattern.strip_prefix(operator) {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut tokens = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Many,
            '?' => Token::One,
            '\\' => match chars.next() {
                Some(escaped @ ('*' | '?' | '\\' | '}' | '/')) => Token::Char(escaped),
                _ => return None,
            },
            _ => Token::Char(c),
        });
    }
    Some((tokens, is_greedy))
}

/// How many characters the shortest or longest match takes; 0 if nothing matches.
fn prefix_match(tokens: &[Token], value: &[char], is_greedy: bool) -> Option<usize> {
    if tokens.len().saturating_mul(value.len()) > MAX_WORK {
        return None;
    }
    // `states[i]`: the first `i` tokens match what was read so far.
    let mut states = vec![false; tokens.len() + 1];
    states[0] = true;
    let mut longest = 0;
    for length in 0..=value.len() {
        for (index, token) in tokens.iter().enumerate() {
            states[index + 1] |= states[index] && matches!(token, Token::Many);
        }
        if states[tokens.len()] {
            longest = length;
            if !is_greedy {
                break;
            }
        }
        let Some(&c) = value.get(length) else { break };
        for index in (0..=tokens.len()).rev() {
            let stays = matches!(tokens.get(index), Some(Token::Many)) && states[index];
            let advances = index > 0
                && states[index - 1]
                && match tokens[index - 1] {
                    Token::Char(expected) => expected == c,
                    Token::One => true,
                    Token::Many => false,
                };
            states[index] = stays || advances;
        }
    }
    Some(longest)
}
