//! What git leaves out of the repository.

use syntax::dockerignore;

use crate::facts::App;

impl App<'_> {
    /// Whether git surely has a file.
    pub fn is_tracked(&self, path: &str) -> bool {
        let index = self.tree().index();
        index.is_some_and(|index| index.has(path))
    }

    /// Whether `.gitignore` names a file, so that it may be there on another machine. Rules of other
    /// folders and of the user's own are not read.
    pub fn is_ignored_by_git(&self, path: &str) -> bool {
        let ignored = self.ignored.get_or_init(|| {
            let source = self.tree().source(".gitignore")?;
            let patterns: Vec<String> = source.text().lines().map(anchored).collect();
            Some(dockerignore::parse(&patterns.join("\n")))
        });
        ignored
            .as_ref()
            .is_some_and(|ignored| ignored.excludes(path))
    }
}

/// A pattern of git's as Docker would write it: without a slash inside, it means any folder.
fn anchored(pattern: &str) -> String {
    let (sign, body) = match pattern.strip_prefix('!') {
        Some(body) => ("!", body),
        None => ("", pattern),
    };
    let body = body.trim_end().trim_end_matches('/');
    if body.is_empty() || body.starts_with('#') || body.contains('/') {
        format!("{sign}{body}")
    } else {
        format!("{sign}**/{body}")
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::App;
    use crate::tree::{Source, Tree};

    #[test]
    fn patterns_mean_what_git_has_them_mean() {
        let text = "# keys\n*.key\n/.env*\n!/.env.example\n.kamal/secrets.*\ntmp/\n";
        let tree = Tree::of([Source::new(".gitignore".into(), text)]);
        let app = App::new(&tree);
        for path in [
            "config/master.key",
            ".env.production",
            ".kamal/secrets.staging",
            "tmp/x",
        ] {
            assert!(app.is_ignored_by_git(path), "{path}");
        }
        for path in [
            ".env.example",
            ".kamal/secrets",
            "config/deploy.yml",
            "# keys",
        ] {
            assert!(!app.is_ignored_by_git(path), "{path}");
        }
    }
}
