class ApplicationMailer < ActionMailer::Base
  default from: "keeper@lighthouse.example.org"
end
