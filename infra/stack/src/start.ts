import { enableCompileCache } from "node:module";
import { restrictNewFiles } from "./launcher/restrict-permissions.ts";
import { compileCache } from "./repository.ts";

restrictNewFiles();
// Before anything else is loaded: from the second start on the launcher needs a third less memory.
enableCompileCache(compileCache);
const { runLauncher } = await import("./launcher/run-launcher.ts");
await runLauncher(process.argv.slice(2), process.env);
