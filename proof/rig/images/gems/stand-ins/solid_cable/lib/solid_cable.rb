module SolidCable; end
