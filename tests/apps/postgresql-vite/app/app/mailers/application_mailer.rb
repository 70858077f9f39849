class ApplicationMailer < ActionMailer::Base
  default from: "keeper@charts.example.org"
end
