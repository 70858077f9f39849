# As the real gem: assets:precompile installs packages, unless SKIP_YARN_INSTALL or SKIP_BUN_INSTALL
# says not to, and builds.
namespace :javascript do
  tool = if File.exist?("bun.lock") || File.exist?("bun.lockb") then "bun"
  elsif File.exist?("yarn.lock") then "yarn"
  elsif File.exist?("pnpm-lock.yaml") then "pnpm"
  else "npm"
  end

  task :install do
    sh "#{tool} install" unless ENV["SKIP_YARN_INSTALL"] || ENV["SKIP_BUN_INSTALL"]
  end

  task build: :install do
    sh tool == "yarn" ? "yarn build" : "#{tool} run build"
  end
end

Rake::Task["assets:precompile"].enhance(["javascript:build"]) unless ENV["SKIP_JS_BUILD"]
