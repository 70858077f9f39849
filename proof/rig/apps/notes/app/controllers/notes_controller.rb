class NotesController < ApplicationController
  skip_forgery_protection

  def index = @count = Note.count

  def create
    Note.create!(text: params[:text])
    CountNotesJob.perform_later
    head :created
  end
end
