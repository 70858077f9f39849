require "action_cable/subscription_adapter/async"

class ActionCable::SubscriptionAdapter::SolidCable < ActionCable::SubscriptionAdapter::Async
end
