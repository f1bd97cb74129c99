import { readFileSync, statSync } from "node:fs";
import type { Language } from "./language.ts";
import { noSynonyms, readSynonyms, type Synonyms } from "./synonyms.ts";

const checkEveryMs = 5_000;

/** The file of synonyms that staff edit while the shop runs; by default the checked-in one. */
export class SynonymFile {
  synonyms: Synonyms = noSynonyms;
  private readonly file: string | URL;
  private readonly languages: readonly Language[];
  private changedAt = 0;
  private checkedAt = 0;

  constructor(file: string | undefined, languages: readonly Language[]) {
    this.file = file ?? new URL("synonyms.txt", import.meta.url);
    this.languages = languages;
    this.reload();
  }

  /** Checks the file's time at most every 5 seconds; true if it was reloaded. */
  reload(): boolean {
    if (Date.now() - this.checkedAt < checkEveryMs) return false;
    this.checkedAt = Date.now();
    const changedAt = statSync(this.file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changedAt === this.changedAt) return false;
    this.synonyms = readSynonyms(changedAt === 0 ? "" : readFileSync(this.file, "utf8"), this.languages);
    this.changedAt = changedAt;
    return true;
  }
}
