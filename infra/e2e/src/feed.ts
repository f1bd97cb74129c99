import type { Client } from "graphql-ws";
import type { Answer, Untyped } from "./answer.ts";

/** What a subscription pushes. */
export type Feed<Data = Untyped> = {
  /** All pushes so far. */
  pushes: Answer<Data>[];
  /** Waits for a push for which `isIt` holds. Fails when none comes for 30 s, and at once when the subscription has ended. */
  until(isIt: (push: Answer<Data>) => boolean): Promise<Answer<Data>>;
  /** Whether the shop has ended it. */
  isOver: () => boolean;
  failure: () => unknown;
  stop(): void;
};

const maxSilenceMs = 30_000;

/** Subscribes over this client. */
export function openFeed<Data>(client: Client, query: string, variables: object): Feed<Data> {
  const pushes: Answer<Data>[] = [];
  const waiting = new Set<() => void>();
  let failure: unknown;
  let isOver = false;
  const wake = () => {
    for (const check of waiting) check();
  };
  const stop = client.subscribe(
    { query, variables: variables as Record<string, unknown> },
    {
      next(push) {
        pushes.push(push as unknown as Answer<Data>);
        wake();
      },
      error(error) {
        failure = error;
        isOver = true;
        wake();
      },
      complete() {
        isOver = true;
        wake();
      },
    },
  );
  return {
    pushes,
    stop,
    failure: () => failure,
    isOver: () => isOver,
    until: (isIt) =>
      new Promise((resolve, reject) => {
        const giveUp = () => finish(new Error(`no such push; so far: ${JSON.stringify(pushes)}`));
        let timer = setTimeout(giveUp, maxSilenceMs);
        const finish = (result: Answer<Data> | Error) => {
          clearTimeout(timer);
          waiting.delete(check);
          if (result instanceof Error) reject(result);
          else resolve(result);
        };
        const check = () => {
          clearTimeout(timer);
          timer = setTimeout(giveUp, maxSilenceMs);
          const found = pushes.find(isIt);
          if (found) finish(found);
          else if (failure) finish(new Error("the subscription failed", { cause: failure }));
          else if (isOver || pushes.some(({ data, errors }) => errors && !data))
            finish(new Error(`the subscription ended; so far: ${JSON.stringify(pushes)}`));
        };
        waiting.add(check);
        check();
      }),
  };
}
