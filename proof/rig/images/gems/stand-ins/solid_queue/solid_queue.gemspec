Gem::Specification.new do |spec|
  spec.name = "solid_queue"
  spec.version = "1.5.0"
  spec.summary = "Stand-in for Solid Queue: jobs in one table, a worker that performs them, a plugin for Puma"
  spec.authors = ["seaworthy"]
  spec.license = "MIT"
  spec.files = Dir["{app,lib}/**/*"]
  spec.required_ruby_version = ">= 3.1"
  spec.add_dependency "activejob", ">= 7.1"
  spec.add_dependency "activerecord", ">= 7.1"
  spec.add_dependency "railties", ">= 7.1"
end
