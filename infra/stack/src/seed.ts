import { z } from "zod";

// node seed.ts <graph's URL> <products>: loads the demo data over the public API and says how far it is, line by line.

const [url, products] = z.tuple([z.url(), z.coerce.number().int().min(0)]).parse(process.argv.slice(2));
const { seedDemo } = await import("./demo/seed-demo.ts");
await seedDemo({ url, products, log: (line) => console.log(line) });
