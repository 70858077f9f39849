class SolidQueue::Record < ActiveRecord::Base
  self.abstract_class = true
  connects_to(**SolidQueue.connects_to) if SolidQueue.connects_to
end
