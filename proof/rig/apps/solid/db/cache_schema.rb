# Stands in for Solid Cache's schema: one table of its name.
ActiveRecord::Schema[7.1].define(version: 1) do
  create_table "solid_cache_entries", force: :cascade do |t|
    t.binary "key"
  end
end
