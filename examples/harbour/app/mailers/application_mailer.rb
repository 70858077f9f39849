class ApplicationMailer < ActionMailer::Base
  default from: "Harbour office <office@harbour.example.org>"
  layout "mailer"
  helper ApplicationHelper, BookingsHelper
end
