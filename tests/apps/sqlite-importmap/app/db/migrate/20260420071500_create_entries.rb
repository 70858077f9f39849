class CreateEntries < ActiveRecord::Migration[8.1]
  def change
    create_table :entries do |t|
      t.string :title, null: false
      t.text :body, null: false
      t.date :written_on, null: false

      t.timestamps
    end
  end
end
