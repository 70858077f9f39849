class Assignment < ApplicationRecord
  broadcasts_refreshes
end
