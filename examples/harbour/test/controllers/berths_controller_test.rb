require "test_helper"

class BerthsControllerTest < ActionDispatch::IntegrationTest
  test "the board shows who is in" do
    get root_url

    assert_response :success
    assert_select "##{dom_id berths(:long)}", /Morwenna/
    assert_select "##{dom_id berths(:short)}", /free/
    assert_select "turbo-cable-stream-source"
  end

  test "a berth shows when it is taken" do
    get berth_url(berths(:short))

    assert_response :success
    assert_select "li", 1
  end

  private
    def dom_id(...) = ActionView::RecordIdentifier.dom_id(...)
end
