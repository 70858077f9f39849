//! What may back a database up.

use crate::facts::App;
use crate::tree::Source;

/// Words that a file has in it or is called by, where it has to do with backups.
const WORDS: [&str; 21] = [
    "back up",
    "back_up",
    "backup",
    "barman",
    "borg",
    "databasus",
    "kopia",
    "litestream",
    "mariadb-dump",
    "mysqldump",
    "pg_basebackup",
    "pg_dump",
    "pgbackrest",
    "pgbackweb",
    "postgresus",
    "rclone",
    "restic",
    "snapshot",
    "vacuum into",
    "wal-e",
    "wal-g",
];

/// Files that tell of packages, by whose names nothing is backed up.
const LOCKFILES: [&str; 4] = [
    "bun.lock",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
];

impl App<'_> {
    /// Whether nothing that deploys, runs or configures the app has to do with backups: no file that is read
    /// has a word of it, a comment's included, and none that git has is called by one. Nothing where it is
    /// not known what git has.
    pub fn has_no_backup(&self) -> Option<bool> {
        let has_word = |text: &str| {
            let text = text.to_lowercase();
            WORDS.iter().any(|word| text.contains(word))
        };
        let index = self.tree().index()?;
        let tells =
            |source: &Source| !LOCKFILES.contains(&source.path().name()) && has_word(source.text());
        Some(!self.tree().sources().any(tells) && !index.files().any(has_word))
    }
}
