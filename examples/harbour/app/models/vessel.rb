class Vessel < ApplicationRecord
  PHOTO_TYPES = %w[ image/jpeg image/png image/webp ]
  PHOTO_SIZE = 5.megabytes

  has_many :bookings, dependent: :restrict_with_error
  has_one_attached :photo

  normalizes :registration, with: ->(registration) { registration.delete(" ").upcase }
  normalizes :skipper_email, with: ->(email) { email.strip.downcase }

  validates :name, :skipper_name, presence: true
  validates :registration, presence: true, uniqueness: true
  validates :skipper_email, format: { with: URI::MailTo::EMAIL_REGEXP }
  validates :length_metres, numericality: { greater_than: 0 }
  validate :photo_is_a_picture, if: -> { photo.attached? }

  private
    def photo_is_a_picture
      errors.add(:photo, :not_a_picture) unless photo.content_type.in?(PHOTO_TYPES)
      errors.add(:photo, :too_large) if photo.byte_size > PHOTO_SIZE
    end
end
