import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { demoPassword, demoUsers } from "../demo/demo-users.ts";
import { bootstrapUsersOf } from "./bootstrap-users.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "shop-people-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const closed = { gatewayHost: "127.0.0.1", isOpen: false, isProduction: false, users: undefined };
const own = "demo-of-this-shop";
const ada = { email: "ada@shop.example", name: "Ada", password: "a long one of her own", roles: ["STAFF"] };

test("the demo's people have the README's password while only this machine reaches the shop", async () => {
  const { users, replaced, staff } = await bootstrapUsersOf(folder, closed, own);
  expect(users.map(({ password }) => password)).toEqual(demoUsers.map(() => demoPassword));
  expect([replaced, staff.password]).toEqual([[], demoPassword]);
});

test("once it was open to others they have the shop's own, and keep it", async () => {
  const expected = demoUsers.map(({ email }) => ({ email, known: demoPassword, password: own }));
  for (const exposure of [{ ...closed, isOpen: true }, closed]) {
    const { users, replaced, demoPassword: shown } = await bootstrapUsersOf(folder, exposure, own);
    expect(new Set(users.map(({ password }) => password))).toEqual(new Set([own]));
    expect([replaced, shown]).toEqual([expected, own]);
  }
});

test("in a shop with people of its own, none of the demo's passwords opens anything", async () => {
  const { users, replaced, staff } = await bootstrapUsersOf(
    folder,
    { ...closed, isProduction: true, users: [ada] },
    own,
  );
  expect(users).toEqual([ada]);
  expect(staff).toEqual({ email: ada.email, password: ada.password });
  for (const { email } of demoUsers)
    expect(replaced.filter((one) => one.email === email).map(({ known }) => known)).toEqual([
      demoPassword,
      own,
    ]);
  expect(replaced.some(({ password }) => [demoPassword, own].includes(password))).toBe(false);
});
