import { expect, test } from "vitest";
import { checkIdempotencyKey } from "./user-error.ts";

test("an idempotency key has 1 to 200 characters that Postgres can keep", () => {
  for (const key of ["k", "x".repeat(200), null, undefined]) expect(checkIdempotencyKey(key)).toEqual([]);
  for (const key of ["", "x".repeat(201), "a\0b", "\ud800"])
    expect(checkIdempotencyKey(key, ["input", "idempotencyKey"])).toEqual([
      {
        code: "INVALID_INPUT",
        message: "Give a key of 1 to 200 characters.",
        field: ["input", "idempotencyKey"],
      },
    ]);
});
