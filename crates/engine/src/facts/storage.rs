//! Where uploads are kept.

use crate::fact::Answer;
use crate::facts::App;
use crate::facts::setting::Setting;

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
