import { Follower } from "./follower.ts";
import { feedKey, type Feed } from "../store/read-feeds.ts";

/** A follower this far behind in taking what it was given is left alone until it has. */
const mostWaiting = 500;

/** All followers, found by their feed: an announcement concerns a few of thousands. */
export class Followers<T> {
  readonly #byFeed = new Map<string, Set<Follower<T>>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(feed: Feed, after: number): Follower<T> {
    const key = feedKey(feed);
    const follower: Follower<T> = new Follower<T>(feed, after, () => this.#remove(key, follower));
    const others = this.#byFeed.get(key);
    if (others) others.add(follower);
    else this.#byFeed.set(key, new Set([follower]));
    this.#size++;
    return follower;
  }

  has(key: string): boolean {
    return this.#byFeed.has(key);
  }

  /** What to read for these feeds, for all feeds if none are named: each once, from the least of its followers' cursors. */
  toRead(keys: Iterable<string> = this.#byFeed.keys()): { feed: Feed; after: number }[] {
    const asked: { feed: Feed; after: number }[] = [];
    for (const key of keys) {
      let least: Follower<T> | undefined;
      for (const follower of this.#byFeed.get(key) ?? [])
        if (follower.waiting < mostWaiting && (!least || follower.after < least.after)) least = follower;
      if (least) asked.push({ feed: least.feed, after: least.after });
    }
    return asked;
  }

  /**
   * Gives a value to those who have had all before it: `readAfter` is the cursor that its feed was read from. A follower that
   * came meanwhile with an earlier cursor would else miss what lies between.
   */
  give(key: string, value: T, { counter, readAfter }: { counter: number; readAfter: number }): void {
    for (const follower of this.#byFeed.get(key) ?? [])
      if (follower.after >= readAfter) follower.give(counter, value);
  }

  async end(): Promise<void> {
    for (const group of [...this.#byFeed.values()])
      for (const follower of [...group]) await follower.return();
  }

  #remove(key: string, follower: Follower<T>): void {
    const group = this.#byFeed.get(key);
    if (!group?.delete(follower)) return;
    this.#size--;
    if (group.size === 0) this.#byFeed.delete(key);
  }
}
