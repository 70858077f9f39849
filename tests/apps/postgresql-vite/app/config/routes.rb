Rails.application.routes.draw do
  root "charts#index"

  get "up" => "rails/health#show", as: :rails_health_check
end
