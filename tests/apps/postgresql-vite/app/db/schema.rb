ActiveRecord::Schema[8.1].define(version: 2026_04_11_064000) do
  enable_extension "pg_catalog.plpgsql"

  create_table "charts", force: :cascade do |t|
    t.datetime "created_at", null: false
    t.string "encoding", null: false
    t.integer "pages", null: false
    t.string "title", null: false
    t.datetime "updated_at", null: false
  end

  create_table "good_jobs", id: :uuid, default: -> { "gen_random_uuid()" }, force: :cascade do |t|
    t.datetime "created_at", null: false
    t.text "error"
    t.datetime "finished_at"
    t.datetime "performed_at"
    t.integer "priority"
    t.text "queue_name"
    t.datetime "scheduled_at"
    t.jsonb "serialized_params"
    t.datetime "updated_at", null: false
  end
end
