ActiveRecord::Schema[8.1].define(version: 2026_05_17_100000) do
  enable_extension "pg_catalog.plpgsql"

  create_table "buoys", force: :cascade do |t|
    t.datetime "created_at", null: false
    t.string "identifier", null: false
    t.decimal "latitude", null: false
    t.decimal "longitude", null: false
    t.datetime "updated_at", null: false
  end
end
