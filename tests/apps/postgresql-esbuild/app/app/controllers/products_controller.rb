class ProductsController < ApplicationController
  def index
    @products = Product.with_attached_picture.order(:name)
  end
end
