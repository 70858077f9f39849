# A vessel's stay at a berth. A new booking holds its berth until it is paid; one that is
# not paid in time expires and frees the berth again. The day of departure is not part of
# the stay, so the next vessel can arrive on it.
class Booking < ApplicationRecord
  HOLD = 2.hours

  belongs_to :berth
  belongs_to :vessel

  enum :status, { held: "held", paid: "paid", expired: "expired" }, default: "held", validate: true

  has_secure_token :reference

  # The status is part of the token: a link that was used is worth nothing.
  generates_token_for(:payment, expires_in: HOLD) { status }

  scope :occupying, -> { held.or(paid) }
  scope :overdue, -> { held.where(held_until: ..Time.current) }
  scope :covering, ->(date) { where("arrives_on <= :date AND departs_on > :date", date:) }
  scope :overlapping, ->(booking) { where("arrives_on < ? AND departs_on > ?", booking.departs_on, booking.arrives_on) }

  validates :arrives_on, :departs_on, presence: true
  validates :arrives_on, comparison: { greater_than_or_equal_to: -> { Date.current } }, on: :create, allow_nil: true
  validates :departs_on, comparison: { greater_than: :arrives_on }, if: -> { arrives_on && departs_on }
  validate :berth_is_long_enough, :berth_is_free, on: :create, if: -> { berth && vessel && arrives_on && departs_on }

  before_create :hold_berth
  after_create_commit -> { BookingMailer.with(booking: self).held.deliver_later }

  broadcasts_refreshes_to ->(_booking) { "board" }

  def to_param = reference

  def nights
    (departs_on - arrives_on).to_i
  end

  # True if the booking was held and is paid now.
  def pay
    leave_hold_as("paid").tap { |paid| BookingMailer.with(booking: self).paid.deliver_later if paid }
  end

  # True if the booking was held and is expired now.
  def expire
    leave_hold_as("expired").tap { |expired| BookingMailer.with(booking: self).expired.deliver_later if expired }
  end

  private
    # The lock settles a payment that arrives while the booking expires.
    def leave_hold_as(status)
      with_lock { held? && update!(status:, held_until: nil) }
    end

    def hold_berth
      self.held_until = HOLD.from_now
      self.total_pence = nights * berth.daily_rate_pence
    end

    def berth_is_long_enough
      errors.add(:berth, :too_short) if vessel.length_metres > berth.length_metres
    end

    def berth_is_free
      errors.add(:berth, :occupied) if berth.bookings.occupying.overlapping(self).exists?
    end
end
