class CreateCharts < ActiveRecord::Migration[8.1]
  def change
    create_table :charts do |t|
      t.string :title, null: false
      t.string :encoding, null: false
      t.integer :pages, null: false

      t.timestamps
    end
  end
end
