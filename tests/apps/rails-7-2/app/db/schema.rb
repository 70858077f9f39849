ActiveRecord::Schema[7.2].define(version: 2025_06_01_120000) do
  create_table "sailings", force: :cascade do |t|
    t.string "destination", null: false
    t.datetime "departs_at", null: false
    t.datetime "created_at", null: false
    t.datetime "updated_at", null: false
  end
end
