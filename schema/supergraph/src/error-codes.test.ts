import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serviceNames } from "@shop/values";
import { expect, test } from "vitest";
import { inRepository } from "./read-subgraphs.ts";

/** Codes that the contract promises and that nothing gives yet. */
const promised: Record<string, readonly string[]> = {
  // Of a flash sale that takes more than the free units.
  inventory: ["OUT_OF_STOCK"],
  // orderPay doesn't distinguish a provider that is away from a slow one.
  order: ["PAYMENT_UNAVAILABLE"],
};

const root = fileURLToPath(inRepository(""));
const sourceOf = (...patterns: string[]) =>
  globSync(patterns, { cwd: root, exclude: ["**/generated/**", "**/*.test.ts", "**/error-codes.ts"] })
    .map((file) => readFileSync(inRepository(file), "utf8"))
    .join("\n");

test("a subgraph lists the error codes that it gives, and no others", () => {
  const shared = sourceOf("infra/service/src/**/*.ts", "schema/values/src/*.ts", "schema/events/src/*.ts");
  const idle = serviceNames.flatMap((service) => {
    const schema = readFileSync(inRepository(`subgraphs/${service}/schema.graphql`), "utf8");
    const [, listed = ""] = /^enum ErrorCode \{([^}]*)\}/m.exec(schema) ?? [];
    const source = shared + sourceOf(`subgraphs/${service}/src/**/*.ts`);
    return listed
      .split(/\s+/)
      .filter((code) => code && !source.includes(`"${code}"`) && !promised[service]?.includes(code))
      .map((code) => `${service} ${code}`);
  });
  expect(idle).toEqual([]);
});
