import { afterAll, beforeEach } from "vitest";
import { takeRefusals } from "./refusals.ts";

// Vitest's set-up of each file on real stores: a failed test prints the last answers that had errors.

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

// A beforeAll that fails runs no test.
afterAll(() => {
  if (!hasRun) print();
});
