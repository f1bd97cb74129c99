import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import Negotiator from "negotiator";

/** Below it an answer fits into one packet anyway. */
const smallest = 1024;

type Encoding = "br" | "gzip";
const encodings: Encoding[] = ["br", "gzip"];

const compressors: Record<Encoding, (body: string | Buffer) => Promise<Buffer>> = {
  // Of brotli's levels 4 is the one that is as fast as gzip's usual, and smaller.
  br: (body) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (body) => promisify(gzip)(body),
};

export interface CompressOptions {
  /**
   * Whether the body has a credential. Compressed beside what somebody else can choose, its length would reveal it,
   * piece by piece (the attack BREACH), so it stays as it is.
   */
  hasSecret?: boolean;
  /** The name of a body that never changes: it is compressed once. */
  name?: string;
}

const kept = new Map<string, Promise<Buffer>>();

/**
 * The body as the client takes it: compressed by br or gzip where it has more than 1 kB. Sets the headers that say so;
 * `content-length` and the rest are the caller's.
 */
export async function compressed(
  request: IncomingMessage,
  response: ServerResponse,
  body: string | Buffer,
  { hasSecret = false, name }: CompressOptions = {},
): Promise<string | Buffer> {
  if (hasSecret || Buffer.byteLength(body) <= smallest) return body;
  response.setHeader("vary", "accept-encoding");
  const encoding = chosenEncoding(request);
  if (!encoding) return body;
  const key = name && `${encoding} ${name}`;
  const smaller = (key !== undefined && kept.get(key)) || compressors[encoding](body);
  if (key !== undefined) kept.set(key, smaller);
  response.setHeader("content-encoding", encoding);
  return smaller;
}

function chosenEncoding(request: IncomingMessage): Encoding | undefined {
  // A client that names none, such as a tool, takes the body as it is.
  if (!request.headers["accept-encoding"]) return undefined;
  const negotiator = new Negotiator(request) as unknown as NegotiatorOfToday;
  const [first] = negotiator.encodings([...encodings, "identity"], { preferred: encodings });
  return encodings.find((encoding) => encoding === first);
}

/** The types of negotiator are of an older release. */
interface NegotiatorOfToday {
  encodings(available: string[], options: { preferred: string[] }): string[];
}
