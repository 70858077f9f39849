ActiveRecord::Schema[8.1].define(version: 2026_01_12_080000) do
  enable_extension "pg_catalog.plpgsql"

  create_table "lamps", force: :cascade do |t|
    t.string "character", null: false
    t.datetime "created_at", null: false
    t.string "name", null: false
    t.integer "range_miles", null: false
    t.datetime "updated_at", null: false
  end
end
