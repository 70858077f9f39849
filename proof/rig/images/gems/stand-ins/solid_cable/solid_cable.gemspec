Gem::Specification.new do |spec|
  spec.name = "solid_cable"
  spec.version = "3.0.12"
  spec.summary = "Stand-in for Solid Cable: its name and its database, but nothing is stored there"
  spec.authors = ["seaworthy"]
  spec.license = "MIT"
  spec.files = Dir["lib/**/*"]
  spec.required_ruby_version = ">= 3.1"
  spec.add_dependency "railties", ">= 7.1"
end
