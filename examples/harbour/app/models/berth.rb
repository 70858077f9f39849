class Berth < ApplicationRecord
  has_many :bookings, dependent: :restrict_with_error

  validates :name, presence: true, uniqueness: true
  validates :length_metres, numericality: { greater_than: 0 }
  validates :daily_rate_pence, numericality: { only_integer: true, greater_than: 0 }

  scope :in_order, -> { order(:name) }
  scope :fitting, ->(vessel) { where(length_metres: vessel.length_metres..) }
end
