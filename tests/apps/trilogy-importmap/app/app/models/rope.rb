class Rope < ApplicationRecord
end
