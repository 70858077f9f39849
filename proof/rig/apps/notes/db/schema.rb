ActiveRecord::Schema[7.2].define(version: 2026_01_01_000000) do
  create_table "notes", force: :cascade do |t|
    t.string "text"
  end
end
