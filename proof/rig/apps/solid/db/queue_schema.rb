# Stands in for Solid Queue's schema: the one table that the rig's stand-in uses.
ActiveRecord::Schema[7.1].define(version: 1) do
  create_table "solid_queue_jobs", force: :cascade do |t|
    t.string "queue_name"
    t.string "class_name"
    t.text "arguments"
  end
end
