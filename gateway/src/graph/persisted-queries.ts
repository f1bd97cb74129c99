import { LRUCache } from "lru-cache";

/** Texts that clients registered by their hash (automatic persisted queries), in bytes. */
const maxBytes = 8 * 2 ** 20;
const entryBytes = 500;

/** Apollo Server's own cache counts characters alone: millions of tiny texts would fit in. */
export function persistedQueries() {
  const texts = new LRUCache<string, string>({
    maxSize: maxBytes,
    sizeCalculation: (text) => 2 * text.length + entryBytes,
  });
  return {
    get: async (key: string) => texts.get(key),
    set: async (key: string, text: string) => void texts.set(key, text),
    delete: async (key: string) => texts.delete(key),
  };
}
