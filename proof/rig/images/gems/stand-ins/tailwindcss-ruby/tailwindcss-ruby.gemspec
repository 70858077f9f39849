Gem::Specification.new do |spec|
  spec.name = "tailwindcss-ruby"
  spec.version = "4.1.18"
  spec.summary = "Stand-in for tailwindcss-ruby: a program in the platform's variant, which copies"
  spec.authors = ["seaworthy"]
  spec.license = "MIT"
  spec.platform = ENV.fetch("PLATFORM", "ruby")
  # The plain variant has no program.
  programs = spec.platform == "ruby" ? [] : ["exe/#{spec.platform}/tailwindcss"]
  spec.files = Dir["exe/tailwindcss", "lib/**/*.rb"] + programs
  spec.bindir = "exe"
  spec.executables = ["tailwindcss"]
  spec.required_ruby_version = ">= 3.1"
end
