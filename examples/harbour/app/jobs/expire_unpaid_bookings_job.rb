class ExpireUnpaidBookingsJob < ApplicationJob
  def perform
    Booking.overdue.find_each(&:expire)
  end
end
