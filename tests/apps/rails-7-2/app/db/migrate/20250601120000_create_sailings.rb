class CreateSailings < ActiveRecord::Migration[7.2]
  def change
    create_table :sailings do |t|
      t.string :destination, null: false
      t.datetime :departs_at, null: false

      t.timestamps
    end
  end
end
