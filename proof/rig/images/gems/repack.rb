# repack.rb DEBIAN LIBRARIES TARGET: .gem files out of Debian's packages.
#
# DEBIAN has a folder for each package, as dpkg-deb extracts it; LIBRARIES names the shared libraries
# that the base image has; TARGET gets the gems.
#
# A compiled gem keeps Debian's compiled code, and gets an extconf.rb that asks for what the real one
# asks for: a compiler, and headers where the real gem has none of its own. So a build without them
# fails as it would with the real gem.
require "fileutils"
require "rubygems/package"
require "tmpdir"

HEADERS = { "pg" => "libpq-fe.h", "psych" => "yaml.h", "mysql2" => "mysql.h" }
# The real gems bring these libraries along.
BRINGS_LIBRARIES = %w[nokogiri sqlite3 ffi]
# Real ones exist for this platform, with nothing to compile, and for others.
PRECOMPILED = %w[nokogiri sqlite3 ffi]
# Debian leaves this program out.
PROGRAMS = { "bootsnap" => %(require "bootsnap/cli"\nexit Bootsnap::CLI.new(ARGV).run) }
PLATFORM = "x86_64-linux-gnu"
SKIPPED = %w[bundler rubygems-update]

debian, libraries, target = ARGV
IN_BASE = File.readlines(libraries, chomp: true)
ALL_LIBRARIES = Dir["#{debian}/*/usr/lib/*-linux-gnu/lib*.so*"].to_h { [File.basename(_1), _1] }

# The code of a gem, as a gem has it: below lib, and exe for programs.
def lay_out(spec, root, place)
  folder = Dir["#{root}/usr/{share,lib/*-linux-gnu}/rubygems-integration/*/gems/#{spec.full_name}",
               "#{root}/usr/lib/ruby/gems/*/gems/#{spec.full_name}"].find { !Dir.empty?(_1) }
  if folder
    FileUtils.cp_r("#{folder}/.", place)
    copy_each(Dir["#{root}/usr/lib/*-linux-gnu/{rubygems-integration/*,ruby/gems/*}/extensions/*/*/#{spec.full_name}"], place)
  elsif !spec_is_default?(spec)
    copy_each(Dir["#{root}/usr/lib/ruby/vendor_ruby", "#{root}/usr/lib/*-linux-gnu/ruby/vendor_ruby/*"], place)
  end
  # The code of a default gem is Ruby's own; the gem is there for Bundler to find.
  FileUtils.mkdir_p("#{place}/exe")
  spec.executables.each do |name|
    next if File.exist?("#{place}/exe/#{name}")
    inside = "#{place}/bin/#{name}"
    if File.exist?(inside)
      FileUtils.cp(inside, "#{place}/exe/#{name}")
    elsif PROGRAMS[name]
      File.write("#{place}/exe/#{name}", "#!/usr/bin/env ruby\n#{PROGRAMS[name]}\n")
    end
  end
end

def copy_each(folders, place)
  FileUtils.mkdir_p("#{place}/lib")
  folders.each { FileUtils.cp_r("#{_1}/.", "#{place}/lib") }
end

def spec_is_default?(spec) = spec.loaded_from.include?("/specifications/default/")

# Libraries that the base image lacks, beside the compiled code, which looks for them there.
def bring_libraries(place)
  Dir["#{place}/lib/**/*.so"].each do |compiled|
    folder = "#{File.dirname(compiled)}/libraries"
    wanted = [compiled]
    until wanted.empty?
      file = wanted.shift
      system("patchelf", "--set-rpath", file == compiled ? "$ORIGIN/libraries" : "$ORIGIN", file, exception: true)
      (IO.popen(["patchelf", "--print-needed", file], &:readlines).map(&:chomp) - IN_BASE).each do |library|
        copy = "#{folder}/#{library}"
        next if File.exist?(copy) || library.start_with?("libruby") || !ALL_LIBRARIES[library]
        FileUtils.mkdir_p(folder)
        FileUtils.cp(ALL_LIBRARIES[library], copy)
        wanted << copy
      end
    end
  end
end

def ask_for_compiler(spec, place)
  header = HEADERS[spec.name]
  FileUtils.mkdir_p("#{place}/ext/probe")
  File.write("#{place}/ext/probe/probe.c", "void Init_#{spec.name.tr("-", "_")}_probe(void) {}\n")
  File.write("#{place}/ext/probe/extconf.rb", <<~RUBY)
    require "mkmf"
    #{"find_header(#{header.inspect}, \"/usr/include/postgresql\", \"/usr/include/mariadb\") or abort #{"#{header} is missing".inspect}" if header}
    create_makefile(#{"#{spec.name.tr("-", "_")}_probe".inspect})
  RUBY
  spec.extensions = ["ext/probe/extconf.rb"]
end

Dir["#{debian}/*"].sort.each do |root|
  Dir["#{root}/usr/**/specifications/**/*.gemspec"].sort.each do |path|
    spec = Gem::Specification.load(path) or abort "cannot read #{path}"
    next if SKIPPED.include?(spec.name)
    file = "#{target}/#{spec.full_name}.gem"
    # A package of the gem's own is better than the copy that Ruby bundles.
    next if File.exist?(file) && (spec_is_default?(spec) || root.include?("libruby"))

    spec.executables |= PROGRAMS.keys & [spec.name]
    Dir.mktmpdir do |place|
      lay_out(spec, root, place)
      compiled = !spec.extensions.empty? || !Dir["#{place}/lib/**/*.so"].empty?
      bring_libraries(place) if BRINGS_LIBRARIES.include?(spec.name)
      spec.extensions = []
      ask_for_compiler(spec, place) if compiled && !PRECOMPILED.include?(spec.name)
      spec.bindir = "exe"
      spec.executables = spec.executables.select { File.exist?("#{place}/exe/#{_1}") }
      FileUtils.mkdir_p("#{place}/lib")
      spec.require_paths = spec.raw_require_paths.select { File.directory?("#{place}/#{_1}") } | ["lib"]
      File.write("#{place}/lib/.keep", "")
      spec.test_files = []
      spec.extra_rdoc_files = []
      spec.signing_key = nil
      spec.cert_chain = []
      Dir.chdir(place) do
        spec.files = Dir.glob("**/*", File::FNM_DOTMATCH).select { File.file?(_1) }
        FileUtils.mv(Gem::Package.build(spec, true), file)
        if PRECOMPILED.include?(spec.name)
          spec.platform = PLATFORM
          FileUtils.mv(Gem::Package.build(spec, true), target)
        end
      end
    end
  end
end
