import { randomInt } from "node:crypto";

/** Without 0, 1, I, L, O and U, which are misheard or misread. */
const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A short random number that a customer can read out to support; the table's constraint makes it unique. */
export function orderNumber(): string {
  return Array.from({ length: 8 }, () => letters.charAt(randomInt(letters.length))).join("");
}
