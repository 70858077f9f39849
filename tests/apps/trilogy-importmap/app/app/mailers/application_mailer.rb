class ApplicationMailer < ActionMailer::Base
  default from: "keeper@ropewalk.example.org"
end
