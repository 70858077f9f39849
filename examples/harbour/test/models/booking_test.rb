require "test_helper"

class BookingTest < ActiveSupport::TestCase
  include ActionMailer::TestHelper
  include Turbo::Broadcastable::TestHelper

  test "a new booking holds its berth and knows its price" do
    booking = book(berths(:short), nights: 2)

    assert booking.held?
    assert_in_delta Booking::HOLD.from_now, booking.held_until, 5.seconds
    assert_equal 2 * berths(:short).daily_rate_pence, booking.total_pence
  end

  test "the skipper is told and the board is refreshed" do
    assert_enqueued_email_with BookingMailer, :held, params: ->(params) { params[:booking].vessel == vessels(:dinghy) } do
      assert_turbo_stream_broadcasts "board" do
        perform_enqueued_jobs(only: Turbo::Streams::BroadcastStreamJob) { book(berths(:short)) }
      end
    end
  end

  test "a stay is at least one night" do
    booking = Booking.new(berth: berths(:short), vessel: vessels(:dinghy), arrives_on: Date.tomorrow, departs_on: Date.tomorrow)

    assert_not booking.valid?
    assert booking.errors.of_kind?(:departs_on, :greater_than)
  end

  test "a stay cannot start in the past" do
    assert_not new_booking(berths(:short), arrives_on: Date.yesterday).valid?
  end

  test "a vessel must fit its berth" do
    booking = new_booking(berths(:short), vessel: vessels(:ketch))

    assert_not booking.valid?
    assert booking.errors.of_kind?(:berth, :too_short)
  end

  test "two stays do not overlap" do
    booking = new_booking(berths(:short), arrives_on: bookings(:held).arrives_on + 1)

    assert_not booking.valid?
    assert booking.errors.of_kind?(:berth, :occupied)
  end

  test "the database refuses an overlap that slips past the validation" do
    booking = new_booking(berths(:short), arrives_on: bookings(:held).arrives_on)

    assert_raises(ActiveRecord::ExclusionViolation) { booking.save!(validate: false) }
  end

  test "the next vessel may arrive on the day of departure" do
    assert new_booking(berths(:short), arrives_on: bookings(:held).departs_on).valid?
  end

  test "an expired booking frees its berth" do
    assert bookings(:held).expire

    assert new_booking(berths(:short), arrives_on: bookings(:held).arrives_on).valid?
  end

  test "a booking is paid once" do
    assert bookings(:held).pay
    assert_not bookings(:held).pay
    assert_nil bookings(:held).held_until
  end

  test "a paid booking does not expire" do
    assert_not bookings(:paid).expire
    assert bookings(:paid).paid?
  end

  private
    def new_booking(berth, vessel: vessels(:dinghy), arrives_on: Date.tomorrow, nights: 1)
      Booking.new(berth:, vessel:, arrives_on:, departs_on: arrives_on + nights)
    end

    def book(...)
      new_booking(...).tap(&:save!)
    end
end
