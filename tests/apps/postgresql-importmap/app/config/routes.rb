Rails.application.routes.draw do
  root "lamps#index"

  get "up" => "rails/health#show", as: :rails_health_check
end
