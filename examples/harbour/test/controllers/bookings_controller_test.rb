require "test_helper"

class BookingsControllerTest < ActionDispatch::IntegrationTest
  test "only berths that are long enough are offered" do
    get new_vessel_booking_url(vessels(:ketch))

    assert_response :success
    assert_select "option", text: "B1"
    assert_select "option", text: "A1", count: 0
  end

  test "a berth is held" do
    assert_difference -> { vessels(:dinghy).bookings.held.count } do
      book berths(:short), Date.tomorrow
    end

    assert_redirected_to booking_url(vessels(:dinghy).bookings.order(:id).last)
    follow_redirect!
    assert_select "p", /Held until/
  end

  test "a taken berth is refused" do
    assert_no_difference -> { Booking.count } do
      book berths(:short), bookings(:held).arrives_on
    end

    assert_response :unprocessable_content
    assert_select ".errors li", "Berth is taken on some of these days"
  end

  private
    def book(berth, arrives_on)
      post vessel_bookings_url(vessels(:dinghy)),
        params: { booking: { berth_id: berth.id, arrives_on:, departs_on: arrives_on + 2 } }
    end
end
