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
        self.service().and_then(|service| {
            let Some(source) = self.app.tree().source("config/storage.yml") else {
                return self.app.no_file("config/storage.yml");
            };
            Setting::of_file(source)
                .and_then(|root| root.dig(&[&service.value, "service"]))
                .and_then(|kind| kind.text())
                .and_then(|kind| Answer::Is(kind.because(service.origin)))
        })
    }
}
