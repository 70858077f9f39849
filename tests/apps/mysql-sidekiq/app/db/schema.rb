ActiveRecord::Schema[8.1].define(version: 2026_02_19_091500) do
  create_table "hulls", charset: "utf8mb4", collation: "utf8mb4_0900_ai_ci", force: :cascade do |t|
    t.datetime "created_at", null: false
    t.date "keel_laid_on", null: false
    t.integer "length_metres", null: false
    t.string "name", null: false
    t.datetime "updated_at", null: false
  end
end
