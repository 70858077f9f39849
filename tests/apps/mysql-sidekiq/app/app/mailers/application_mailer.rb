class ApplicationMailer < ActionMailer::Base
  default from: "keeper@shipyard.example.org"
end
