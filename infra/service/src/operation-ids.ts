import { validateMessage, type SubscribePayload } from "graphql-ws";

type Handle = (data: string) => Promise<void>;

/** A subscribe message. Who begins its operation takes the payload out of it, so that it isn't kept while that runs. */
export type Asked = { readonly id: string; payload: SubscribePayload | undefined };

/** Thrown for what a client must not send: its socket is closed with 4400 and the message. */
export class BadMessage extends Error {
  override name = "BadMessage";
}

/** Operations of one socket that may wait for an earlier one of the same id, and how long their messages may be in all. */
const maxQueued = 100;
const maxQueuedLength = 512 * 1024;
/** Clients count, or make up UUIDs; an id stays in memory for as long as its operation runs. */
const longestId = 200;

/**
 * Hands on the messages of one socket so that an operation whose id was used before begins only once the earlier one has
 * ended. `handle` of graphql-ws settles for a subscribe message when its operation is over. graphql-ws knows operations by
 * their id alone: a second one with the id of one that is completed and still being prepared would take its entry, and the
 * first would then run for ever.
 *
 * An id that is used again without having been completed is handed on at once: graphql-ws refuses that. `begin` is given
 * subscribe messages, and `handle` all others, those among them that graphql-ws refuses. Rejects with BadMessage for an id
 * of more than 200 characters, and for a message that would have 101 operations or more than 512 KB wait.
 */
export function inOrderOfIds(handle: Handle, begin: (asked: Asked) => Promise<void>): Handle {
  const running = new Map<string, Operation>();
  let queued = 0;
  let queuedLength = 0;

  return (data) => {
    const message = messageIn(data);
    if (message?.type === "complete") return complete(message.id, data);
    if (message?.type === "subscribe") {
      const { id, payload } = message;
      return subscribe({ id, payload: knownParts(payload) }, data.length);
    }
    return handle(data);
  };

  async function subscribe(asked: Asked, length: number): Promise<void> {
    const { id } = asked;
    if (id.length > longestId) throw new BadMessage(`An id may have ${longestId} characters`);
    const earlier = running.get(id);
    if (earlier && !earlier.isCompleted) return begin(asked);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const operation: Operation = { isCompleted: false, hasBegun: !earlier, ended };
    running.set(id, operation);
    try {
      if (earlier) await turn(earlier, length);
      // Completed before it has begun: nothing is begun.
      if (operation.isCompleted && !operation.hasBegun) return;
      operation.hasBegun = true;
      await begin(asked);
    } finally {
      if (running.get(id) === operation) running.delete(id);
      end();
    }
  }

  async function turn(earlier: Operation, length: number): Promise<void> {
    if (queued >= maxQueued) throw new BadMessage(`${maxQueued} operations wait already`);
    if (queuedLength + length > maxQueuedLength) throw new BadMessage("Too large operations wait already");
    queued++;
    queuedLength += length;
    await earlier.ended;
    queued--;
    queuedLength -= length;
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

/** A client may write anything else into a payload as well, which is kept by nobody. */
function knownParts({ query, operationName, variables, extensions }: SubscribePayload): SubscribePayload {
  return {
    query,
    ...(operationName && { operationName }),
    ...(variables && { variables }),
    ...(extensions && { extensions }),
  };
}

/** Undefined for what graphql-ws itself refuses. */
function messageIn(data: string) {
  try {
    return validateMessage(JSON.parse(data));
  } catch {
    return undefined;
  }
}
