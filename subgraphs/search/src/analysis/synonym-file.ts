import { readFileSync, statSync } from "node:fs";
import type { Language } from "./language.ts";
import { readSynonyms, type Synonyms } from "./synonyms.ts";

const checkEveryMs = 5_000;

/** The file of synonyms that staff edit while the shop runs; the checked-in one unless told. */
export class SynonymFile {
  synonyms: Synonyms = new Map();
  private readonly file: string | URL;
  private readonly languages: readonly Language[];
  private changedAt = 0;
  private lookedAt = 0;

  constructor(file: string | undefined, languages: readonly Language[]) {
    this.file = file ?? new URL("synonyms.txt", import.meta.url);
    this.languages = languages;
    this.reload();
  }

  /** Every 5 seconds looks whether the file has changed, and says whether its synonyms are others now. */
  reload(): boolean {
    if (Date.now() - this.lookedAt < checkEveryMs) return false;
    this.lookedAt = Date.now();
    const changedAt = statSync(this.file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changedAt === this.changedAt) return false;
    this.synonyms = readSynonyms(changedAt === 0 ? "" : readFileSync(this.file, "utf8"), this.languages);
    this.changedAt = changedAt;
    return true;
  }
}
