# index.rb FOLDER: the compact index of the gems in FOLDER/gems, as the public server of gems serves it.
require "digest"
require "fileutils"
require "rubygems/package"

Dir.chdir(ARGV[0])
FileUtils.mkdir_p("info")
gems = Dir["gems/*.gem"].sort.group_by { Gem::Package.new(_1).spec.name }

lines = gems.map do |name, files|
  info = "---\n"
  versions = files.map do |file|
    spec = Gem::Package.new(file).spec
    version = spec.platform == "ruby" ? spec.version.to_s : "#{spec.version}-#{spec.platform}"
    needs = spec.runtime_dependencies.map { "#{_1.name}:#{_1.requirement.as_list.join("&")}" }.join(",")
    terms = ["checksum:#{Digest::SHA256.file(file).hexdigest}"]
    terms << "ruby:#{spec.required_ruby_version.as_list.join("&")}" unless spec.required_ruby_version.none?
    terms << "rubygems:#{spec.required_rubygems_version.as_list.join("&")}" unless spec.required_rubygems_version.none?
    info << "#{version} #{needs}|#{terms.join(",")}\n"
    version
  end
  File.write("info/#{name}", info)
  "#{name} #{versions.join(",")} #{Digest::MD5.hexdigest(info)}\n"
end
File.write("names", "---\n#{gems.keys.join("\n")}\n")
File.write("versions", "created_at: 2026-01-01T00:00:00Z\n---\n#{lines.join}")
