//! What the program would write. Fixes and plans share one form, one diff and one writer.

use std::collections::BTreeMap;

use similar::TextDiff;
use syntax::Edit;

use crate::tree::{Path, Source, Tree};

/// One change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Writes a whole file, new or in the place of what is there.
    Create {
        /// Where.
        path: Path,
        /// All of it.
        text: String,
        /// Whether its owner may execute it.
        executable: bool,
    },
    /// Changes pieces of a file that is there.
    Edit {
        /// Which.
        path: Path,
        /// The pieces, none overlapping another.
        edits: Vec<Edit>,
    },
    /// Removes a file.
    Delete {
        /// Which.
        path: Path,
    },
    /// Moves a file.
    Rename {
        /// From here.
        from: Path,
        /// To here.
        to: Path,
    },
    /// Sets or clears the executable bit.
    Mode {
        /// Which.
        path: Path,
        /// Whether its owner may execute it.
        executable: bool,
    },
}

impl Change {
    /// The file that is changed; of a move, where it goes.
    pub fn path(&self) -> &Path {
        match self {
            Self::Create { path, .. }
            | Self::Edit { path, .. }
            | Self::Delete { path }
            | Self::Mode { path, .. }
            | Self::Rename { to: path, .. } => path,
        }
    }

    /// The word for it in JSON: `create`, `edit`, `delete`, `rename` or `mode`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Edit { .. } => "edit",
            Self::Delete { .. } => "delete",
            Self::Rename { .. } => "rename",
            Self::Mode { .. } => "mode",
        }
    }
}

/// Changes that belong together: all of them are made, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(pub Vec<Change>);

/// Why changes cannot be made as they are: the file and the reason, one sentence without a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The file.
    pub path: Path,
    /// The reason.
    pub why: String,
}

/// A file before and after, for a diff or for the writer. `None` is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The file.
    pub path: Path,
    /// Its text and executable bit before.
    pub before: Option<(String, bool)>,
    /// Its text and executable bit afterwards.
    pub after: Option<(String, bool)>,
}

impl Changes {
    /// One edit of one file.
    pub fn edit(path: &Path, edits: Vec<Edit>) -> Self {
        Self(vec![Change::Edit {
            path: path.clone(),
            edits,
        }])
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These changes and then `other`'s; edits of one file become one change.
    pub fn extend(&mut self, other: Changes) {
        for change in other.0 {
            if let Change::Edit { path, edits } = &change
                && let Some(Change::Edit { edits: mine, .. }) = self
                    .0
                    .iter_mut()
                    .find(|mine| matches!(mine, Change::Edit { path: mine, .. } if mine == path))
            {
                mine.extend(
                    edits
                        .iter()
                        .filter(|edit| !mine.contains(edit))
                        .cloned()
                        .collect::<Vec<_>>(),
                );
            } else {
                self.0.push(change);
            }
        }
    }

    /// What the files are before and after, in the order of their paths; files that stay as they
    /// are left out.
    ///
    /// # Errors
    ///
    /// [`Conflict`] if an edited file is not there, is not UTF-8, or two edits overlap.
    pub fn outcomes(&self, tree: &Tree) -> Result<Vec<Outcome>, Conflict> {
        let mut files: BTreeMap<Path, Option<(String, bool)>> = BTreeMap::new();
        for change in &self.0 {
            match change {
                Change::Create {
                    path,
                    text,
                    executable,
                } => {
                    files.insert(path.clone(), Some((text.clone(), *executable)));
                }
                Change::Edit { path, edits } => {
                    let (text, executable) = current(&files, tree, path)?;
                    let text = syntax::edit::apply(&text, edits).map_err(|overlap| Conflict {
                        path: path.clone(),
                        why: overlap.to_string(),
                    })?;
                    files.insert(path.clone(), Some((text, executable)));
                }
                Change::Delete { path } => {
                    current(&files, tree, path)?;
                    files.insert(path.clone(), None);
                }
                Change::Rename { from, to } => {
                    let file = current(&files, tree, from)?;
                    files.insert(from.clone(), None);
                    files.insert(to.clone(), Some(file));
                }
                Change::Mode { path, executable } => {
                    let (text, _) = current(&files, tree, path)?;
                    files.insert(path.clone(), Some((text, *executable)));
                }
            }
        }
        Ok(files
            .into_iter()
            .map(|(path, after)| Outcome {
                before: tree.source(&path).map(of_source),
                path,
                after,
            })
            .filter(|outcome| outcome.before != outcome.after)
            .collect())
    }

    /// The tree as it would be afterwards.
    ///
    /// # Errors
    ///
    /// As [`outcomes`](Self::outcomes).
    pub fn apply(&self, tree: &mut Tree) -> Result<(), Conflict> {
        for outcome in self.outcomes(tree)? {
            match outcome.after {
                Some((text, executable)) => {
                    tree.insert(Source::new(outcome.path, text).with_executable(executable));
                }
                None => tree.remove(&outcome.path),
            }
        }
        Ok(())
    }
}

/// The text of a file as the changes so far leave it.
fn current(
    files: &BTreeMap<Path, Option<(String, bool)>>,
    tree: &Tree,
    path: &Path,
) -> Result<(String, bool), Conflict> {
    let conflict = |why: &str| Conflict {
        path: path.clone(),
        why: why.to_owned(),
    };
    if let Some(file) = files.get(path) {
        return file
            .clone()
            .ok_or_else(|| conflict("it was removed by an earlier change"));
    }
    let source = tree
        .source(path)
        .ok_or_else(|| conflict("there is no such file to change"))?;
    if !source.is_exact() {
        return Err(conflict("it is not UTF-8, so a change could damage it"));
    }
    Ok(of_source(source))
}

fn of_source(source: &Source) -> (String, bool) {
    (source.text().to_owned(), source.is_executable())
}

impl Outcome {
    /// The change as a unified diff with three lines of context, as `git apply` reads it.
    pub fn diff(&self) -> String {
        let name = |prefix: &str, side: &Option<(String, bool)>| match side {
            Some(_) => format!("{prefix}/{}", self.path),
            None => "/dev/null".to_owned(),
        };
        let (old, new) = (name("a", &self.before), name("b", &self.after));
        let mut diff = self.mode_line();
        let text = |side: &Option<(String, bool)>| {
            side.as_ref()
                .map(|(text, _)| text.clone())
                .unwrap_or_default()
        };
        let (before, after) = (text(&self.before), text(&self.after));
        diff.push_str(
            &TextDiff::from_lines(&before, &after)
                .unified_diff()
                .context_radius(3)
                .header(&old, &new)
                .to_string(),
        );
        diff
    }

    /// Git's lines about the executable bit, where it changes.
    fn mode_line(&self) -> String {
        let mode = |executable: bool| if executable { "100755" } else { "100644" };
        let lines = match (&self.before, &self.after) {
            (Some((_, before)), Some((_, after))) if before != after => {
                format!("old mode {}\nnew mode {}\n", mode(*before), mode(*after))
            }
            (None, Some((_, true))) => "new file mode 100755\n".to_owned(),
            _ => return String::new(),
        };
        format!("diff --git a/{0} b/{0}\n{lines}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syntax::Span;

    fn tree() -> Tree {
        Tree::of([Source::new(
            "config/puma.rb".into(),
            "threads 3, 3\nport 3000\n",
        )])
    }

    #[test]
    fn edits_become_outcomes_and_diffs() {
        let changes = Changes::edit(
            &"config/puma.rb".into(),
            vec![Edit::replace(Span::new(18, 22), "80")],
        );
        let outcomes = changes.outcomes(&tree()).unwrap();
        assert_eq!(
            outcomes[0].diff(),
            "--- a/config/puma.rb\n+++ b/config/puma.rb\n@@ -1,2 +1,2 @@\n threads 3, 3\n-port 3000\n+port 80\n"
        );
        let mut changed = tree();
        changes.apply(&mut changed).unwrap();
        assert_eq!(
            changed.source("config/puma.rb").unwrap().text(),
            "threads 3, 3\nport 80\n"
        );
    }

    #[test]
    fn what_cannot_be_changed_is_named() {
        let missing = Changes::edit(&"config/none.rb".into(), vec![]);
        assert_eq!(
            missing.outcomes(&tree()).unwrap_err().path.as_str(),
            "config/none.rb"
        );
        let mut broken = tree();
        broken.insert(Source::from_bytes("Gemfile".into(), vec![0xff]));
        let edit = Changes::edit(&"Gemfile".into(), vec![Edit::insert(0, "x")]);
        assert!(edit.outcomes(&broken).unwrap_err().why.contains("UTF-8"));
    }

    #[test]
    fn files_that_stay_are_no_outcome() {
        let same = Changes(vec![Change::Create {
            path: "config/puma.rb".into(),
            text: "threads 3, 3\nport 3000\n".into(),
            executable: false,
        }]);
        assert_eq!(same.outcomes(&tree()).unwrap(), []);
    }

    #[test]
    fn edits_of_one_file_join() {
        let mut changes = Changes::edit(&"a".into(), vec![Edit::insert(0, "x")]);
        changes.extend(Changes::edit(
            &"a".into(),
            vec![Edit::insert(0, "x"), Edit::insert(1, "y")],
        ));
        assert_eq!(changes.0.len(), 1);
        let Change::Edit { edits, .. } = &changes.0[0] else {
            panic!("an edit")
        };
        assert_eq!(edits.len(), 2);
    }
}
