import type { Tx } from "@shop/service";
import { respell, spellingsOf, type Spelling } from "../domain/spelling.ts";
import type { ProductContent } from "../domain/product.ts";

/**
 * The contents in the shop's spelling, under the lock of names: a brand, an attribute's name or value is spelled as it was first
 * written, so that "shoes" and "SHOES " are no two facets. New names are kept.
 */
export async function respellAll(tx: Tx, contents: readonly ProductContent[]): Promise<ProductContent[]> {
  const written = spellingsOf(contents);
  if (written.length === 0) return [...contents];
  const known = await tx.sql<Spelling[]>`
    with given as (
      select * from jsonb_to_recordset(${tx.sql.json(written)}) as r (kind text, key text, text text)
    ), added as (
      insert into spellings (kind, key, text) select kind, key, text from given
      on conflict do nothing
    )
    select s.kind, s.key, s.text from spellings s join given on s.kind = given.kind and s.key = given.key
    where s.text <> given.text`;
  return contents.map((content) => respell(content, [...written, ...known]));
}
