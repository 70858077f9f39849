class Tide < ApplicationRecord
end
