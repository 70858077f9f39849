class CreateAssignments < ActiveRecord::Migration[8.1]
  def change
    create_table :assignments do |t|
      t.string :vessel_name, null: false
      t.string :pilot, null: false
      t.datetime :boards_at, null: false

      t.timestamps
    end
  end
end
