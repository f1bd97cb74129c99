import { expect, test } from "vitest";
import { safeRequestId } from "./request-id.ts";

test.each(["checkout-7", "4bf92f35.77b3", "0190d0c2-1d4a-7cc0-a3b1-cc6d9d1f2e3a"])(
  "the client's own id %s is taken",
  (given) => expect(safeRequestId(given)).toBe(given),
);

test.each([undefined, "", "a".repeat(65), 'x","level":60', "two words", "line\nbreak", 7])(
  "%j is no id",
  (given) => expect(safeRequestId(given)).toBeUndefined(),
);
