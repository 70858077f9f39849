//! Mails: whether the app sends any, and where links in them lead.

use syntax::ruby::Expression;

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::rails::PRODUCTION;
use crate::tree::Path;

/// The mailer that all others inherit from.
const BASE: &str = "app/mailers/application_mailer.rb";

/// What says where links lead.
const OPTIONS: &str = "config.action_mailer.default_url_options";

/// Mails.
#[derive(Clone, Copy)]
pub struct Mail<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// Mails.
    pub fn mail(&'a self) -> Mail<'a> {
        Mail { app: self }
    }
}

impl<'a> Mail<'a> {
    /// What sends mails: Devise, each of whose mails has a link, or a mailer of the app's own.
    pub fn sender(self) -> Option<Fact<String>> {
        let devise = || {
            let devise = self.app.gems().shipped("devise").known()?;
            Some(devise.map(|_| "devise".to_owned()).labelled("sends mails"))
        };
        devise().or_else(|| self.mailer())
    }

    /// A mailer of the app's own.
    pub fn mailer(self) -> Option<Fact<String>> {
        let listed = self.app.tree().folder("app/mailers").unwrap_or_default();
        let own = listed.iter().find(|listed| {
            listed
                .name
                .strip_suffix("_mailer.rb")
                .is_some_and(|name| name != "application")
        });
        let path = format!("app/mailers/{}", own?.name);
        let place = Place::File(Path::new(&path)?);
        Some(Fact::new(path, Origin::at(place, "a mailer")))
    }

    /// Whether mails surely leave the app: nothing says that they do not.
    pub fn is_delivered(self) -> bool {
        let rails = self.app.rails();
        let is_on = match rails.boolean("config.action_mailer.perform_deliveries") {
            Answer::Is(on) => on.value,
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        };
        is_on
            && match rails.symbol("config.action_mailer.delivery_method") {
                Answer::Is(method) => !["test", "file", "letter_opener"].contains(&method.as_str()),
                Answer::Absent(_) => true,
                Answer::Unknown(..) => false,
            }
    }

    /// Where nothing says which server takes mails: neither Rails' settings nor anything else of the app's
    /// configuration, so that Action Mailer looks for one in its own container
    /// (rails 8.1 `actionmailer/lib/action_mailer/delivery_methods.rb`).
    pub fn without_server(self) -> Option<Place> {
        const NAMES: [&str; 5] = [
            "add_delivery_method",
            "delivery_method",
            "delivery_method_options",
            "sendmail_settings",
            "smtp_settings",
        ];
        let rails = self.app.rails();
        let place = rails
            .setting("config.action_mailer.smtp_settings")
            .absent()?;
        let tree = self.app.tree();
        let files = rails.configuring().chain(tree.source(BASE));
        let is_said = files.into_iter().any(|source| {
            let document = source.ruby();
            let is_named = |name: &str| NAMES.contains(&name.trim_end_matches('='));
            !document.errors.is_empty()
                || document.calls.iter().any(|call| {
                    let is_smtp = call.name.value == "delivery_method="
                        && call
                            .value()
                            .is_some_and(|value| value.as_symbol() == Some("smtp"));
                    is_named(&call.name.value) && !is_smtp
                        || NAMES.iter().any(|name| call.keyword(name).is_some())
                })
        });
        (!is_said && !rails.has_other_initializers() && tree.source(PRODUCTION).is_some())
            .then_some(place)
    }

    /// Whether links have a port, which is the host's that is named now.
    pub fn names_port(self) -> bool {
        let options = self.app.rails().setting(OPTIONS).known();
        options.is_some_and(|options| options.value.get("port").is_some())
    }

    /// The host that links in mails lead to; its text with the quotes.
    pub fn host(self) -> Answer<&'a Expression> {
        let rails = self.app.rails();
        let own = self.app.tree().source(BASE);
        let decides = own.and_then(|source| {
            let named = |name: &str| name.trim_end_matches('=') == "default_url_options";
            let mut calls = source.ruby().calls.iter();
            // Its own method, which has calls in it, or a setting of its own.
            calls.find(|call| {
                named(&call.name.value)
                    || call.within().iter().any(|context| {
                        matches!(context, syntax::ruby::Context::Definition { name, .. } if named(name))
                    })
            })
        });
        if let (Some(source), Some(call)) = (own, decides) {
            let place = Place::text(source.path(), call.span);
            return Answer::Unknown(place, Why::NotRead("the mailer has a say".to_owned()));
        }
        // Whoever sets the routes' own options has thought of where links lead.
        let routes = rails.initializers().find_map(|source| {
            let mut calls = source.ruby().calls.iter();
            let call = calls.find(|call| call.name.value == "default_url_options=")?;
            Some(Place::text(source.path(), call.span))
        });
        if let Some(place) = routes {
            return Answer::Unknown(place, Why::NotRead("an initializer has a say".to_owned()));
        }
        rails.setting(OPTIONS).and_then(|options| {
            let place = options.origin.place.clone();
            let Some(path) = place.path().cloned() else {
                return Answer::Unknown(place, Why::Dynamic);
            };
            match options.value.get("host") {
                Some(host) => Answer::Is(Fact::read(
                    host,
                    &path,
                    host.span,
                    "links in mails lead here",
                )),
                None => Answer::Unknown(place, Why::Dynamic),
            }
        })
    }
}
