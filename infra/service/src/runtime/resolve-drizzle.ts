import { registerHooks } from "node:module";

// For `node --import`, before services are loaded. Node 24 parses a package's whole package.json for each of its modules, to
// learn what kind they are; Drizzle's has 180 KB, so its 106 modules cost each process 0.4 s of CPU and 100 MB. Their kind is
// known here.
registerHooks({
  resolve(specifier, context, next) {
    const { parentURL } = context;
    const isDrizzles = specifier.startsWith(".") && parentURL?.includes("/node_modules/drizzle-orm/");
    if (!isDrizzles) return next(specifier, context);
    return { url: new URL(specifier, parentURL).href, format: "module", shortCircuit: true };
  },
});
