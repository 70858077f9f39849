class BookingMailer < ApplicationMailer
  before_action { @booking = params[:booking] }

  default to: -> { @booking.vessel.skipper_email }

  def held
    @token = @booking.generate_token_for(:payment)
    mail subject: "Berth #{@booking.berth.name} is held for #{@booking.vessel.name}"
  end

  def paid
    mail subject: "Berth #{@booking.berth.name} is yours from #{@booking.arrives_on.to_fs(:long)}"
  end

  def expired
    mail subject: "Your hold on berth #{@booking.berth.name} has ended"
  end
end
