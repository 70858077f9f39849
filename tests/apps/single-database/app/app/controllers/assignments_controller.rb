class AssignmentsController < ApplicationController
  def index
    @assignments = Assignment.where(boards_at: Time.current..).order(:boards_at)
  end
end
