# kamal-configs.rb [--yaml] DIR[:DESTINATION]...: `kamal config` in each DIR, with Kamal loaded once.
# A line for each: "ok" or "refused", DIR, and what Kamal says against it. --yaml: the configuration
# below the line, too. No git repository is needed, as the version is given.
require "kamal"

show = ARGV.first == "--yaml" && ARGV.shift

def verdict_of(folder, destination)
  reader, writer = IO.pipe
  # A process of its own: Kamal keeps its configuration in a global, and ERB in it may do anything.
  child = fork do
    reader.close
    $stdout.reopen(writer)
    $stderr.reopen(writer)
    Dir.chdir(folder)
    Kamal::Cli::Main.start(["config", "--version", "rig", *(["-d", destination] if destination)])
  rescue StandardError, SyntaxError => error
    $stdout.puts "#{error.class}: #{error.message}"
    $stdout.flush
    exit!(1)
  end
  writer.close
  said = reader.read
  Process.wait(child)
  [$?.success?, said]
end

ARGV.each do |argument|
  folder, destination = argument.split(":", 2)
  accepted, said = verdict_of(folder, destination)
  name = argument.delete_prefix("/host")
  if accepted
    puts "ok\t#{name}"
    puts said if show
  else
    puts "refused\t#{name}\t#{said.gsub("/host/", "/").strip.tr("\n\t", "  ")}"
  end
  $stdout.flush
end
