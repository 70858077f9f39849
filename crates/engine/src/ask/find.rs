//! Which topics a question is about: by its words, their forms, what else they are called, and what they may
//! be slips of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::topic::{TOPICS, Topic};
use crate::near;

/// From which score on a topic is what was asked for.
const FITS: f64 = 0.3;

/// From which likeness on a question is one of a topic's own.
const SAME: f64 = 0.999;

/// How much of a question a single word has to be for the question to be about it.
const MOSTLY: f64 = 0.55;

/// What a word that is nearly another one counts as.
const OF_A_SLIP: f64 = 0.8;

/// Words that say nothing of what is asked for.
const SAYS_NOTHING: &str = "a about after again all am an and any are arent as at be been but by can could did do \
    does doing for from get go going got had has have hello help here hi how i if im in into is it its ive just keep let \
    like me my need now of on one only open or our out please say says should so some than thanks that the their them then \
    there these this time to tried try trying up us use using want was way we well were work what when where which who why will \
    with without would you your";

/// What words are also called: the first of each line stands for the others.
const ALSO: &str = include_str!("../../knowledge/tables/synonyms.txt");

/// What each of these words is called here, all by their stems.
static CALLED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let lines = ALSO.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(':'))
        .flat_map(|(name, others)| {
            let name = stem(name.trim());
            others
                .split_whitespace()
                .map(move |other| (stem(other), name.clone()))
        })
        .collect()
});

/// A topic that fits a question.
#[derive(Clone, Copy, Debug)]
pub struct Match {
    /// The topic.
    pub topic: &'static Topic,
    /// How well it fits, from 0 to 1.
    pub score: f64,
}

/// The topics that a question is about, the likeliest first; none where none fits. The name of a topic is a
/// question, too.
pub fn find(question: &str) -> Vec<Match> {
    if let Some(topic) = Topic::named(question.trim()) {
        return vec![Match { topic, score: 1.0 }];
    }
    INDEX.find(question)
}

static INDEX: LazyLock<Index> = LazyLock::new(|| Index::of(&TOPICS, None));

/// What is known of the words of all topics.
struct Index {
    topics: Vec<Entry>,
    /// How much each word tells: the more, the fewer topics have it.
    weights: BTreeMap<String, f64>,
    /// What a word tells that no topic has.
    unknown: f64,
}

struct Entry {
    topic: &'static Topic,
    /// All of its words, each with the part of its phrases that have it.
    words: BTreeMap<String, f64>,
    /// Those of its title, of each question, and of what belongs to it besides.
    phrases: Vec<BTreeSet<String>>,
}

impl Index {
    /// Of all topics; `without` is a question that is left out, to see whether others lead there as well.
    fn of(topics: &'static [Topic], without: Option<&str>) -> Self {
        let topics: Vec<Entry> = topics
            .iter()
            .map(|topic| {
                let questions = topic.questions().iter().map(String::as_str);
                let phrases: Vec<BTreeSet<String>> = questions
                    .filter(|question| Some(*question) != without)
                    .chain([topic.title(), topic.words(), &topic.name()])
                    .map(words)
                    .collect();
                // Counts of phrases are small, and exact as they are.
                #[allow(clippy::cast_precision_loss)]
                let part = 1.0 / phrases.len() as f64;
                let mut all: BTreeMap<String, f64> = BTreeMap::new();
                for word in phrases.iter().flatten() {
                    *all.entry(word.clone()).or_default() += part;
                }
                Entry {
                    topic,
                    words: all,
                    phrases,
                }
            })
            .collect();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for word in topics.iter().flat_map(|entry| entry.words.keys()) {
            *counts.entry(word.clone()).or_default() += 1;
        }
        // Counts of topics are small, and exact as they are.
        #[allow(clippy::cast_precision_loss)]
        let weight = |count: usize| (1.0 + topics.len() as f64 / count as f64).ln();
        let weights = counts
            .into_iter()
            .map(|(word, count)| (word, weight(count)))
            .collect();
        Self {
            unknown: weight(1),
            topics,
            weights,
        }
    }

    fn find(&self, question: &str) -> Vec<Match> {
        let asked: Vec<(String, f64)> = words(question)
            .into_iter()
            .map(|word| self.known(word))
            .collect();
        let total: f64 = asked.iter().map(|(word, _)| self.weight(word)).sum();
        if total == 0.0 {
            return Vec::new();
        }
        let weighed: Vec<(&str, f64)> = asked
            .iter()
            .map(|(word, certainty)| (word.as_str(), self.weight(word) * certainty))
            .collect();
        let length = norm(weighed.iter().map(|(_, weight)| *weight));
        let score = |entry: &Entry| -> f64 {
            let shared = |has: &dyn Fn(&str) -> bool| -> f64 {
                let own = weighed.iter().filter(|(word, _)| has(word));
                own.map(|(_, weight)| weight).sum()
            };
            // How much of the question the topic knows.
            let covered = shared(&|word| entry.words.contains_key(word)) / total;
            // One word of two is there by chance.
            let count = weighed
                .iter()
                .filter(|(word, _)| entry.words.contains_key(*word));
            if covered < MOSTLY && count.count() < 2 {
                return 0.0;
            }
            // How near one of its own phrases is.
            let alike = entry.phrases.iter().map(|phrase| {
                let own: f64 = phrase.iter().map(|word| self.weight(word)).sum();
                2.0 * shared(&|word| phrase.contains(word)) / (total + own)
            });
            let alike = alike.fold(0.0, f64::max);
            if alike > SAME {
                return 1.0;
            }
            // How near it is to what all of them have.
            let central = |word: &str| entry.words.get(word).map(|part| part * self.weight(word));
            let product: f64 = weighed
                .iter()
                .filter_map(|(word, weight)| Some(weight * central(word)?))
                .sum();
            let own = norm(entry.words.keys().filter_map(|word| central(word)));
            (covered + alike + product / (length * own)) / 3.0
        };
        let mut found: Vec<Match> = self
            .topics
            .iter()
            .map(|entry| Match {
                topic: entry.topic,
                score: score(entry),
            })
            .filter(|found| found.score >= FITS)
            .collect();
        // Equal scores stay in the order of the names.
        found.sort_by(|one, other| other.score.total_cmp(&one.score));
        found
    }

    fn weight(&self, word: &str) -> f64 {
        self.weights.get(word).copied().unwrap_or(self.unknown)
    }

    /// The word, or the known one that it is a slip of, with how sure that is.
    fn known(&self, word: String) -> (String, f64) {
        if self.weights.contains_key(&word) {
            return (word, 1.0);
        }
        let known = self.weights.keys().chain(CALLED.keys());
        match near::misspelled(&word, known.map(String::as_str)) {
            Some(near) => {
                let called = CALLED.get(near).map_or(near, String::as_str);
                (called.to_owned(), OF_A_SLIP)
            }
            None => (word, 1.0),
        }
    }
}

/// The length of a vector.
fn norm(parts: impl Iterator<Item = f64>) -> f64 {
    parts.map(|part| part * part).sum::<f64>().sqrt()
}

/// The words of a text that say something, each by its stem and by what it is called here.
fn words(text: &str) -> BTreeSet<String> {
    static NOTHING: LazyLock<BTreeSet<&str>> =
        LazyLock::new(|| SAYS_NOTHING.split_whitespace().collect());
    let lower = text.to_lowercase().replace(['\'', '\u{2019}'], "");
    lower
        .split(|c: char| !c.is_alphanumeric())
        .map(|word| word.trim_start_matches(|c: char| c.is_ascii_digit()))
        .filter(|word| word.len() > 1 && !NOTHING.contains(word))
        .map(stem)
        .map(|word| CALLED.get(&word).cloned().unwrap_or(word))
        .collect()
}

/// A word without its endings: enough for forms of one word to be the same, no more.
fn stem(word: &str) -> String {
    let mut word = word.to_owned();
    let cut = |word: &mut String, ending: &str, least: usize| {
        let is_cut = word.ends_with(ending) && word.len() >= least + ending.len();
        if is_cut {
            word.truncate(word.len() - ending.len());
        }
        is_cut
    };
    if cut(&mut word, "ies", 3) {
        word.push('y');
    } else if !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is") {
        cut(&mut word, "s", 3);
    }
    let _ = cut(&mut word, "ment", 4)
        || cut(&mut word, "ation", 5)
        || cut(&mut word, "ion", 5)
        || cut(&mut word, "ing", 3)
        || cut(&mut word, "ed", 3)
        || cut(&mut word, "er", 5);
    let bytes = word.as_bytes();
    if let [.., one, two] = bytes
        && one == two
        && !b"aeiouls".contains(two)
        && bytes.len() > 3
    {
        word.pop();
    }
    cut(&mut word, "e", 4);
    word
}

#[cfg(test)]
mod tests {
    use super::{Index, TOPICS, stem, words};

    #[test]
    fn forms_of_a_word_are_one() {
        for (one, other) in [
            ("deploy", "deployments"),
            ("deploy", "deploying"),
            ("configure", "configuration"),
            ("run", "running"),
            ("secret", "secrets"),
            ("dependency", "dependencies"),
        ] {
            assert_eq!(stem(one), stem(other));
        }
        for same in ["redis", "access", "status"] {
            assert_eq!(stem(same), same);
        }
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        let said: Vec<String> = words("How do I get my 2GB image smaller?")
            .into_iter()
            .collect();
        assert_eq!(said, words("image size").into_iter().collect::<Vec<_>>());
    }

    /// Each question, asked as if nobody had thought of it: mostly its topic is the answer, and nearly always it is
    /// among those that are named.
    #[test]
    fn questions_are_found_by_the_others() {
        let mut asked = 0;
        let mut second = Vec::new();
        let mut missed = Vec::new();
        for topic in TOPICS.iter() {
            for question in topic.questions() {
                asked += 1;
                let found = Index::of(&TOPICS, Some(question)).find(question);
                let names: Vec<String> = found.iter().map(|found| found.topic.name()).collect();
                let place = names.iter().position(|name| *name == topic.name());
                let told = || format!("{question} -> {:?}, not {}", names.first(), topic.name());
                match place {
                    Some(0) => {}
                    Some(1..4) => second.push(told()),
                    _ => missed.push(told()),
                }
            }
        }
        let said = format!(
            "of {asked}, {} come later:\n{}\nand {} not at all:\n{}",
            second.len(),
            second.join("\n"),
            missed.len(),
            missed.join("\n")
        );
        assert!((second.len() + missed.len()) * 5 <= asked, "{said}");
        assert!(missed.len() * 10 <= asked, "{said}");
    }
}
