# As the real gem: assets:precompile runs the program first.
namespace :tailwindcss do
  task :build do
    mkdir_p "app/assets/builds"
    sh Tailwindcss::Ruby.executable, "-i", "app/assets/tailwind/application.css", "-o", "app/assets/builds/tailwind.css"
  end
end

Rake::Task["assets:precompile"].enhance(["tailwindcss:build"])
