class CreateBerths < ActiveRecord::Migration[8.1]
  def change
    create_table :berths do |t|
      t.string :name, null: false, index: { unique: true }
      t.decimal :length_metres, precision: 4, scale: 1, null: false
      t.integer :daily_rate_pence, null: false
      t.boolean :shore_power, null: false, default: false

      t.timestamps
    end
  end
end
