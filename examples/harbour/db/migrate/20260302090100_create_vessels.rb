class CreateVessels < ActiveRecord::Migration[8.1]
  def change
    create_table :vessels do |t|
      t.string :name, null: false
      t.string :registration, null: false, index: { unique: true }
      t.decimal :length_metres, precision: 4, scale: 1, null: false
      t.string :skipper_name, null: false
      t.string :skipper_email, null: false

      t.timestamps
    end
  end
end
