class RopesController < ApplicationController
  def index
    @ropes = Rope.order(:name)
  end
end
