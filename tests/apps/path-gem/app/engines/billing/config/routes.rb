Billing::Engine.routes.draw do
  resource :rates, only: :show
end
