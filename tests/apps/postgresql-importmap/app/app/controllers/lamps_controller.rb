class LampsController < ApplicationController
  def index
    @lamps = Lamp.order(:name)
  end
end
