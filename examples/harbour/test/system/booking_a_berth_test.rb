require "application_system_test_case"

class BookingABerthTest < ApplicationSystemTestCase
  test "from the board to a held berth" do
    visit root_url
    click_on "Register a vessel"

    fill_in "Name", with: "Kittiwake", exact: true
    fill_in "Registration", with: "SSR 555"
    fill_in "Length in metres", with: "7.5"
    fill_in "Skipper name", with: "Ada Holm"
    fill_in "Skipper email", with: "ada@example.com"
    click_on "Register"

    click_on "Book a berth"
    select "A1", from: "Berth"
    click_on "Hold this berth"

    assert_text "Berth A1 is held for you"
  end
end
