Rails.application.routes.draw do
  root "repairs#index"
  mount Billing::Engine, at: "/billing"

  get "up" => "rails/health#show", as: :rails_health_check
end
