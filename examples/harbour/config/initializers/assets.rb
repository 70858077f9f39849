# Raise this to expire every asset at once.
Rails.application.config.assets.version = "1.0"
