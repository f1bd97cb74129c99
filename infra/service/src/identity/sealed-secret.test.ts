import { expect, test } from "vitest";
import { openSecret, sealSecret } from "./sealed-secret.ts";

const key = "the key of one audience";

test("a secret is read by the service it was sealed for, and by no other", () => {
  const sealed = sealSecret("pm_card_visa", key);
  expect(sealed).not.toContain("pm_card_visa");
  expect(openSecret(sealed, key)).toBe("pm_card_visa");
  expect(openSecret(sealed, "the key of another")).toBeUndefined();
  expect(sealSecret("pm_card_visa", key)).not.toBe(sealed);
});

test("a sealed secret that was altered or cut is none", () => {
  const sealed = sealSecret("pm_card_visa", key);
  const altered = sealed.slice(0, -3) + (sealed.endsWith("AAA") ? "BBB" : "AAA");
  for (const wrong of [altered, sealed.slice(0, 20), "sealed."])
    expect(openSecret(wrong, key)).toBeUndefined();
});

test("what was never sealed is no secret: any service could have written it", () => {
  expect(openSecret("pm_card_visa", key)).toBeUndefined();
});
