import { AsyncQueue } from "@shop/service";
import type { Feed } from "../store/read-feeds.ts";

/** A subscriber's queue of the updates of a feed, without doubles. */
export class Follower<T> extends AsyncQueue<T> {
  readonly feed: Feed;
  /** The counter of the last value given. */
  after: number;
  readonly #leave: () => void;

  constructor(feed: Feed, after: number, leave: () => void) {
    super();
    this.feed = feed;
    this.after = after;
    this.#leave = leave;
  }

  /** Adds the feed's next value; drops a value at or before the cursor. */
  give(counter: number, value: T): void {
    if (counter <= this.after) return;
    this.after = counter;
    this.push(value);
  }

  override return() {
    this.#leave();
    return super.return();
  }
}
