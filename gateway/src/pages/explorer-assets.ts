import { readFile } from "node:fs/promises";

/** The explorer's scripts and styles, from the packages installed beside the gateway. */
export async function explorerAsset(name: string): Promise<{ type: string; body: Buffer } | undefined> {
  const place = places.get(name);
  if (!place) return undefined;
  const type = name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
  return { type, body: await readFile(place) };
}

// Resolved by package.json, since not every package exports its browser files.
const react = import.meta.resolve("react/package.json");
const reactDom = import.meta.resolve("react-dom/package.json");
const graphiql = import.meta.resolve("graphiql/package.json");
const graphqlWs = import.meta.resolve("graphql-ws/package.json");

const places = new Map<string, URL>([
  ["react.production.min.js", new URL("umd/react.production.min.js", react)],
  ["react-dom.production.min.js", new URL("umd/react-dom.production.min.js", reactDom)],
  ["graphiql.min.js", new URL("graphiql.min.js", graphiql)],
  ["graphiql.min.css", new URL("graphiql.min.css", graphiql)],
  ["graphql-ws.min.js", new URL("umd/graphql-ws.min.js", graphqlWs)],
]);
