import { mkdir, readFile, writeFile } from "node:fs/promises";
import { generate } from "./generate.ts";
import { inRepository } from "./read-subgraphs.ts";

try {
  for (const [path, text] of await generate()) {
    const file = inRepository(path);
    if ((await readFile(file, "utf8").catch(() => undefined)) === text) continue;
    await mkdir(new URL(".", file), { recursive: true });
    await writeFile(file, text);
    console.log(`wrote ${path}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
