require "test_helper"

class VesselTest < ActiveSupport::TestCase
  test "registrations are compared without spaces and case" do
    vessel = vessels(:dinghy).dup.tap { |copy| copy.registration = "ssr 10234" }

    assert_not vessel.valid?
    assert vessel.errors.of_kind?(:registration, :taken)
  end

  test "a photo must be a picture" do
    vessel = vessels(:dinghy)
    vessel.photo.attach io: StringIO.new("not a picture"), filename: "log.txt", content_type: "text/plain"

    assert_not vessel.valid?
    assert vessel.errors.of_kind?(:photo, :not_a_picture)
  end
end
