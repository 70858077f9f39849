class TidesController < ApplicationController
  def index
    @tides = Tide.where(turns_at: Date.current.all_day).order(:turns_at)
  end
end
