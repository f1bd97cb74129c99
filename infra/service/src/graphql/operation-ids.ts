import { CloseCode, MessageType, validateMessage, type SubscribePayload } from "graphql-ws";

type Handle = (data: string) => Promise<void>;

/** A subscribe message. The payload is taken out of it when its operation begins, so that it isn't kept while that runs. */
export type Asked = { readonly id: string; payload: SubscribePayload | undefined };

/** Thrown for a message that a client must not send, or not now; its socket is closed with the code (4400 by default) and the text. */
export class BadMessage extends Error {
  override name = "BadMessage";
  readonly code: number;

  constructor(message: string, code: number = CloseCode.BadRequest) {
    super(message);
    this.code = code;
  }
}

const tryAgainLater = 1013;
const ofServers: ReadonlySet<string> = new Set([
  MessageType.ConnectionAck,
  MessageType.Next,
  MessageType.Error,
]);
/** Operations of one socket that may wait for an earlier one of the same id, and how long their messages may be in all. */
const maxQueued = 100;
const maxQueuedLength = 512 * 1024;
/** Clients count, or make up UUIDs; an id stays in memory for as long as its operation runs. */
const longestId = 200;

/**
 * Hands on the messages of one socket so that an operation whose id was used before begins only once the earlier one has
 * ended. `handle` of graphql-ws settles for a subscribe message when its operation is over. graphql-ws knows operations by
 * their id alone: a second one with the id of one that is completed and still being prepared would take its entry, and the
 * first would then run for ever. One that is completed while it waits is dropped, so that an id has one that waits at most.
 *
 * An id that is used again without having been completed is handed on at once: graphql-ws refuses that. `begin` is given
 * subscribe messages, and `handle` all others, those among them that graphql-ws refuses. Rejects with BadMessage for an id
 * of more than 200 characters, for an id of which one waits already, for a message that would have 101 operations or
 * more than 512 KB wait, and for one that only a server may send.
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
    // graphql-ws throws on what only a server may send, as on a fault.
    if (message && ofServers.has(message.type))
      return Promise.reject(new BadMessage(`Only a server sends messages of type ${message.type}`));
    return handle(data);
  };

  async function subscribe(asked: Asked, length: number): Promise<void> {
    const { id } = asked;
    if (id.length > longestId) throw new BadMessage(`An id may have ${longestId} characters`);
    const earlier = running.get(id);
    if (!earlier) return run(asked);
    if (!earlier.isCompleted) return begin(asked);
    if (earlier.next)
      throw new BadMessage(`Subscriber for ${id} already exists`, CloseCode.SubscriberAlreadyExists);
    if (queued >= maxQueued)
      throw new BadMessage(`RATE_LIMITED: ${maxQueued} operations wait for their ids`, tryAgainLater);
    if (queuedLength + length > maxQueuedLength)
      throw new BadMessage("RATE_LIMITED: too large operations wait for their ids", tryAgainLater);
    queued++;
    queuedLength += length;
    earlier.next = { asked, length };
  }

  /** Runs an operation, and then those of its id that have come meanwhile. */
  async function run(first: Asked): Promise<void> {
    for (let asked: Asked | undefined = first; asked;) {
      const operation: Operation = { isCompleted: false, next: undefined };
      running.set(asked.id, operation);
      try {
        await begin(asked);
      } finally {
        running.delete(asked.id);
      }
      asked = takeNext(operation);
    }
  }

  async function complete(id: string, data: string): Promise<void> {
    const operation = running.get(id);
    if (operation && takeNext(operation)) return;
    if (operation) operation.isCompleted = true;
    await handle(data);
  }

  function takeNext(operation: Operation): Asked | undefined {
    const { next } = operation;
    if (!next) return undefined;
    operation.next = undefined;
    queued--;
    queuedLength -= next.length;
    return next.asked;
  }
}

interface Operation {
  isCompleted: boolean;
  /** The operation that waits for the end of this one. */
  next: { asked: Asked; length: number } | undefined;
}

/** A client may write anything else into a payload as well, which is not kept. */
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
