require "tailwindcss/ruby"

module Tailwindcss
  class Engine < ::Rails::Engine
    rake_tasks { load File.expand_path("tasks/tailwindcss.rake", __dir__) }
  end
end
