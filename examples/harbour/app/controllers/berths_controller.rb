class BerthsController < ApplicationController
  def index
    @berths = Berth.in_order
    @bookings = Booking.occupying.covering(Date.current).includes(:vessel).index_by(&:berth_id)
  end

  def show
    @berth = Berth.find(params[:id])
    @bookings = @berth.bookings.occupying.where(departs_on: Date.tomorrow..).order(:arrives_on)
  end
end
