class CreateTides < ActiveRecord::Migration[8.1]
  def change
    create_table :tides do |t|
      t.datetime :turns_at, null: false
      t.decimal :height_metres, null: false

      t.timestamps
    end
  end
end
