class Product < ApplicationRecord
  has_one_attached :picture do |picture|
    picture.variant :thumbnail, resize_to_limit: [ 240, 240 ]
  end
end
