import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { topologyTable } from "./topology-table.ts";
import { subgraphNames, topology, usesStore, type SubgraphName } from "./topology.ts";

const repository = new URL("../../../", import.meta.url);

/** The names of requests, `<callee>.<operation>`, as the contract has them. */
const contract = [
  ...readFileSync(new URL("schema/events/src/request-contracts.ts", repository), "utf8").matchAll(
    /^ {2}"(\w+\.\w+)": \{/gm,
  ),
].map(([, name = ""]) => name);

const calleeOf = (request: string): string => request.slice(0, request.indexOf("."));

/** The requests that a service's code names: its own to answer them, others' to send them. */
function requestsIn(name: SubgraphName): string[] {
  const folder = new URL(`subgraphs/${name}/src/`, repository);
  const code = globSync("**/*.ts", { cwd: folder, exclude: ["**/*.test.ts"] })
    .map((file) => readFileSync(new URL(file, folder), "utf8"))
    .join("\n")
    .replaceAll(/\/\*[^]*?\*\/|(?<!:)\/\/.*/g, "");
  return contract.filter((request) => code.includes(`"${request}"`));
}

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

test("a service may send requests to those services whose requests its code names, and to no others", () => {
  for (const name of subgraphNames) {
    const callees = requestsIn(name)
      .map(calleeOf)
      .filter((callee) => callee !== name);
    expect({ name, calls: [...new Set(callees)].toSorted() }).toEqual({
      name,
      calls: [...topology[name].calls].toSorted(),
    });
  }
});

test("each request of the contract is answered by the service that it is named after", () => {
  const answered = subgraphNames.flatMap((name) => requestsIn(name).filter((one) => calleeOf(one) === name));
  expect(answered.toSorted()).toEqual(contract.toSorted());
});

test("no chain of requests comes back to a service", () => {
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
