class FetchTidesJob < ApplicationJob
  def perform
    Tide.where(turns_at: ...1.month.ago).delete_all
  end
end
