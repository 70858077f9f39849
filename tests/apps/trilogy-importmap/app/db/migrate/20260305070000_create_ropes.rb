class CreateRopes < ActiveRecord::Migration[8.1]
  def change
    create_table :ropes do |t|
      t.integer :strands, null: false
      t.string :material, null: false
      t.string :name, null: false

      t.timestamps
    end
  end
end
