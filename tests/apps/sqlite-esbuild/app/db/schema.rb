ActiveRecord::Schema[8.1].define(version: 2026_02_08_190000) do
  create_table "tides", force: :cascade do |t|
    t.datetime "created_at", null: false
    t.decimal "height_metres", null: false
    t.datetime "turns_at", null: false
    t.datetime "updated_at", null: false
  end
end
