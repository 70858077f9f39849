module Tailwindcss
  module Ruby
    def self.executable
      Dir[File.expand_path("../../exe/*/tailwindcss", __dir__)].first or raise "no tailwindcss for this platform"
    end
  end
end
