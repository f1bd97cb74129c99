import { readFile, writeFile } from "node:fs/promises";
import { catalogueFile, withCatalogue } from "./event-catalogue.ts";

await writeFile(catalogueFile, withCatalogue(await readFile(catalogueFile, "utf8")));
console.log("wrote the catalogue of events in schema/events/README.md");
