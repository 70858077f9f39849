class ChartsController < ApplicationController
  def index
    @charts = Chart.order(:title)
  end
end
