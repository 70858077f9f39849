class Hull < ApplicationRecord
end
