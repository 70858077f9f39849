require "test_helper"

class VesselsControllerTest < ActionDispatch::IntegrationTest
  test "a vessel is registered" do
    get new_vessel_url
    assert_response :success

    assert_difference -> { Vessel.count } do
      post vessels_url, params: { vessel: details }
    end

    follow_redirect!
    assert_select "h1", "Kittiwake"
  end

  test "a vessel without a name is refused" do
    assert_no_difference -> { Vessel.count } do
      post vessels_url, params: { vessel: details.merge(name: "") }
    end

    assert_response :unprocessable_content
  end

  private
    def details
      { name: "Kittiwake", registration: "SSR 555", length_metres: 7.9, skipper_name: "Ada", skipper_email: "ada@example.com" }
    end
end
