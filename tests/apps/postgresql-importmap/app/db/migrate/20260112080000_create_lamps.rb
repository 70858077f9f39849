class CreateLamps < ActiveRecord::Migration[8.1]
  def change
    create_table :lamps do |t|
      t.string :name, null: false
      t.string :character, null: false
      t.integer :range_miles, null: false

      t.timestamps
    end
  end
end
