import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The explorer's scripts and styles, from the packages installed beside the gateway. */
export async function explorerAsset(name: string): Promise<{ type: string; body: Buffer } | undefined> {
  const place = places[name];
  if (!place) return undefined;
  const [packageName, path] = place;
  const folder = dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  const type = name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
  return { type, body: await readFile(join(folder, path)) };
}

const places: Record<string, [packageName: string, path: string]> = {
  "react.production.min.js": ["react", "umd/react.production.min.js"],
  "react-dom.production.min.js": ["react-dom", "umd/react-dom.production.min.js"],
  "graphiql.min.js": ["graphiql", "graphiql.min.js"],
  "graphiql.min.css": ["graphiql", "graphiql.min.css"],
  "graphql-ws.min.js": ["graphql-ws", "umd/graphql-ws.min.js"],
};
