class Sailing < ApplicationRecord
end
