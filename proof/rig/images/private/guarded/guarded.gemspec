Gem::Specification.new do |spec|
  spec.name = "guarded"
  spec.version = "1.0.0"
  spec.summary = "A gem that is not for everybody"
  spec.authors = ["rig"]
  spec.files = ["lib/guarded.rb"]
end
