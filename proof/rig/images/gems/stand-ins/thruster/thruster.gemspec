Gem::Specification.new do |spec|
  spec.name = "thruster"
  spec.version = "0.1.16"
  spec.summary = "Stand-in for Thruster: its variables and its ports, in a few lines of Ruby"
  spec.authors = ["seaworthy"]
  spec.license = "MIT"
  spec.platform = ENV.fetch("PLATFORM", "ruby")
  spec.files = Dir["exe/*", "lib/*"]
  spec.bindir = "exe"
  spec.executables = ["thrust"]
  spec.required_ruby_version = ">= 3.1"
end
