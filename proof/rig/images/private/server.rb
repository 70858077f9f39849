# server.rb FOLDER PORT: the gems in FOLDER, for those who have the password.
require "webrick"

server = WEBrick::HTTPServer.new(Port: Integer(ARGV[1]))
folder = WEBrick::HTTPServlet::FileHandler.new(server, ARGV[0])
server.mount_proc("/") do |request, response|
  WEBrick::HTTPAuth.basic_auth(request, response, "rig") { |user, password| [user, password] == %w[rig guarded-password] }
  folder.service(request, response)
end
trap("TERM") { server.shutdown }
server.start
