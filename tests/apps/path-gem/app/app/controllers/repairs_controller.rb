class RepairsController < ApplicationController
  def index
    @repairs = Repair.order(:due_on)
  end
end
