class ActiveJob::QueueAdapters::SolidQueueAdapter
  def enqueue_after_transaction_commit? = true
  def enqueue(job) = SolidQueue::Job.create!(arguments: job.serialize.to_json, queue_name: job.queue_name, class_name: job.class.name)
  def enqueue_at(job, _time) = enqueue(job)
end
