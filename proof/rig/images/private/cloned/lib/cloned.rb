module Cloned; end
