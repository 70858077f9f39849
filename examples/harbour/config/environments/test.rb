Rails.application.configure do
  config.enable_reloading = false
  config.eager_load = ENV["CI"].present?
  config.consider_all_requests_local = true

  config.public_file_server.headers = { "cache-control" => "public, max-age=3600" }
  config.cache_store = :null_store

  config.action_dispatch.show_exceptions = :rescuable
  config.action_controller.allow_forgery_protection = false
  config.action_controller.raise_on_missing_callback_actions = true

  config.active_storage.service = :test

  config.action_mailer.delivery_method = :test
  config.action_mailer.default_url_options = { host: "harbour.test" }

  config.active_support.deprecation = :stderr
  config.i18n.raise_on_missing_translations = true
end
