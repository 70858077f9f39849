import isNumber from "is-number"
import { greeting } from "./greeting"

console.log(greeting, isNumber(1))
