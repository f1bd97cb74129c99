import { Follower } from "./follower.ts";
import { type Feed, type FeedCursor, feedKey } from "../store/read-feeds.ts";

/** A follower with this many values waiting gets no more until its subscriber has taken some. */
const maxWaiting = 500;

/** All followers by feed: a broadcast concerns a few of thousands. */
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

  /** Whether one of the feed's followers lacks its row of this counter, and has room for it. */
  isBehind(key: string, counter: number): boolean {
    for (const follower of this.#byFeed.get(key) ?? [])
      if (follower.after < counter && follower.waiting < maxWaiting) return true;
    return false;
  }

  /** The cursor to read each of these feeds from: the least of its followers' cursors. By default of all feeds. */
  toRead(keys: Iterable<string> = this.#byFeed.keys()): FeedCursor[] {
    const cursors: FeedCursor[] = [];
    for (const key of keys) {
      let least: Follower<T> | undefined;
      for (const follower of this.#byFeed.get(key) ?? [])
        if (follower.waiting < maxWaiting && (!least || follower.after < least.after)) least = follower;
      if (least) cursors.push({ feed: least.feed, after: least.after });
    }
    return cursors;
  }

  /**
   * Gives a value to the followers that have all values before it: `readAfter` is the cursor that its feed was read from. A
   * follower that was added meanwhile with an earlier cursor would otherwise miss the values between.
   */
  give(key: string, value: T, { counter, readAfter }: { counter: number; readAfter: number }): void {
    for (const follower of this.#byFeed.get(key) ?? [])
      if (follower.after >= readAfter && follower.waiting < maxWaiting) follower.give(counter, value);
  }

  /** Gives the row of this counter to the followers for which it is the next one. */
  giveNext(key: string, value: T, counter: number): void {
    for (const follower of this.#byFeed.get(key) ?? [])
      if (follower.after === counter - 1 && follower.waiting < maxWaiting) follower.give(counter, value);
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
