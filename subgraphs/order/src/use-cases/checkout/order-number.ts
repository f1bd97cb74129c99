import { randomInt } from "node:crypto";

/** No 0, 1, I, L, O, U: nothing that is misheard or misread. */
const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Short, for people: what a customer reads out to support. Uniqueness is the table's business. */
export function orderNumber(): string {
  return Array.from({ length: 8 }, () => letters.charAt(randomInt(letters.length))).join("");
}
