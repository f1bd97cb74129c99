import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { codegen } from "@graphql-codegen/core";
import * as typescript from "@graphql-codegen/typescript";
import * as typescriptOperations from "@graphql-codegen/typescript-operations";
import { readOperations } from "@shop/values/operations";
import { parse } from "graphql";
import { afterEach, beforeEach, expect, test } from "vitest";

const apiFile = new URL("../../../schema/supergraph/api.graphql", import.meta.url);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "shop-tools-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("codegen makes types of the schema and of all operations", async () => {
  const api = parse(await readFile(apiFile, "utf8"));
  // Each text has the fragments that it spreads; codegen takes each fragment once.
  const seen = new Set<string>();
  const documents = readOperations().map(({ name, text }) => {
    const { definitions, ...rest } = parse(text);
    const fresh = definitions.filter((one) => {
      const own = one.kind === "FragmentDefinition" ? one.name.value : undefined;
      if (own === undefined) return true;
      if (seen.has(own)) return false;
      seen.add(own);
      return true;
    });
    return { location: `${name}.graphql`, document: { ...rest, definitions: fresh } };
  });
  const types = await codegen({
    filename: "shop.ts",
    schema: api,
    documents,
    config: { scalars: { DateTime: "string", Decimal: "string" } },
    plugins: [{ typescript: {} }, { typescriptOperations: {} }],
    pluginMap: { typescript, typescriptOperations },
  });
  for (const name of [
    "CartPageQuery",
    "CheckoutMutation",
    "MyOrdersUpdatedSubscription",
    "CartPartsFragment",
  ])
    expect(types).toContain(`export type ${name} =`);
});

const page = `import { graphql } from "react-relay";

export const page = graphql\`
  query PageQuery($query: String, $first: Int!, $after: String) {
    ...PageResults
    me { orders(first: 5) { updatesCursor edges { cursor node { id number status } } } }
  }
\`;

export const results = graphql\`
  fragment PageResults on Query @refetchable(queryName: "PageResultsQuery") {
    search(query: $query, first: $first, after: $after) @connection(key: "PageResults_search") {
      edges { cursor node { id title images { url alt } } }
    }
  }
\`;

export const add = graphql\`
  mutation PageAddMutation($cartId: ID!, $lines: [CartLineInput!]!) {
    cartLinesAdd(cartId: $cartId, lines: $lines) { cart { id lines { id quantity } } userErrors { code } }
  }
\`;

export const follow = graphql\`
  subscription PageFollowSubscription($after: String) {
    myOrdersUpdated(after: $after) { cursor event { id type } order { id status } }
  }
\`;
`;

test("Relay's compiler takes the schema, its connections as Relay's own, and its subscriptions", async () => {
  const src = path.join(folder, "src");
  await mkdir(src);
  await writeFile(path.join(src, "Page.ts"), page);
  await cp(apiFile, path.join(folder, "schema.graphql"));
  const config = { src: "./src", schema: "./schema.graphql", language: "typescript", eagerEsModules: true };
  await writeFile(path.join(folder, "relay.config.json"), JSON.stringify(config));
  await writeFile(path.join(folder, "package.json"), "{}");
  const { resolve } = createRequire(import.meta.url);
  const compiler = path.join(path.dirname(resolve("relay-compiler/package.json")), "cli.js");
  await promisify(execFile)(process.execPath, [compiler, "relay.config.json"], { cwd: folder });
  const made = await readdir(path.join(src, "__generated__"));
  expect(made.toSorted()).toEqual(
    [
      "PageAddMutation.graphql.ts",
      "PageFollowSubscription.graphql.ts",
      "PageQuery.graphql.ts",
      "PageResultsQuery.graphql.ts",
      "PageResults.graphql.ts",
    ].toSorted(),
  );
});
