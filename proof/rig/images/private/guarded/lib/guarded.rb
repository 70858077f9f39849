module Guarded; end
