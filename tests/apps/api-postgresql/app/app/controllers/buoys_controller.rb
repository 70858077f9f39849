class BuoysController < ApplicationController
  def index
    render json: Buoy.order(:identifier)
  end

  def show
    render json: Buoy.find(params[:id])
  end
end
