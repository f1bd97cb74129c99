import { z } from "zod";

// SHOP_STAFF={"email":…,"password":…} node seed.ts <graph's URL> <products>: loads the demo data over the public API and says how far it is, line by line.

const [url, products] = z.tuple([z.url(), z.coerce.number().int().min(0)]).parse(process.argv.slice(2));
const staff = z
  .object({ email: z.string(), password: z.string() })
  .parse(JSON.parse(process.env["SHOP_STAFF"] ?? "null"));
const { seedDemo } = await import("./demo/seed-demo.ts");
await seedDemo({ url, products, staff, log: (line) => console.log(line) });
