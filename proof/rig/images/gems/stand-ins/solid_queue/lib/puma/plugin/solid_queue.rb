require "puma/plugin"

Puma::Plugin.create do
  def start(launcher)
    worker = nil
    launcher.events.on_booted { worker = fork { SolidQueue.work } }
    launcher.events.on_stopped { Process.kill(:TERM, worker) && Process.wait(worker) if worker }
  end
end
