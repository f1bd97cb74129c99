import { afterAll, beforeEach } from "vitest";
import { takeRefusals } from "./refusals.ts";

// Vitest's set-up of each file on real stores: a test that fails prints the last answers that refused something.

let hasRun = false;

const print = () => {
  const refusals = takeRefusals();
  if (refusals.length > 0) console.error(`Refused before it failed:\n${refusals.join("\n")}`);
};

beforeEach(({ onTestFailed }) => {
  hasRun = true;
  takeRefusals();
  onTestFailed(print);
});

// What fails in a beforeAll runs no test.
afterAll(() => {
  if (!hasRun) print();
});
