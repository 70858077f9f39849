class CreateBuoys < ActiveRecord::Migration[8.1]
  def change
    create_table :buoys do |t|
      t.string :identifier, null: false
      t.decimal :latitude, null: false
      t.decimal :longitude, null: false

      t.timestamps
    end
  end
end
