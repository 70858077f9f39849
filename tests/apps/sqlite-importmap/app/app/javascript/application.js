import "@hotwired/turbo-rails"
import { Application } from "@hotwired/stimulus"
import ClockController from "controllers/clock_controller"

Application.start().register("clock", ClockController)
