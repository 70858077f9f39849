class BookingMailerPreview < ActionMailer::Preview
  def held = mailer(Booking.held).held

  def paid = mailer(Booking.paid).paid

  def expired = mailer(Booking.expired).expired

  private
    def mailer(bookings) = BookingMailer.with(booking: bookings.first!)
end
