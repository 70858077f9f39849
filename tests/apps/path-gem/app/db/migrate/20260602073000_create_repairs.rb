class CreateRepairs < ActiveRecord::Migration[8.1]
  def change
    create_table :repairs do |t|
      t.string :vessel_name, null: false
      t.date :due_on, null: false

      t.timestamps
    end
  end
end
