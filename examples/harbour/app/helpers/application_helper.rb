module ApplicationHelper
  def pence_to_currency(pence)
    number_to_currency(pence / 100r, unit: "£")
  end
end
