class CountNotesJob < ApplicationJob
  def perform = puts("#{Note.count} notes")
end
