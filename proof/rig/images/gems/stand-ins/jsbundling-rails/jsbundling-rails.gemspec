Gem::Specification.new do |spec|
  spec.name = "jsbundling-rails"
  spec.version = "1.3.1"
  spec.summary = "Stand-in for jsbundling-rails: its rake tasks, for Yarn, npm, pnpm and Bun"
  spec.authors = ["seaworthy"]
  spec.license = "MIT"
  spec.files = Dir["lib/**/*"]
  spec.required_ruby_version = ">= 3.1"
  spec.add_dependency "railties", ">= 6.0.0"
end
