import { Controller } from "@hotwired/stimulus"

// Keeps the departure at least one night after the arrival.
export default class extends Controller {
  static targets = [ "arrival", "departure" ]

  follow() {
    const earliest = this.#dayAfter(this.arrivalTarget.value)

    this.departureTarget.min = earliest
    if (this.departureTarget.value < earliest) this.departureTarget.value = earliest
  }

  #dayAfter(date) {
    const day = new Date(date)
    day.setUTCDate(day.getUTCDate() + 1)
    return day.toISOString().slice(0, 10)
  }
}
