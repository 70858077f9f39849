Gem::Specification.new do |spec|
  spec.name = "cloned"
  spec.version = "1.0.0"
  spec.summary = "A gem that is not for everybody"
  spec.authors = ["rig"]
  spec.files = ["lib/cloned.rb"]
end
