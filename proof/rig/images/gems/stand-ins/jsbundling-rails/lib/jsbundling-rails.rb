module Jsbundling
  class Engine < ::Rails::Engine
    rake_tasks { load File.expand_path("tasks/jsbundling.rake", __dir__) }
  end
end
