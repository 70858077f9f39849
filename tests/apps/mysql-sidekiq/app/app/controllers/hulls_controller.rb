class HullsController < ApplicationController
  def index
    @hulls = Hull.order(:name)
  end
end
