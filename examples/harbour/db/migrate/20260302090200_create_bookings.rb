class CreateBookings < ActiveRecord::Migration[8.1]
  def change
    # Lets a GiST index compare berths as well as ranges of dates.
    enable_extension "btree_gist"

    create_table :bookings do |t|
      t.references :berth, null: false, foreign_key: true
      t.references :vessel, null: false, foreign_key: true
      t.date :arrives_on, null: false
      t.date :departs_on, null: false
      t.string :status, null: false, default: "held"
      t.datetime :held_until
      t.integer :total_pence, null: false
      t.string :reference, null: false, index: { unique: true }

      t.timestamps

      t.index :held_until, where: "status = 'held'"

      t.check_constraint "departs_on > arrives_on", name: "bookings_depart_after_arrival"
      t.exclusion_constraint "berth_id WITH =, daterange(arrives_on, departs_on) WITH &&",
        using: :gist, where: "status <> 'expired'", name: "bookings_do_not_overlap"
    end
  end
end
