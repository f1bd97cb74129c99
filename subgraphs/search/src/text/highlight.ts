import type { QueryPlan } from "./query-plan.ts";
import { stem } from "./stem.ts";
import { chunksOf, type Chunk } from "./tokenize.ts";
import type { Language } from "./language.ts";

/** The title as HTML text, with the words that match the query in <em>…</em>. */
export function highlight(
  title: string,
  plan: QueryPlan,
  languages: readonly Language[],
  chunks: readonly Chunk[] = chunksOf(title),
): string {
  const wanted = new Set(plan.groups.flatMap((group) => group.flatMap(({ terms }) => terms)));
  // Stemming keeps the first two letters, so most words are skipped without stemming them in each language.
  const beginnings = new Set([...wanted].map(beginningOf));
  let marked = "";
  let end = 0;
  for (const chunk of wanted.size > 0 ? chunks : []) {
    const words = chunk.joined ? [...chunk.parts, chunk.joined] : chunk.parts;
    const isWanted = words.some(
      (word) =>
        beginnings.has(beginningOf(word)) && languages.some((language) => wanted.has(stem(word, language))),
    );
    if (!isWanted) continue;
    marked += `${escaped(title.slice(end, chunk.start))}<em>${escaped(title.slice(chunk.start, chunk.end))}</em>`;
    end = chunk.end;
  }
  return marked + escaped(title.slice(end));
}

function beginningOf(word: string): string {
  return word.slice(0, 2);
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}
