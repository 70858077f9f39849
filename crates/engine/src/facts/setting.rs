//! YAML configuration that several files give, one on top of the other.

use std::collections::BTreeSet;

use syntax::Span;
use syntax::ruby::{self, ExpressionKind, InterpolatedPart};
use syntax::yaml::{self, Insert, Node, Part};

use crate::change::Changes;
use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::tree::{Path, Source};

/// What a scalar says: a text, or the environment variable that it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Just this.
    Text(String),
    /// `ENV["NAME"]`, with the default that `fetch` or `||` gives it.
    Variable {
        /// The variable.
        name: String,
        /// What it is when it is not set.
        default: Option<String>,
    },
}

impl Value {
    /// The text, or the default where the variable is not set.
    pub fn text_or_default(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable { default, .. } => default.as_deref(),
        }
    }

    /// The variable, if it is one.
    pub fn variable(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Variable { name, .. } => Some(name),
        }
    }

    /// What a Ruby expression says, as far as it can be told without running it.
    pub fn of(expression: &ruby::Expression) -> Option<Value> {
        match &expression.kind {
            ExpressionKind::String(text) | ExpressionKind::Symbol(text) => {
                Some(Self::Text(text.clone()))
            }
            ExpressionKind::Integer(number) => Some(Self::Text(number.to_string())),
            ExpressionKind::True => Some(Self::Text("true".to_owned())),
            ExpressionKind::False => Some(Self::Text("false".to_owned())),
            ExpressionKind::Env { name, default, .. } => {
                let default = match default {
                    None => None,
                    // `ENV.fetch("NAME") { nil }` is `ENV["NAME"]`.
                    Some(default) if default.kind == ExpressionKind::Nil => None,
                    Some(default) => Some(Self::of(default)?.text_or_default()?.to_owned()),
                };
                Some(Self::Variable {
                    name: name.clone(),
                    default,
                })
            }
            ExpressionKind::Or(left, right) => match (Self::of(left)?, Self::of(right)?) {
                (
                    Self::Variable {
                        name,
                        default: None,
                    },
                    Self::Text(default),
                ) => Some(Self::Variable {
                    name,
                    default: Some(default),
                }),
                _ => None,
            },
            ExpressionKind::Interpolated(parts) => {
                let texts = parts.iter().map(|part| match part {
                    InterpolatedPart::Text(text) => Some(text.clone()),
                    InterpolatedPart::Code(code) => Self::of(code)?.text(),
                });
                Some(Self::Text(texts.collect::<Option<_>>()?))
            }
            ExpressionKind::Call { .. } => {
                Self::of_integer(expression).or_else(|| in_production(expression).map(Self::Text))
            }
            _ => None,
        }
    }

    /// What is made a whole number: `ENV.fetch("NAME", 5).to_i`, `Integer(ENV["NAME"] || 5)`. A variable that
    /// is not set is 0 to `to_i`, and stops `Integer`.
    fn of_integer(expression: &ruby::Expression) -> Option<Value> {
        let ExpressionKind::Call {
            receiver,
            name,
            arguments,
        } = &expression.kind
        else {
            return None;
        };
        let (number, of_nil) = match (receiver, name.as_str(), &**arguments) {
            (Some(number), "to_i", []) => (&**number, Some("0".to_owned())),
            (None, "Integer", [number]) => (number, None),
            _ => return None,
        };
        let is_required = matches!(number.kind, ExpressionKind::Env { required: true, .. });
        let value = match Self::of(number)? {
            Self::Variable { name, default } => Self::Variable {
                name,
                default: default.or(of_nil.filter(|_| !is_required)),
            },
            text @ Self::Text(_) => text,
        };
        let is_whole = |text: &str| text.parse::<i64>().is_ok();
        value
            .text_or_default()
            .is_none_or(is_whole)
            .then_some(value)
    }

    /// The text, if it is always the same.
    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable { .. } => None,
        }
    }
}

/// Whether a condition on `Rails.env` holds in production; nothing if it asks for anything else.
pub(super) fn holds_in_production(condition: &ruby::Expression) -> Option<bool> {
    match &condition.kind {
        ExpressionKind::Not(other) => Some(!holds_in_production(other)?),
        ExpressionKind::Or(left, right) => {
            Some(holds_in_production(left)? || holds_in_production(right)?)
        }
        ExpressionKind::And(left, right) => {
            Some(holds_in_production(left)? && holds_in_production(right)?)
        }
        _ => in_production(condition)?.parse().ok(),
    }
}

/// What `Rails.env`, or a question about it, is in production.
fn in_production(expression: &ruby::Expression) -> Option<String> {
    const PRODUCTION: &str = "production";
    let called = |expression: &ruby::Expression| match &expression.kind {
        ExpressionKind::Call {
            receiver: Some(receiver),
            name,
            arguments,
        } if arguments.is_empty() => Some((receiver.clone(), name.clone())),
        _ => None,
    };
    let (receiver, name) = called(expression)?;
    let is_environment = |receiver: &ruby::Expression, name: &str| {
        name == "env"
            && matches!(&receiver.kind, ExpressionKind::Constant(rails) if rails.trim_start_matches("::") == "Rails")
    };
    if is_environment(&receiver, &name) {
        return Some(PRODUCTION.to_owned());
    }
    let (rails, env) = called(&receiver)?;
    let asked = name.strip_suffix('?')?;
    is_environment(&rails, &env).then(|| (asked == PRODUCTION).to_string())
}

/// What a text is asked for and is nearly the same.
const OF_TEXT: [&str; 6] = ["chomp", "gsub", "presence", "strip", "sub", "to_s"];

/// What kind of value stands in a file, as Psych loads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// ERB has a part in it.
    Dynamic,
    /// Nothing, or `null`.
    Nothing,
    /// A string or a symbol.
    Text,
    /// A whole number.
    Integer,
    /// Another number.
    Float,
    /// `true` or `false`, in any of the words that Psych has for them.
    Boolean(bool),
    /// A date or a time, which Psych makes no string.
    Date,
    /// A list.
    List,
    /// A mapping.
    Mapping,
}

/// A value of YAML configuration, seen through all files that give it.
///
/// Mappings merge key by key, anything else replaces what lies below, as Kamal's `deep_merge` does
/// (kamal 2.12 `lib/kamal/configuration.rb`). Nothing is copied: a setting is a stack of nodes.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// The keys from the root.
    keys: Vec<String>,
    /// Lowest first, never empty; more than one only if all are mappings.
    layers: Vec<Layer<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Layer<'a> {
    source: &'a Source,
    node: Node<'a>,
    /// The key that the node is the value of, where there is one.
    name: Option<Span>,
}

impl<'a> Layer<'a> {
    /// What an entry of it is set to, in the same file.
    fn of(&self, entry: &yaml::Entry<'a>) -> Self {
        Self {
            source: self.source,
            node: entry.value.resolved(),
            name: Some(entry.key.span()),
        }
    }
}

/// A key of a mapping and what it is set to.
pub struct Member<'a> {
    /// The key.
    pub name: Fact<String>,
    /// What it is set to.
    pub value: Setting<'a>,
}

impl<'a> Setting<'a> {
    /// The root of files that lie on top of one another, lowest first; files without content are
    /// left out. `None` if none has any.
    pub fn root(sources: impl IntoIterator<Item = &'a Source>) -> Option<Self> {
        let layers: Vec<Layer<'a>> = sources
            .into_iter()
            .filter_map(|source| {
                let node = source.yaml().root()?.resolved();
                node.is_mapping().then_some(Layer {
                    source,
                    node,
                    name: None,
                })
            })
            .collect();
        (!layers.is_empty()).then_some(Self {
            keys: Vec::new(),
            layers,
        })
    }

    /// The root of one file: absent if the file says nothing, unknown if it is broken or ERB
    /// writes all of it.
    pub fn of_file(source: &'a Source) -> Answer<Self> {
        let place = Place::File(source.path().clone());
        let document = source.yaml();
        let root = document.root().map(Node::resolved);
        if let Some(setting) = Self::root([source]) {
            return Answer::Is(Fact::new(setting, Origin::at(place, "the file")));
        }
        let why = match root {
            _ if !document.errors.is_empty() => Why::Broken,
            None => return Answer::Absent(place),
            Some(node) if node.is_null() => return Answer::Absent(place),
            Some(node) if node.is_dynamic() => Why::Dynamic,
            Some(_) => Why::NotRead("the file is no mapping".to_owned()),
        };
        Answer::Unknown(place, why)
    }

    /// This setting with `other`'s mapping on top, as a role's `proxy` lies on the root's.
    #[must_use]
    pub fn under(mut self, other: Setting<'a>) -> Self {
        if !other.is_mapping() || !self.is_mapping() {
            return other;
        }
        self.layers.extend(other.layers);
        self
    }

    /// The dotted key from the root, to be shown.
    pub fn key(&self) -> String {
        self.keys.join(".")
    }

    /// Whether it is a mapping.
    pub fn is_mapping(&self) -> bool {
        self.top().node.is_mapping()
    }

    /// Whether it is a list.
    pub fn is_sequence(&self) -> bool {
        self.top().node.is_sequence()
    }

    /// What kind of value it is.
    pub fn shape(&self) -> Shape {
        let Some(scalar) = self.top().node.scalar() else {
            return if self.is_mapping() {
                Shape::Mapping
            } else {
                Shape::List
            };
        };
        match scalar.value() {
            None => Shape::Dynamic,
            _ if scalar.is_timestamp() => Shape::Date,
            Some(yaml::Value::Null) => Shape::Nothing,
            Some(yaml::Value::Bool(boolean)) => Shape::Boolean(boolean),
            Some(yaml::Value::Integer(_)) => Shape::Integer,
            Some(yaml::Value::Float(_)) => Shape::Float,
            Some(yaml::Value::String(_) | yaml::Value::Symbol(_)) => Shape::Text,
        }
    }

    /// Whether there is surely nothing in it: a text of spaces alone, a list or mapping without
    /// anything, `false` or nothing at all, as Rails' `blank?` has it.
    pub fn is_blank(&self) -> bool {
        match self.shape() {
            Shape::Nothing | Shape::Boolean(false) => true,
            Shape::Text => self
                .text()
                .known()
                .is_some_and(|text| text.trim().is_empty()),
            Shape::List => self.is_settled() && self.items().is_empty(),
            Shape::Mapping => self.is_settled() && self.members().is_empty(),
            _ => false,
        }
    }

    /// Where it stands, in the uppermost file that gives it.
    pub fn place(&self) -> Place {
        let top = self.top();
        Place::text(top.source.path(), top.node.span())
    }

    /// The value of a key of this mapping; `null` counts as absent.
    pub fn get(&self, key: &str) -> Answer<Setting<'a>> {
        let mut found: Vec<Layer<'a>> = Vec::new();
        for layer in self.layers.iter().rev() {
            let Some(entry) = layer.node.get(key) else {
                if hides_keys(layer.node) && found.is_empty() {
                    return unknown(layer, Why::Dynamic);
                }
                continue;
            };
            if entry.conditional {
                return unknown(layer, Why::Conditional);
            }
            let node = entry.value.resolved();
            if found.is_empty() && node.is_null() {
                return Answer::Absent(self.slot_in(layer, key));
            }
            if !found.is_empty() && !node.is_mapping() {
                break;
            }
            found.push(Layer {
                source: layer.source,
                node,
                name: Some(entry.key.span()),
            });
            if !node.is_mapping() {
                break;
            }
        }
        if found.is_empty() {
            return match self
                .layers
                .iter()
                .find(|layer| !layer.source.yaml().errors.is_empty())
            {
                Some(layer) => unknown(layer, Why::Broken),
                None => Answer::Absent(self.slot(key)),
            };
        }
        found.reverse();
        let setting = Self {
            keys: self.below(key),
            layers: found,
        };
        let origin = Origin::at(setting.place(), "set here");
        Answer::Is(Fact::new(setting, origin))
    }

    /// What an entry of its only file is set to.
    fn given(&self, layer: &Layer<'a>, entry: &yaml::Entry<'a>, key: &str) -> Answer<Setting<'a>> {
        let found = layer.of(entry);
        if entry.conditional {
            return unknown(layer, Why::Conditional);
        }
        if found.node.is_null() {
            return Answer::Absent(self.slot_in(layer, key));
        }
        let setting = Self {
            keys: self.below(key),
            layers: vec![found],
        };
        let origin = Origin::at(setting.place(), "set here");
        Answer::Is(Fact::new(setting, origin))
    }

    /// What a lower file gives a key and an upper one replaces: whatever is no mapping in both.
    pub fn replaced(&self, key: &str) -> Option<Setting<'a>> {
        let mut given = self.layers.iter().rev().filter_map(|layer| {
            let entry = layer.node.get(key)?;
            let layer = layer.of(&entry);
            (!entry.conditional && !layer.node.is_mapping()).then_some(layer)
        });
        let below = given.nth(1)?;
        Some(Self {
            keys: self.below(key),
            layers: vec![below],
        })
    }

    /// How many of its files lie below `path`; nothing if that is none of them.
    pub fn height(&self, path: &Path) -> Option<usize> {
        self.layers
            .iter()
            .position(|layer| layer.source.path() == path)
    }

    /// The uppermost of its files.
    pub fn uppermost(&self) -> &'a Path {
        self.top().source.path()
    }

    /// Whether the uppermost of its files has a key.
    pub fn is_in_uppermost(&self, key: &str) -> bool {
        self.top().node.get(key).is_some()
    }

    /// Where a key would stand that is surely not there, not even with nothing behind it.
    pub fn lacks(&self, key: &str) -> Option<Place> {
        let slot = self.get(key).absent()?;
        self.layers
            .iter()
            .all(|layer| layer.node.get(key).is_none())
            .then_some(slot)
    }

    /// Where a key would stand that is surely not there, or the value of one that is blank.
    pub fn lacks_text(&self, key: &str) -> Option<Place> {
        match self.get(key) {
            Answer::Is(setting) => setting.is_blank().then(|| setting.place()),
            _ => self.lacks(key),
        }
    }

    /// The value at a path of keys.
    pub fn dig(&self, keys: &[&str]) -> Answer<Setting<'a>> {
        let start = Answer::Is(Fact::new(self.clone(), Origin::at(self.place(), "")));
        keys.iter().fold(start, |answer, key| {
            answer.and_then(|setting| match setting.shape() {
                Shape::Mapping => setting.get(key),
                Shape::Dynamic => unknown(setting.top(), Why::Dynamic),
                _ => Answer::Absent(setting.slot(key)),
            })
        })
    }

    /// The keys of this mapping with what each is set to, in the order of the lowest file that has
    /// each.
    pub fn answers(&self) -> Vec<(Fact<String>, Answer<Setting<'a>>)> {
        // One file alone says what each of its keys is, without looking for it.
        if let [only] = self.layers.as_slice() {
            let entries = only.node.entries().into_iter();
            return entries
                .filter_map(|entry| {
                    let key = entry.key.scalar()?.text()?;
                    let path = only.source.path();
                    let name = Fact::read(key.to_owned(), path, entry.key.span(), "named here");
                    Some((name, self.given(only, &entry, key)))
                })
                .collect();
        }
        let mut names: Vec<Fact<String>> = Vec::new();
        for layer in &self.layers {
            for entry in layer.node.entries() {
                let Some(name) = entry.key.scalar().and_then(yaml::Scalar::text) else {
                    continue;
                };
                if names.iter().all(|known| known.value != name) {
                    let path = layer.source.path();
                    names.push(Fact::read(
                        name.to_owned(),
                        path,
                        entry.key.span(),
                        "named here",
                    ));
                }
            }
        }
        names
            .into_iter()
            .map(|name| {
                let answer = self.get(&name);
                (name, answer)
            })
            .collect()
    }

    /// The keys of this mapping and their values. Conditional keys are left out.
    pub fn members(&self) -> Vec<Member<'a>> {
        self.answers()
            .into_iter()
            .filter_map(|(name, answer)| {
                let value = match answer {
                    Answer::Is(setting) => setting.value,
                    Answer::Absent(_) => self.null_member(&name)?,
                    Answer::Unknown(..) => return None,
                };
                Some(Member { name, value })
            })
            .collect()
    }

    /// A key that is there with nothing behind it.
    fn null_member(&self, key: &str) -> Option<Setting<'a>> {
        let layer = self
            .layers
            .iter()
            .rev()
            .find(|layer| layer.node.get(key).is_some())?;
        let layer = layer.of(&layer.node.get(key)?);
        Some(Self {
            keys: self.below(key),
            layers: vec![layer],
        })
    }

    /// The items of a list.
    pub fn items(&self) -> Vec<Setting<'a>> {
        let top = self.top();
        top.node
            .items()
            .into_iter()
            .filter(|node| !node.is_conditional())
            .map(|node| {
                let layer = Layer {
                    source: top.source,
                    node: node.resolved(),
                    name: None,
                };
                Setting {
                    keys: self.keys.clone(),
                    layers: vec![layer],
                }
            })
            .collect()
    }

    /// Whether the list or mapping has all that it will have: nothing in it is conditional or
    /// written by ERB.
    pub fn is_settled(&self) -> bool {
        self.layers.iter().all(|layer| {
            !hides_keys(layer.node)
                && layer.node.items().iter().all(|item| !item.is_conditional())
                && layer.node.entries().iter().all(|entry| !entry.conditional)
        })
    }

    /// The text that stands in the uppermost file, ERB and quotes included.
    pub fn written(&self) -> &'a str {
        let top = self.top();
        top.node.span().of(top.source.text())
    }

    /// The scalar as text; numbers and booleans as they are written.
    pub fn text(&self) -> Answer<String> {
        self.value().and_then(|value| match value.value.clone() {
            Value::Text(text) => Answer::Is(value.map(|_| text)),
            Value::Variable { .. } => Answer::Unknown(self.place(), Why::Dynamic),
        })
    }

    /// The scalar as a text or an environment variable.
    pub fn value(&self) -> Answer<Value> {
        let Some(scalar) = self.top().node.scalar() else {
            return self.not_read("a list or a mapping stands where a value should be");
        };
        let value = match scalar.parts.as_slice() {
            _ if scalar.text().is_some() => scalar.text().map(|text| Value::Text(text.to_owned())),
            [Part::Erb { code, .. }] => self.erb(*code),
            parts => {
                let texts = parts.iter().map(|part| match part {
                    Part::Text(text) => Some(text.clone()),
                    Part::Erb { code, .. } => self.erb(*code)?.text(),
                });
                texts.collect::<Option<_>>().map(Value::Text)
            }
        };
        match value {
            Some(value) => Answer::Is(self.read(value)),
            None => Answer::Unknown(self.place(), Why::Dynamic),
        }
    }

    /// The environment variable that it is taken from where that is set, whatever stands in for it:
    /// `ENV.fetch("NAME") { … }`, `ENV["NAME"].presence || …`, `ENV["NAME"].sub(…)`.
    pub fn variable(&self) -> Option<String> {
        let scalar = self.top().node.scalar()?;
        let [Part::Erb { code, .. }] = scalar.parts.as_slice() else {
            return None;
        };
        let mut kind = self.ruby(*code)?.kind;
        loop {
            kind = match kind {
                ExpressionKind::Env { name, .. } => return Some(name),
                ExpressionKind::Or(first, _) => first.kind.clone(),
                ExpressionKind::Call {
                    receiver: Some(receiver),
                    name,
                    ..
                } if OF_TEXT.contains(&name.as_str()) => receiver.kind.clone(),
                _ => return None,
            };
        }
    }

    /// The scalar as a path of the app: a text, or `Rails.root.join("storage")`.
    pub fn path(&self) -> Answer<String> {
        let scalar = self.top().node.scalar();
        let joined = match scalar.map(|scalar| scalar.parts.as_slice()) {
            Some([Part::Erb { code, .. }]) => self.ruby(*code).as_ref().and_then(below_root),
            _ => None,
        };
        match joined {
            Some(path) => Answer::Is(self.read(path)),
            None => self.text(),
        }
    }

    fn erb(&self, code: Span) -> Option<Value> {
        Value::of(&self.ruby(code)?)
    }

    fn ruby(&self, code: Span) -> Option<ruby::Expression> {
        ruby::expression(code.of(self.top().source.text()), code.start as usize)
    }

    /// The scalar as a whole number.
    pub fn integer(&self) -> Answer<i64> {
        match self.typed() {
            Some(yaml::Value::Integer(number)) => Answer::Is(self.read(number)),
            Some(yaml::Value::String(text)) if text.parse::<i64>().is_ok() => {
                Answer::Is(self.read(text.parse().unwrap_or_default()))
            }
            Some(_) => self.not_read("it is not a whole number"),
            None => Answer::Unknown(self.place(), Why::Dynamic),
        }
    }

    /// The scalar as a boolean.
    pub fn boolean(&self) -> Answer<bool> {
        match self.typed() {
            Some(yaml::Value::Bool(boolean)) => Answer::Is(self.read(boolean)),
            Some(_) => self.not_read("it is neither true nor false"),
            None => Answer::Unknown(self.place(), Why::Dynamic),
        }
    }

    /// The scalar as YAML types it; `None` if ERB has a part in it or it is no scalar.
    pub fn typed(&self) -> Option<yaml::Value> {
        self.top().node.scalar()?.value()
    }

    /// The scalars of a list, or the one scalar that stands in its place.
    pub fn texts(&self) -> Vec<Fact<String>> {
        if self.is_sequence() {
            self.items()
                .iter()
                .filter_map(|item| item.text().known())
                .collect()
        } else {
            self.text().known().into_iter().collect()
        }
    }

    /// All plain values below, by their dotted keys.
    pub fn scalars(&self) -> Vec<(String, Fact<String>)> {
        let mut found = Vec::new();
        self.collect_scalars(&mut found, &mut BTreeSet::new());
        found
    }

    /// Aliases can lead back to what holds them, and a few lines of them to billions of values:
    /// each list and mapping is entered once.
    fn collect_scalars(
        &self,
        found: &mut Vec<(String, Fact<String>)>,
        entered: &mut BTreeSet<(Path, Span)>,
    ) {
        let top = self.top();
        let is_collection = self.is_mapping() || self.is_sequence();
        let place = (top.source.path().clone(), top.node.span());
        if is_collection && !entered.insert(place) {
            return;
        }
        if self.is_mapping() {
            for member in self.members() {
                member.value.collect_scalars(found, entered);
            }
        } else if self.is_sequence() {
            for item in self.items() {
                item.collect_scalars(found, entered);
            }
        } else if let Answer::Is(text) = self.text() {
            found.push((self.key(), text));
        }
    }

    /// The key that this is the value of.
    pub fn name(&self) -> Place {
        let top = self.top();
        Place::text(
            top.source.path(),
            top.name.unwrap_or_else(|| top.node.span()),
        )
    }

    /// Where `key` would stand in this mapping: in the lowest file that has the mapping.
    pub fn slot(&self, key: &str) -> Place {
        self.slot_in(&self.layers[0], key)
    }

    fn slot_in(&self, layer: &Layer<'a>, key: &str) -> Place {
        Place::Slot {
            path: layer.source.path().clone(),
            span: layer.name.unwrap_or_default(),
            key: self.below(key).join("."),
        }
    }

    /// Adds a list below this mapping that is not there yet. `None` where the file cannot be patched
    /// safely.
    pub fn add_list(&self, key: &str, items: Vec<String>) -> Option<Changes> {
        self.get(key).absent()?;
        let layer = &self.layers[0];
        let path: Vec<&str> = self.keys.iter().map(String::as_str).chain([key]).collect();
        let edits = layer
            .source
            .yaml()
            .insert(&path, &Insert::Sequence(items))
            .ok()?;
        Some(Changes::edit(layer.source.path(), edits))
    }

    /// Sets a key below this mapping, missing mappings between included: the change replaces the
    /// scalar that is there or inserts the key. `None` where the file cannot be patched safely.
    pub fn set(&self, keys: &[&str], value: &str) -> Option<Changes> {
        let layer = &self.layers[0];
        let document = layer.source.yaml();
        let edits = match self.dig(keys) {
            Answer::Is(setting) => {
                let top = *setting.top();
                let edits = top.source.yaml().replace_scalar(top.node, value).ok()?;
                return Some(Changes::edit(top.source.path(), edits));
            }
            Answer::Absent(_) => {
                let path: Vec<&str> = self
                    .keys
                    .iter()
                    .map(String::as_str)
                    .chain(keys.iter().copied())
                    .collect();
                document
                    .insert(&path, &Insert::Scalar(value.to_owned()))
                    .ok()?
            }
            Answer::Unknown(..) => return None,
        };
        Some(Changes::edit(layer.source.path(), edits))
    }

    /// Replaces this scalar. `None` where the file cannot be patched safely.
    pub fn replace(&self, value: &str) -> Option<Changes> {
        let top = self.top();
        let edits = top.source.yaml().replace_scalar(top.node, value).ok()?;
        Some(Changes::edit(top.source.path(), edits))
    }

    /// Takes a key out of this mapping, where only one file gives it and it is not the last of its
    /// mapping. `None` where the file cannot be patched safely.
    pub fn remove(&self, key: &str) -> Option<Changes> {
        let mut having = self
            .layers
            .iter()
            .filter(|layer| layer.node.get(key).is_some());
        let (layer, None) = (having.next()?, having.next()) else {
            return None;
        };
        if layer.node.own_entries().len() < 2 {
            return None;
        }
        let entry = layer.node.get(key)?;
        let edits = layer.source.yaml().remove(entry).ok()?;
        Some(Changes::edit(layer.source.path(), edits))
    }

    fn below(&self, key: &str) -> Vec<String> {
        self.keys.iter().cloned().chain([key.to_owned()]).collect()
    }

    fn read<T>(&self, value: T) -> Fact<T> {
        Fact::new(value, Origin::at(self.place(), "set here"))
    }

    fn not_read<T>(&self, why: &str) -> Answer<T> {
        Answer::Unknown(self.place(), Why::NotRead(why.to_owned()))
    }

    /// The uppermost file's node.
    fn top(&self) -> &Layer<'a> {
        self.layers
            .last()
            .expect("a setting has at least one layer")
    }
}

/// The path in `Rails.root.join("tmp", "storage")`.
pub(super) fn below_root(expression: &ruby::Expression) -> Option<String> {
    let ExpressionKind::Call {
        receiver: Some(root),
        name,
        arguments,
    } = &expression.kind
    else {
        return None;
    };
    let ExpressionKind::Call {
        receiver: Some(rails),
        name: root,
        ..
    } = &root.kind
    else {
        return None;
    };
    let is_root = matches!(&rails.kind, ExpressionKind::Constant(name) if name == "Rails");
    let texts = arguments.iter().map(|piece| Value::of(piece)?.text());
    let pieces: Option<Vec<String>> = texts.collect();
    (is_root && root == "root" && name == "join").then_some(pieces?.join("/"))
}

fn unknown<T>(layer: &Layer<'_>, why: Why) -> Answer<T> {
    Answer::Unknown(Place::text(layer.source.path(), layer.node.span()), why)
}

/// Whether ERB may write keys that cannot be seen: into this mapping, or in the place of this scalar.
fn hides_keys(node: Node<'_>) -> bool {
    !node.is_sequence() && node.is_dynamic()
}
