import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { repository } from "../repository.ts";
import { refuseName } from "./refuse-name.ts";
import { register, registers, type RegisterTexts } from "./register.ts";
import { subgraphFiles } from "./subgraph-files.ts";

test("a new subgraph has the files that every subgraph has, and its name in them", () => {
  const files = subgraphFiles("newcomer", { graphql: "16.0.0", "drizzle-orm": "0.1.0" });
  expect([...files.keys()].toSorted()).toEqual([
    "README.md",
    "migrations/001-baseline.sql",
    "package.json",
    "schema.graphql",
    "src/deps.ts",
    "src/events.ts",
    "src/main.ts",
    "src/resolvers.ts",
    "src/store.ts",
    "src/tables.ts",
    "test/newcomer.it.test.ts",
    "turbo.json",
  ]);
  for (const text of files.values()) expect(text).not.toContain("__");
  expect(files.get("package.json")).toContain('"graphql": "16.0.0"');
  expect(files.get("package.json")).toContain('"drizzle-orm": "0.1.0"');
  expect(files.get("src/main.ts")).toContain('name: "newcomer"');
});

test("it is named in each place that names every service", () => {
  const texts = Object.fromEntries(
    registers.map((file) => [file, readFileSync(path.join(repository, file), "utf8")]),
  ) as RegisterTexts;
  const registered = register("newcomer", texts);
  expect(registered["schema/values/src/service-names.ts"]).toContain('  "newcomer",\n] as const;');
  expect(registered["infra/stack/src/topology.ts"]).toContain(
    '  newcomer: {\n    about: "a greeting",\n    stores: ["postgres", "nats"],\n    calls: [],\n  },\n} as const',
  );
  expect(registered["README.md"]).toMatch(/^\| newcomer  \| a greeting +\| Postgres +\| +\|$/m);
});

test("a name that can't be one is refused in a sentence", () => {
  expect(refuseName("newcomer", ["gateway", "values"])).toBeUndefined();
  for (const name of ["", "Demo", "gift-cards", "1st", "x", "a".repeat(32), "../x"]) {
    expect(refuseName(name, [])).toContain("expected one word of 2 to 31 lower-case letters and digits");
  }
  expect(refuseName("cart", ["cart"])).toBe('There is a subgraph called "cart" already.');
  expect(refuseName("values", ["gateway", "values"])).toContain("there is a package @shop/values");
  expect(refuseName("postgres", [])).toContain("the launcher calls something else so");
});
