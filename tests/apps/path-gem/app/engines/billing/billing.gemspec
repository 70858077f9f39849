require_relative "lib/billing/version"

Gem::Specification.new do |spec|
  spec.name = "billing"
  spec.version = Billing::VERSION
  spec.authors = [ "Drydock" ]
  spec.summary = "Quotes for repairs"
  spec.files = Dir["app/**/*", "config/**/*", "lib/**/*"]
  spec.required_ruby_version = ">= 3.3"

  spec.add_dependency "rails", ">= 8.1"
end
