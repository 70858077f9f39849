class SailingsController < ApplicationController
  def index
    @sailings = Sailing.where(departs_at: Time.current..).order(:departs_at)
  end
end
