require_relative "boot"

require "rails/all"

Bundler.require(*Rails.groups)

module Logbook
  class Application < Rails::Application
    config.load_defaults 8.1
    config.autoload_lib(ignore: %w[assets tasks])
    # Pages of the log are shown as they were scanned.
    config.active_storage.variant_processor = :disabled
  end
end
