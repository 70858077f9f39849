Rails.application.routes.draw do
  root "berths#index"

  resources :berths, only: %i[ index show ]

  resources :vessels, only: %i[ new create show ] do
    resources :bookings, only: %i[ new create ]
  end

  resources :bookings, only: :show, param: :reference do
    resource :payment, only: %i[ new create ], module: :bookings
  end

  get "up" => "rails/health#show", as: :rails_health_check
end
