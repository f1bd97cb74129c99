import type { Client } from "graphql-ws";

/** A client whose subscriptions go on after the last cursor that they saw. Their operations take `$after` and select `cursor`. */
export function resuming(client: Client): Client {
  return {
    ...client,
    subscribe(payload, sink) {
      // graphql-ws sends this object again over each new socket, with the variables of that moment.
      const resumed = { ...payload };
      let stop = () => {};
      const begin = () => {
        stop = client.subscribe(resumed, {
          next(result) {
            const [update] = Object.values(result.data ?? {}) as { cursor?: string }[];
            if (update?.cursor) resumed.variables = { ...resumed.variables, after: update.cursor };
            sink.next(result as never);
          },
          // The shop ends a subscription that it can't go on with unseen; the client can.
          error: (reason) => (isInterruption(reason) ? begin() : sink.error(reason)),
          complete: () => sink.complete(),
        });
      };
      begin();
      return () => stop();
    },
  };
}

function isInterruption(reason: unknown): boolean {
  const [first] = Array.isArray(reason) ? (reason as { extensions?: { code?: string } }[]) : [];
  return first?.extensions?.code === "SUBSCRIPTION_INTERRUPTED";
}
