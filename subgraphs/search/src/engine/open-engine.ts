import { existsSync } from "node:fs";
import type { Logger } from "@shop/service";
import { isCurrency } from "@shop/values";
import { z } from "zod";
import { readLanguages } from "../text/language.ts";
import { openElasticEngine } from "./elasticsearch/elastic-engine.ts";
import { openEmbeddedEngine } from "./embedded/embedded-engine.ts";
import type { SearchEngine } from "./engine.ts";

/** The settings of the subgraph. */
export const engineSettings = {
  DATA_FOLDER: z.string().optional(),
  ELASTICSEARCH_URL: z.url().optional(),
  ELASTICSEARCH_PREFIX: z.string().default("shop"),
  LANGUAGES: z.string().default("en,de,fr,es").transform(readLanguages),
  SYNONYMS_FILE: z.string().refine(existsSync, "expected a file that is there").optional(),
  SHOP_CURRENCY: z.string().refine(isCurrency, "expected an ISO 4217 code").default("USD"),
};

export type EngineSettings = z.infer<z.ZodObject<typeof engineSettings>>;

/** Opens Elasticsearch if `ELASTICSEARCH_URL` is set, else the embedded engine. */
export async function openEngine(
  settings: EngineSettings,
  log: Pick<Logger, "error">,
): Promise<SearchEngine> {
  const { LANGUAGES: languages, SYNONYMS_FILE: synonymsFile, SHOP_CURRENCY: shopCurrency } = settings;
  const { ELASTICSEARCH_URL: url, ELASTICSEARCH_PREFIX: prefix, DATA_FOLDER: folder } = settings;
  if (url) return openElasticEngine({ url, prefix, languages, shopCurrency, synonymsFile });
  if (!folder) throw new Error("search needs SEARCH_DATA_FOLDER for its index, or ELASTICSEARCH_URL");
  const onError = (error: Error) => log.error({ err: error }, "the index's thread died; it is started again");
  return openEmbeddedEngine({ folder, languages, synonymsFile, onError });
}
