//! Tokens that show what they are wherever they stand.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// How tokens of one kind are written.
struct Shape {
    prefix: &'static str,
    /// How many characters follow at least.
    least: usize,
    /// What they may be besides letters and digits.
    besides: &'static str,
}

const fn shape(prefix: &'static str, least: usize, besides: &'static str) -> Shape {
    Shape {
        prefix,
        least,
        besides,
    }
}

/// The shapes that makers of tokens have published, so that leaked ones are found.
const SHAPES: [Shape; 43] = [
    // Anthropic, OpenAI
    shape("sk-ant-", 20, "_-"),
    shape("sk-proj-", 20, "_-"),
    shape("sk-svcacct-", 20, "_-"),
    // Amazon
    shape("AKIA", 16, ""),
    shape("ASIA", 16, ""),
    // DigitalOcean
    shape("dop_v1_", 32, ""),
    shape("doo_v1_", 32, ""),
    // Docker
    shape("dckr_oat_", 16, "_-"),
    shape("dckr_pat_", 16, "_-"),
    // GitHub
    shape("ghp_", 30, ""),
    shape("gho_", 30, ""),
    shape("ghu_", 30, ""),
    shape("ghs_", 30, ""),
    shape("ghr_", 30, ""),
    shape("github_pat_", 22, "_"),
    // GitLab
    shape("glpat-", 20, "_-."),
    shape("gldt-", 20, "_-."),
    shape("glrt-", 20, "_-."),
    // Google
    shape("AIza", 35, "_-"),
    shape("GOCSPX-", 20, "_-"),
    // Hugging Face, npm, PyPI, RubyGems
    shape("hf_", 30, ""),
    shape("npm_", 36, ""),
    shape("pypi-", 50, "_-"),
    shape("rubygems_", 40, ""),
    // HashiCorp
    shape("hvs.", 24, "_-"),
    // Honeybadger
    shape("hbp_", 20, ""),
    // Linear, Postmark
    shape("lin_api_", 30, ""),
    // SendGrid, Resend, Mailchimp's Mandrill
    shape("SG.", 30, "_-."),
    shape("re_", 30, "_"),
    shape("md-", 22, "_-"),
    // Shopify
    shape("shpat_", 32, ""),
    shape("shpss_", 32, ""),
    // Slack
    shape("xapp-", 20, "-"),
    shape("xoxa-", 20, "-"),
    shape("xoxb-", 20, "-"),
    shape("xoxe-", 20, "-"),
    shape("xoxp-", 20, "-"),
    shape("xoxr-", 20, "-"),
    shape("xoxs-", 20, "-"),
    // Stripe
    shape("rk_live_", 16, ""),
    shape("sk_live_", 16, ""),
    shape("sk_test_", 16, ""),
    shape("whsec_", 24, "+/="),
];

/// All prefixes, which a text is read for at once.
static PREFIXES: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::new(SHAPES.iter().map(|shape| shape.prefix)).expect("the prefixes are few")
});

/// Where tokens stand in a text.
pub(super) fn tokens(text: &str) -> Vec<Range<usize>> {
    PREFIXES
        .find_overlapping_iter(text)
        .filter_map(|found| SHAPES[found.pattern().as_usize()].token(text, found.start()))
        .collect()
}

impl Shape {
    /// The token that begins here, if one does.
    fn token(&self, text: &str, start: usize) -> Option<Range<usize>> {
        let is_inside = text[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = &text[start + self.prefix.len()..];
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !self.besides.contains(c))
            .unwrap_or(rest.len());
        // A name of several words may have the length, but rarely a digit.
        let has_digit = rest[..length].contains(|c: char| c.is_ascii_digit());
        let end = start + self.prefix.len() + length;
        (!is_inside && length >= self.least && has_digit).then_some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn tokens_are_found_wherever_they_stand() {
        for token in [
            // Put together here, so that no scanner takes this file for a leak.
            ["sk_live", "_51Habcdefghijklmnop"].concat(),
            ["ghp", "_0123456789abcdefghijABCDEFGHIJ012345"].concat(),
            ["github", "_pat_11ABCDEFG0abcdefghij_klmnopqrstuvwxyz"].concat(),
            ["AKIA", "IOSFODNN7EXAMPL2"].concat(),
            ["xoxb", "-123456789012-abcdefghijkl"].concat(),
            ["glpat", "-abcdefghij0123456789"].concat(),
            ["dckr", "_pat_abcdefghij0123456789"].concat(),
        ] {
            let line = format!("run: deploy \"{token}\" now\n");
            let found: Vec<&str> = tokens(&line).into_iter().map(|at| &line[at]).collect();
            assert_eq!(found, [token.as_str()]);
        }
    }

    #[test]
    fn words_that_begin_so_are_no_tokens() {
        for line in [
            "npm_config_registry=x",
            "github_pat_of_the_bot_that_deploys",
            "xoxb-…",
            "AKIA",
            "risk_test_0123456789abcdef0",
            "re_run_all_the_jobs_of_today_without_a_number",
        ] {
            assert!(tokens(line).is_empty(), "{line}");
        }
    }
}
