module BookingsHelper
  def stay(booking)
    "#{booking.arrives_on.to_fs(:long)} to #{booking.departs_on.to_fs(:long)}"
  end
end
