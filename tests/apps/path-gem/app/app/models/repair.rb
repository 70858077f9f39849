class Repair < ApplicationRecord
end
