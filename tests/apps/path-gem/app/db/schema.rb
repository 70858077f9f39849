ActiveRecord::Schema[8.1].define(version: 2026_06_02_073000) do
  enable_extension "pg_catalog.plpgsql"

  create_table "repairs", force: :cascade do |t|
    t.datetime "created_at", null: false
    t.date "due_on", null: false
    t.datetime "updated_at", null: false
    t.string "vessel_name", null: false
  end
end
