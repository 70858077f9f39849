# The berths of the marina. Running this again changes nothing.
pontoons = {
  "A" => { count: 6, length_metres: 8, daily_rate_pence: 24_00, shore_power: false },
  "B" => { count: 6, length_metres: 12, daily_rate_pence: 36_00, shore_power: true },
  "C" => { count: 3, length_metres: 18, daily_rate_pence: 58_00, shore_power: true }
}

pontoons.each do |letter, pontoon|
  1.upto(pontoon[:count]) do |number|
    Berth.create_with(pontoon.except(:count)).find_or_create_by!(name: "#{letter}#{number}")
  end
end
