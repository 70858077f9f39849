require "test_helper"

class BookingMailerTest < ActionMailer::TestCase
  test "held carries a link to pay" do
    mail = BookingMailer.with(booking: bookings(:held)).held

    assert_equal [ "ines@example.com" ], mail.to
    assert_equal "Berth A1 is held for Sandpiper", mail.subject
    assert_match %r{http://harbour\.test/bookings/held-by-sandpiper/payment/new\?token=}, mail.body.encoded
  end

  test "paid" do
    assert_match "Morwenna", BookingMailer.with(booking: bookings(:paid)).paid.body.encoded
  end

  test "expired" do
    assert_equal "Your hold on berth A1 has ended", BookingMailer.with(booking: bookings(:held)).expired.subject
  end
end
