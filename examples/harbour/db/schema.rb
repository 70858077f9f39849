ActiveRecord::Schema[8.1].define(version: 2026_03_02_090300) do
  enable_extension "btree_gist"
  enable_extension "pg_catalog.plpgsql"

  create_table "active_storage_attachments", force: :cascade do |t|
    t.bigint "blob_id", null: false
    t.datetime "created_at", null: false
    t.string "name", null: false
    t.bigint "record_id", null: false
    t.string "record_type", null: false
    t.index ["blob_id"], name: "index_active_storage_attachments_on_blob_id"
    t.index ["record_type", "record_id", "name", "blob_id"], name: "index_active_storage_attachments_uniqueness", unique: true
  end

  create_table "active_storage_blobs", force: :cascade do |t|
    t.bigint "byte_size", null: false
    t.string "checksum"
    t.string "content_type"
    t.datetime "created_at", null: false
    t.string "filename", null: false
    t.string "key", null: false
    t.text "metadata"
    t.string "service_name", null: false
    t.index ["key"], name: "index_active_storage_blobs_on_key", unique: true
  end

  create_table "active_storage_variant_records", force: :cascade do |t|
    t.bigint "blob_id", null: false
    t.string "variation_digest", null: false
    t.index ["blob_id", "variation_digest"], name: "index_active_storage_variant_records_uniqueness", unique: true
  end

  create_table "berths", force: :cascade do |t|
    t.datetime "created_at", null: false
    t.integer "daily_rate_pence", null: false
    t.decimal "length_metres", precision: 4, scale: 1, null: false
    t.string "name", null: false
    t.boolean "shore_power", default: false, null: false
    t.datetime "updated_at", null: false
    t.index ["name"], name: "index_berths_on_name", unique: true
  end

  create_table "bookings", force: :cascade do |t|
    t.date "arrives_on", null: false
    t.bigint "berth_id", null: false
    t.datetime "created_at", null: false
    t.date "departs_on", null: false
    t.datetime "held_until"
    t.string "reference", null: false
    t.string "status", default: "held", null: false
    t.integer "total_pence", null: false
    t.datetime "updated_at", null: false
    t.bigint "vessel_id", null: false
    t.index ["berth_id"], name: "index_bookings_on_berth_id"
    t.index ["held_until"], name: "index_bookings_on_held_until", where: "((status)::text = 'held'::text)"
    t.index ["reference"], name: "index_bookings_on_reference", unique: true
    t.index ["vessel_id"], name: "index_bookings_on_vessel_id"
    t.check_constraint "departs_on > arrives_on", name: "bookings_depart_after_arrival"
    t.exclusion_constraint "berth_id WITH =, daterange(arrives_on, departs_on) WITH &&", where: "(status)::text <> 'expired'::text", using: :gist, name: "bookings_do_not_overlap"
  end

  create_table "vessels", force: :cascade do |t|
    t.datetime "created_at", null: false
    t.decimal "length_metres", precision: 4, scale: 1, null: false
    t.string "name", null: false
    t.string "registration", null: false
    t.string "skipper_email", null: false
    t.string "skipper_name", null: false
    t.datetime "updated_at", null: false
    t.index ["registration"], name: "index_vessels_on_registration", unique: true
  end

  add_foreign_key "active_storage_attachments", "active_storage_blobs", column: "blob_id"
  add_foreign_key "active_storage_variant_records", "active_storage_blobs", column: "blob_id"
  add_foreign_key "bookings", "berths"
  add_foreign_key "bookings", "vessels"
end
