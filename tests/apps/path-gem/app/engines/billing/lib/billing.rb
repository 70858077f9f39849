require "billing/version"
require "billing/engine"

module Billing
end
