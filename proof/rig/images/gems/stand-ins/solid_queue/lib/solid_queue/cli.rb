require "solid_queue"

module SolidQueue::Cli
  def self.start(_arguments) = SolidQueue.work
end
