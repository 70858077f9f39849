require "test_helper"

class Bookings::PaymentsControllerTest < ActionDispatch::IntegrationTest
  setup do
    @booking = bookings(:held)
    @token = @booking.generate_token_for(:payment)
  end

  test "the link from the mail pays" do
    get new_booking_payment_url(@booking, token: @token)
    assert_select "button", "Pay £72.00"

    post booking_payment_url(@booking), params: { token: @token }
    assert_redirected_to booking_url(@booking)
    assert @booking.reload.paid?
  end

  test "a link works once" do
    2.times { post booking_payment_url(@booking), params: { token: @token } }

    assert_equal "This link is no longer valid.", flash[:alert]
  end

  test "a link ends with the hold" do
    travel Booking::HOLD + 1.minute

    post booking_payment_url(@booking), params: { token: @token }
    assert @booking.reload.held?
  end
end
