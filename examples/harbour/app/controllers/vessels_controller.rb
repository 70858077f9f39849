class VesselsController < ApplicationController
  def show
    @vessel = Vessel.find(params[:id])
  end

  def new
    @vessel = Vessel.new
  end

  def create
    @vessel = Vessel.new(vessel_params)

    if @vessel.save
      redirect_to @vessel, notice: "#{@vessel.name} is registered."
    else
      render :new, status: :unprocessable_content
    end
  end

  private
    def vessel_params
      params.expect(vessel: [ :name, :registration, :length_metres, :skipper_name, :skipper_email, :photo ])
    end
end
