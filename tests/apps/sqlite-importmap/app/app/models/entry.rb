class Entry < ApplicationRecord
  has_many_attached :pages
end
