import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const pages = new URL("../../../gateway/clients/", import.meta.url);
const snippets = new URL("../clients/snippets/", import.meta.url);
const read = (folder: URL, file: string) => readFileSync(new URL(file, folder), "utf8");

test("the pages for front-ends show the code that stories run, whole and to the letter", () => {
  const shown = readdirSync(pages).flatMap((file) =>
    [...read(pages, file).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = ""]) => text),
  );
  const run = readdirSync(snippets).map((file) => read(snippets, file).replaceAll(/^\/\/ oxlint.*\n/gm, ""));
  expect(shown.toSorted()).toEqual(run.toSorted());
});

test("the table of what may come after an order names events of the API", () => {
  const api = read(new URL("../../../schema/supergraph/", import.meta.url), "api.graphql");
  const named = [...read(pages, "how-a-checkout-can-fail.md").matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)];
  expect(named.length).toBeGreaterThan(10);
  const known = `${api} UNAUTHENTICATED RATE_LIMITED SERVICE_UNAVAILABLE INTERNAL_SERVER_ERROR`;
  expect(named.flatMap(([, name = ""]) => (known.includes(name) ? [] : [name]))).toEqual([]);
});
