import { expect, test } from "vitest";
import { stepsOf, type TicketState } from "./ticket-history.ts";

const at = new Date("2026-01-01T00:00:00.001Z");
const ticket: TicketState = { status: "WAITING", counter: 1, grantedAt: null, holdExpiresAt: null };
const granted = { grantedAt: at, holdExpiresAt: new Date("2026-01-01T00:01:00.001Z") };

const namesOf = (given: Partial<TicketState>) => stepsOf({ ...ticket, ...given }).map(({ status }) => status);

test("a unit that came back within the millisecond of the entry was waited for", () => {
  expect(namesOf({ ...granted, status: "HOLDING", counter: 2 })).toEqual(["WAITING", "HOLDING"]);
  expect(namesOf({ ...granted, status: "BOUGHT", counter: 3 })).toEqual(["WAITING", "HOLDING", "BOUGHT"]);
});

test("a unit that was free at the entry was not", () => {
  expect(namesOf({ ...granted, status: "HOLDING", counter: 1 })).toEqual(["HOLDING"]);
  expect(namesOf({ ...granted, status: "EXPIRED", counter: 2 })).toEqual(["HOLDING", "EXPIRED"]);
});

test("who never held a unit has waited", () => {
  expect(namesOf({ status: "WAITING", counter: 1 })).toEqual(["WAITING"]);
  expect(namesOf({ status: "SOLD_OUT", counter: 2 })).toEqual(["WAITING", "SOLD_OUT"]);
});
