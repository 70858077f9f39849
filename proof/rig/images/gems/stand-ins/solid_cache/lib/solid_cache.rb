module SolidCache; end
