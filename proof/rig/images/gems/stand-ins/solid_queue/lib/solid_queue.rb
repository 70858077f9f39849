require "active_job"
require "active_record"
require_relative "active_job/queue_adapters/solid_queue_adapter"

module SolidQueue
  mattr_accessor :connects_to

  class Engine < ::Rails::Engine
    config.solid_queue = ActiveSupport::OrderedOptions.new
    initializer("solid_queue.config") { |app| SolidQueue.connects_to = app.config.solid_queue.connects_to }
  end

  # Performs what is in the table until it is told to stop.
  def self.work
    abort "solid_queue: no table #{Job.table_name}" unless Job.table_exists?
    $stdout.sync = true
    puts "solid_queue: started"
    stopped = false
    %w[INT TERM].each { |signal| trap(signal) { stopped = true } }
    until stopped
      job = Job.transaction { Job.order(:id).lock("FOR UPDATE SKIP LOCKED").first&.destroy! }
      job ? ActiveJob::Base.execute(JSON.parse(job.arguments)) : sleep(0.1)
    end
  end
end
