class Chart < ApplicationRecord
end
