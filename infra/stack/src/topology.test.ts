import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { topologyTable } from "./topology-table.ts";
import { subgraphNames, topology, usesStore, type SubgraphName } from "./topology.ts";

const repository = new URL("../../../", import.meta.url);

test("the topology names every subgraph there is", () => {
  const entries = readdirSync(new URL("subgraphs/", repository), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect([...subgraphNames].toSorted()).toEqual(folders.toSorted());
});

test("a service has a Postgres exactly when it has migrations", () => {
  const migrating = subgraphNames.filter((name) =>
    existsSync(new URL(`subgraphs/${name}/migrations/`, repository)),
  );
  expect(subgraphNames.filter((name) => usesStore(name, "postgres"))).toEqual(migrating);
});

test("a service asks only services that are there, and nobody asks back along a chain for ever", () => {
  const visit = (name: SubgraphName, asked: SubgraphName[]): void => {
    expect(asked).not.toContain(name);
    for (const callee of topology[name].calls) visit(callee, [...asked, name]);
  };
  for (const name of subgraphNames) visit(name, []);
});

test("the README's table of services is the topology", () => {
  const readme = readFileSync(new URL("README.md", repository), "utf8");
  expect(readme).toContain(topologyTable());
});
