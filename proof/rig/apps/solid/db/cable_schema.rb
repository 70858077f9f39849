# Stands in for Solid Cable's schema: one table of its name.
ActiveRecord::Schema[7.1].define(version: 1) do
  create_table "solid_cable_messages", force: :cascade do |t|
    t.binary "channel"
  end
end
