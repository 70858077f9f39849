# Stands in for a payment provider: whoever has the link from the mail can pay.
class Bookings::PaymentsController < ApplicationController
  rescue_from ActiveSupport::MessageVerifier::InvalidSignature, with: :refuse

  before_action :set_booking

  def new
  end

  def create
    if @booking.pay
      redirect_to @booking, notice: "Thank you, berth #{@booking.berth.name} is yours."
    else
      refuse
    end
  end

  private
    def set_booking
      @booking = Booking.find_by_token_for!(:payment, params[:token])
    end

    def refuse
      redirect_to booking_path(params[:booking_reference]), alert: "This link is no longer valid."
    end
end
