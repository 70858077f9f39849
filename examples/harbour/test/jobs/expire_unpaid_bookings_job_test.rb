require "test_helper"

class ExpireUnpaidBookingsJobTest < ActiveJob::TestCase
  include ActionMailer::TestHelper

  test "expires what was not paid in time" do
    travel_to 2.hours.from_now do
      assert_enqueued_emails 1 do
        ExpireUnpaidBookingsJob.perform_now
      end
    end

    assert bookings(:held).reload.expired?
    assert bookings(:paid).reload.paid?
  end

  test "leaves a hold that still runs" do
    assert_no_changes -> { bookings(:held).reload.status } do
      ExpireUnpaidBookingsJob.perform_now
    end
  end
end
