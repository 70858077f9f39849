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
    ready = Job.connection.table_exists?(Job.table_name) or abort "solid_queue: no table #{Job.table_name}"
    puts "solid_queue: started" if ready
    stopped = false
    %w[INT TERM].each { |signal| trap(signal) { stopped = true } }
    until stopped
      job = Job.transaction { Job.lock("FOR UPDATE SKIP LOCKED").order(:id).first&.tap(&:destroy!) } rescue Job.order(:id).first&.destroy!
      job ? ActiveJob::Base.execute(JSON.parse(job.arguments)) : sleep(0.1)
    end
  end
end

ActiveSupport.on_load(:active_record) do
  class SolidQueue::Job < ActiveRecord::Base
    self.table_name = "solid_queue_jobs"
    connects_to(**SolidQueue.connects_to) if SolidQueue.connects_to
  end
end
