ActiveRecord::Schema[8.1].define(version: 2026_03_05_070000) do
  create_table "ropes", charset: "utf8mb4", collation: "utf8mb4_0900_ai_ci", force: :cascade do |t|
    t.datetime "created_at", null: false
    t.string "material", null: false
    t.string "name", null: false
    t.integer "strands", null: false
    t.datetime "updated_at", null: false
  end
end
