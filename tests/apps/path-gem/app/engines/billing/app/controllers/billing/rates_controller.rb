class Billing::RatesController < ActionController::Base
  def show
    render plain: "An hour in the dock is £180."
  end
end
