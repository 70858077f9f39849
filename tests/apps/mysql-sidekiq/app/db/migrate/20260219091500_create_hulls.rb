class CreateHulls < ActiveRecord::Migration[8.1]
  def change
    create_table :hulls do |t|
      t.string :name, null: false
      t.date :keel_laid_on, null: false
      t.integer :length_metres, null: false

      t.timestamps
    end
  end
end
