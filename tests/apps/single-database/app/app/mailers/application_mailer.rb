class ApplicationMailer < ActionMailer::Base
  default from: "rota@pilots.example.org"
end
