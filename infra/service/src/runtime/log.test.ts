import { expect, test } from "vitest";
import { openLog } from "./log.ts";

test("what a store's error carries of customers' data and secrets is in no line of the log", () => {
  const lines: string[] = [];
  const log = openLog("cart", "info", { write: (line) => void lines.push(line) });
  const command = { name: "evalsha", args: ["f00", "1", "cart:guest:the-cart", "the-password"] };
  const refused = Object.assign(new Error("OOM command not allowed"), { command });
  const taken = Object.assign(new Error("duplicate key"), {
    ...{ code: "23505", constraint_name: "users_email" },
    ...{ detail: "Key (email)=(ada@shop.test) already exists.", where: "row of ada@shop.test" },
  });
  log.warn({ err: refused }, "guests' carts can't be reached");
  log.warn({ err: new AggregateError([refused]) }, "several failed");
  log.warn({ err: new Error("it failed", { cause: refused }) }, "it failed");
  log.error({ err: taken, token: "the-token", input: { password: "the-password" } }, "it failed");
  expect(lines).toHaveLength(4);
  expect(lines.join("")).not.toMatch(/the-cart|the-password|the-token|ada@shop/);
  expect(lines.join("")).toContain("OOM command not allowed");
  expect(lines.at(-1)).toMatch(/23505.*users_email/);
});
