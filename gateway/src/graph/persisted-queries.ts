import { LRUCache } from "lru-cache";

const maxBytes = 8 * 2 ** 20;
const entryBytes = 500;

/**
 * The texts that clients registered by their hash (automatic persisted queries). Apollo Server's own cache counts characters
 * alone: millions of tiny texts would fit into it.
 */
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
