import { foldedText } from "@shop/values";
import type { Category } from "./product.ts";
import { slugOf } from "./slug.ts";

/** The key of a path of category names. */
export const pathKey = (names: readonly string[]): string => JSON.stringify(names);

/**
 * Finds or adds the category at the end of each path of names. Names are unique among siblings whatever their case, as they
 * were first written; slugs are unique in the whole tree.
 */
export function addCategories(
  tree: readonly Category[],
  paths: Iterable<readonly string[]>,
  newId: (prefix: string) => string,
): { found: Map<string, Category>; added: Category[] } {
  const siblingKey = (parentId: string | null, name: string) => JSON.stringify([parentId, foldedText(name)]);
  const known = new Map<string, Category>();
  // Older trees may have two: the first is taken.
  for (const it of tree) {
    const key = siblingKey(it.parentId, it.name);
    if (!known.has(key)) known.set(key, it);
  }
  const slugs = new Set(tree.map((it) => it.slug));
  const found = new Map<string, Category>();
  const added: Category[] = [];

  const add = (name: string, parent: Category | undefined): Category => {
    const id = newId("cat");
    const candidates = [slugOf(name), ...(parent ? [slugOf(parent.slug, name)] : [])];
    const slug = candidates.find((it) => !slugs.has(it)) ?? slugOf(name, id);
    const category = { id, slug, name, parentId: parent?.id ?? null, path: [...(parent?.path ?? []), id] };
    slugs.add(slug);
    added.push(category);
    return category;
  };

  for (const names of paths) {
    let at: Category | undefined;
    for (const name of names) {
      const key = siblingKey(at?.id ?? null, name);
      const next: Category = known.get(key) ?? add(name, at);
      known.set(key, next);
      at = next;
    }
    if (at) found.set(pathKey(names), at);
  }
  return { found, added };
}
