Rails.application.routes.draw do
  root "ropes#index"

  get "up" => "rails/health#show", as: :rails_health_check
end
