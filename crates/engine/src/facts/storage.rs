//! Where uploads are kept.

use syntax::ruby::Context;

use crate::fact::{Answer, Fact, Place, Why};
use crate::facts::App;
use crate::facts::setting::Setting;
use crate::tree::Source;

/// Active Storage.
#[derive(Clone, Copy)]
pub struct Storage<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// Where uploads are kept.
    pub fn storage(&'a self) -> Storage<'a> {
        Storage { app: self }
    }
}

impl Storage<'_> {
    /// The service that production keeps uploads with: a name in `config/storage.yml`.
    pub fn service(self) -> Answer<String> {
        self.app.rails().symbol("config.active_storage.service")
    }

    /// What that service is: `Disk`, `S3`…
    pub fn kind(self) -> Answer<String> {
        self.of_service("service", false)
    }

    /// The folder of a service that keeps files on disk, as the app's files say it.
    pub fn folder(self) -> Answer<String> {
        self.of_service("root", true)
    }

    /// Whether the app surely keeps uploads: a migration has made Active Storage's tables, or a schema
    /// that is read has them. What Rails generates names a service whether uploads are used or not.
    pub fn is_used(self) -> bool {
        let tree = self.app.tree();
        let migrations = tree.folder("db/migrate").unwrap_or_default();
        let mut schemas = tree
            .sources()
            .filter(|source| source.path().parent().as_str() == "db");
        migrations
            .iter()
            .any(|listed| listed.name.contains("create_active_storage_tables"))
            || schemas.any(|schema| schema.text().contains("active_storage_blobs"))
    }

    /// Whether Active Storage surely has libvips work on uploaded images: its processor says so, or is
    /// what `load_defaults` has set since 7.0 (rails 8.1 `activestorage/lib/active_storage/engine.rb`).
    pub fn works_with_vips(self) -> bool {
        let processor = self
            .app
            .rails()
            .symbol("config.active_storage.variant_processor");
        self.is_used()
            && match processor {
                Answer::Is(processor) => *processor == "vips",
                Answer::Absent(_) => self.app.rails().has_defaults_of_7(),
                Answer::Unknown(..) => false,
            }
    }

    /// The folders that `CarrierWave`'s uploaders surely keep files in on disk, each once: those that say
    /// `storage :file`. They are below `public`, unless a configuration has another root
    /// (carrierwave 3.1 `lib/carrierwave/uploader/{store,configuration}.rb`, `lib/carrierwave.rb`).
    pub fn of_uploaders(self) -> Vec<Answer<String>> {
        if self.app.gems().shipped("carrierwave").is_absent() {
            return Vec::new();
        }
        let tree = self.app.tree();
        let mut uploaders: Vec<&Source> = tree
            .sources()
            .filter(|source| source.path().parent().as_str() == UPLOADERS)
            .collect();
        uploaders.sort_by_key(|source| source.path());
        let mut found: Vec<Answer<String>> = Vec::new();
        for uploader in uploaders {
            let Some(folder) = self.of_uploader(uploader) else {
                continue;
            };
            let is_known = found.iter().any(|known| match (known, &folder) {
                (Answer::Is(known), Answer::Is(folder)) => known.value == folder.value,
                _ => false,
            });
            if !is_known {
                found.push(folder);
            }
        }
        found
    }

    /// The folder of one uploader; nothing where it does not surely keep files on disk.
    fn of_uploader(self, uploader: &Source) -> Option<Answer<String>> {
        let call = uploader.ruby().calls_named("storage").find(|call| {
            let is_file = call
                .arguments
                .first()
                .is_some_and(|kind| kind.as_symbol() == Some("file"));
            let is_sure = call
                .within()
                .iter()
                .all(|context| matches!(context, Context::Namespace { .. }));
            call.receiver.is_none() && is_file && is_sure
        })?;
        let has_own_root = uploader.text().contains("def root")
            || self.app.rails().initializers().any(|source| {
                let mut calls = source.ruby().calls.iter();
                source.text().contains("CarrierWave")
                    && calls.any(|call| call.name.value == "root=")
            });
        let folder = store_dir(uploader.text()).filter(|_| !has_own_root);
        Some(match folder {
            Some(folder) => Answer::Is(Fact::read(
                format!("public/{folder}"),
                uploader.path(),
                call.span,
                "the uploader keeps files on disk",
            )),
            None => Answer::Unknown(Place::text(uploader.path(), call.span), Why::Dynamic),
        })
    }

    /// A key of the service in `config/storage.yml`.
    fn of_service(self, key: &str, is_path: bool) -> Answer<String> {
        self.service().and_then(|service| {
            let Some(source) = self.app.tree().source("config/storage.yml") else {
                return self.app.no_file("config/storage.yml");
            };
            let setting =
                Setting::of_file(source).and_then(|root| root.dig(&[&service.value, key]));
            let read = setting.and_then(|setting| {
                if is_path {
                    setting.path()
                } else {
                    setting.text()
                }
            });
            read.and_then(|value| Answer::Is(value.because(service.origin)))
        })
    }
}

/// Where uploaders are kept.
const UPLOADERS: &str = "app/uploaders";

/// The first folder of what `store_dir` surely says, `uploads` without one.
fn store_dir(text: &str) -> Option<&str> {
    let Some((_, body)) = text.split_once("def store_dir") else {
        let is_inherited = !text.contains("CarrierWave::Uploader::Base");
        return (!is_inherited).then_some("uploads");
    };
    let value = body.trim_start_matches("()").trim_start();
    let value = value.strip_prefix(['"', '\''])?;
    let end = value.find(['/', '"', '\''])?;
    let folder = &value[..end];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    (!folder.is_empty() && folder.chars().all(is_plain)).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::store_dir;

    #[test]
    fn the_folder_of_an_uploader_is_what_its_text_begins_with() {
        for (text, folder) in [
            (
                "class A < CarrierWave::Uploader::Base\nend",
                Some("uploads"),
            ),
            ("class A < B\nend", None),
            ("def store_dir\n  \"files/#{model.id}\"\nend", Some("files")),
            ("def store_dir = 'files'", None),
            ("def store_dir\n  \"#{root}/files\"\nend", None),
            ("def store_dir\n  \"/srv/files\"\nend", None),
            ("def store_dir\n  Rails.root.join(\"files\")\nend", None),
        ] {
            assert_eq!(store_dir(text), folder, "{text}");
        }
    }
}
