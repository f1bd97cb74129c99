type Handle = (data: string) => Promise<void>;

/** Operations of one socket that may wait for an earlier one of the same id. */
const maxQueued = 100;

/**
 * Hands on the messages of one socket so that an operation whose id was used before begins only once the earlier one has
 * ended. `handle` of graphql-ws settles for a subscribe message when its operation is over. graphql-ws knows operations by
 * their id alone: a second one with the id of one that is completed and still being prepared would take its entry, and the
 * first would then run for ever.
 *
 * An id that is used again without having been completed is handed on at once: graphql-ws refuses that. Rejects for a
 * message that would have 101 operations wait.
 */
export function inOrderOfIds(handle: Handle): Handle {
  const running = new Map<string, Operation>();
  let queued = 0;

  return async (data) => {
    const message = typeAndId(data);
    if (message?.type === "complete") return complete(message.id, data);
    if (message?.type === "subscribe") return subscribe(message.id, data);
    return handle(data);
  };

  async function subscribe(id: string, data: string): Promise<void> {
    const earlier = running.get(id);
    if (earlier && !earlier.isCompleted) return handle(data);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const operation: Operation = { isCompleted: false, hasBegun: !earlier, ended };
    running.set(id, operation);
    try {
      if (earlier) await turn(earlier);
      // Completed before it has begun: nothing is begun.
      if (operation.isCompleted && !operation.hasBegun) return;
      operation.hasBegun = true;
      await handle(data);
    } finally {
      if (running.get(id) === operation) running.delete(id);
      end();
    }
  }

  async function turn(earlier: Operation): Promise<void> {
    if (queued >= maxQueued) throw new Error(`${maxQueued} operations wait already`);
    queued++;
    await earlier.ended;
    queued--;
  }

  async function complete(id: string, data: string): Promise<void> {
    const operation = running.get(id);
    if (operation) operation.isCompleted = true;
    if (!operation || operation.hasBegun) await handle(data);
  }
}

interface Operation {
  isCompleted: boolean;
  hasBegun: boolean;
  ended: Promise<void>;
}

/** Undefined for every other message, and for what graphql-ws itself refuses (no JSON, no id). */
function typeAndId(data: string): { type: string; id: string } | undefined {
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== "object" || message === null || !("type" in message) || !("id" in message))
      return undefined;
    const { type, id } = message;
    return typeof type === "string" && typeof id === "string" ? { type, id } : undefined;
  } catch {
    return undefined;
  }
}
