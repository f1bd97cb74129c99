import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this checkout. */
export const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** Where `npm start` keeps a shop by default. */
export const defaultDataFolder = path.join(repository, ".data", "shop");

/** Fetched programs and compiled code, which shops and tests share; all of it can be made again. */
export const cacheFolder = path.join(repository, ".data", "cache");

/** Node keeps compiled code here: later starts are quicker, and need no TypeScript stripper in memory. */
export const compileCache = path.join(cacheFolder, "compiled");
