class BookingsController < ApplicationController
  before_action :set_vessel, only: %i[ new create ]

  def show
    @booking = Booking.find_by!(reference: params[:reference])
  end

  def new
    @booking = @vessel.bookings.new(arrives_on: Date.current, departs_on: Date.tomorrow)
  end

  def create
    @booking = @vessel.bookings.new(booking_params)

    if book
      redirect_to @booking, notice: "Berth #{@booking.berth.name} is held for you. We have sent you a link to pay."
    else
      render :new, status: :unprocessable_content
    end
  end

  private
    def set_vessel
      @vessel = Vessel.find(params[:vessel_id])
      @berths = Berth.fitting(@vessel).in_order
    end

    # Two skippers may pass the validation at the same moment; the database lets one of them in.
    def book
      @booking.save
    rescue ActiveRecord::ExclusionViolation
      @booking.errors.add(:berth, :occupied)
      false
    end

    def booking_params
      params.expect(booking: [ :berth_id, :arrives_on, :departs_on ])
    end
end
