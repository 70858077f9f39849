class EntriesController < ApplicationController
  def index
    @entries = Entry.order(written_on: :desc)
  end
end
