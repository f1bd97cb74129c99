import { fileURLToPath } from "node:url";

/** Node keeps here what it has compiled: later starts are quicker, and need no TypeScript stripper in memory. */
export const compileCache = fileURLToPath(new URL("../../../../.data/cache/compiled", import.meta.url));
