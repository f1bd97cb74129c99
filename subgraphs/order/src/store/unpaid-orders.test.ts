import { expect, test } from "vitest";
import { emailKey } from "./unpaid-orders.ts";

test("however an e-mail is written, its orders count as one mailbox's", () => {
  const spellings = [
    ["m\u00fcller@m\u00fcnchen.example", "mu\u0308ller@mu\u0308nchen.example"],
    ["m\u00fc\u200bller@m\u00fcnchen.example", " M\u00dcLLER@M\u00dcNCHEN.example "],
    ["m\u00fcller@xn--mnchen-3ya.example", "m\u00fcller+2@XN--MNCHEN-3YA.example"],
    ["\uff4d\u00fcller@m\u00fcnchen.example", "m\u00fcller\uff0b3@m\u00fcnchen.example"],
  ].flat();
  expect(spellings.map(emailKey)).toEqual(spellings.map(() => "m\u00fcller@m\u00fcnchen.example"));
  expect(emailKey("eve@one.example")).not.toBe(emailKey("eve@two.example"));
});
