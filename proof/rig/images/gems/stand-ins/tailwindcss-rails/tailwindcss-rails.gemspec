Gem::Specification.new do |spec|
  spec.name = "tailwindcss-rails"
  spec.version = "4.4.0"
  spec.summary = "Stand-in for tailwindcss-rails: its task of the build"
  spec.authors = ["seaworthy"]
  spec.license = "MIT"
  spec.files = Dir["lib/**/*"]
  spec.required_ruby_version = ">= 3.1"
  spec.add_dependency "railties", ">= 7.0.0"
  spec.add_dependency "tailwindcss-ruby", "~> 4.0"
end
