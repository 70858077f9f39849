class Lamp < ApplicationRecord
  broadcasts_refreshes
end
