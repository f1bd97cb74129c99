import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { demoUsers } from "../demo/demo-users.ts";
import { repository } from "../repository.ts";
import { startupBanner } from "./startup-banner.ts";

const shop = {
  url: "http://127.0.0.1:4000",
  hasStandIn: true,
  demoPassword: "demo-password-1",
  inspectPorts: {},
};
const exposure = { gatewayHost: "127.0.0.1", isOpen: false, isProduction: false, users: undefined };
const said = startupBanner(shop, { exposure, port: 4000, dataFolder: ".data" } as Parameters<
  typeof startupBanner
>[1]);

const readme = readFileSync(path.join(repository, "README.md"), "utf8");
const document = /```graphql\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
const operations = document.split(/^(?=query|mutation|subscription)/m);
const names = operations.map((text) => /^\w+ (\w+)/.exec(text)?.[1]);

test("an open shop names README's operations, in their order", () => {
  expect(names).toHaveLength(6);
  const places = names.map((name) => said.search(new RegExp(`^  ${name} `, "m")));
  expect(places.every((at) => at > 0)).toBe(true);
  expect(places.toSorted((a, b) => a - b)).toEqual(places);
});

test("README's checkout asks for what may be in its way", () => {
  const buy = operations.find((_, at) => names[at] === "Buy");
  expect(buy).toMatch(/problems \{[\s\S]*NotEnoughStock[\s\S]*userErrors/);
});

test("an open shop names everybody of the demo", () => {
  for (const { email } of demoUsers) expect(said).toContain(email);
  expect(said).toMatch(/Seller +\S+@shop\.test/);
  expect(said).toMatch(/Moderator +\S+@shop\.test/);
});
