class Buoy < ApplicationRecord
end
