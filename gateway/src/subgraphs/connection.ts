import { Pool, type Dispatcher } from "undici";

/** One POST on its way to a subgraph. */
export interface Exchange {
  answer: Promise<unknown>;
  cancel(): void;
}

/** The pool of sockets to one subgraph; undici's dispatch costs half as much as its request(). */
export class SubgraphConnection {
  readonly origin: string;
  readonly graphqlPath: string;
  readonly #pool: Pool;

  constructor(url: string) {
    const { origin, pathname } = new URL(url);
    this.origin = origin;
    this.graphqlPath = pathname === "/" ? "/graphql" : pathname;
    this.#pool = new Pool(origin, { connections: 64, connect: { timeout: 2_000 }, keepAliveTimeout: 4_000 });
  }

  get socketUrl(): string {
    return `${this.origin.replace(/^http/, "ws")}${this.graphqlPath}`;
  }

  /** Rejects when the whole answer isn't there in time; the wait for a free socket counts. */
  post(body: string, identity: string, timeoutMs: number): Exchange {
    let abort: ((reason: Error) => void) | undefined;
    let stopped: Error | undefined;
    let timer: NodeJS.Timeout | undefined;
    const stop = (reason: Error) => {
      stopped = reason;
      clearTimeout(timer);
      abort?.(reason);
    };
    const answer = new Promise<unknown>((resolve, reject) => {
      let status = 0;
      timer = setTimeout(() => {
        const reason = new TimedOut(`no answer within ${timeoutMs} ms`);
        stop(reason);
        reject(reason);
      }, timeoutMs);
      const chunks: Buffer[] = [];
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart(controller) {
          if (stopped) controller.abort(stopped);
          else abort = (reason) => controller.abort(reason);
        },
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          clearTimeout(timer);
          try {
            resolve(JSON.parse(textOf(chunks)));
          } catch (cause) {
            reject(new Error(`Answered ${status} with something that is not JSON`, { cause }));
          }
        },
        onResponseError(_controller, error) {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#pool.dispatch(
        {
          method: "POST",
          path: this.graphqlPath,
          headers: [
            "content-type",
            "application/json",
            "accept",
            "application/json",
            "x-shop-identity",
            identity,
          ],
          body,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        handler,
      );
    });
    return { answer, cancel: () => stop(new Cancelled()) };
  }

  /** Sends what is no GraphQL: a probe, or a webhook's unchanged body. */
  async relay(method: "GET" | "POST", path: string, request: RelayRequest): Promise<RelayAnswer> {
    const { timeoutMs, headers, body } = request;
    const answer = await this.#pool.request({
      method,
      path,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      headers: headers ?? {},
      body: body ?? null,
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: Buffer.from(await answer.body.arrayBuffer()),
    };
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

export interface RelayRequest {
  timeoutMs: number;
  headers?: Record<string, string>;
  body?: Buffer;
}

export interface RelayAnswer {
  status: number;
  headers: Dispatcher.ResponseData["headers"];
  body: Buffer;
}

export class Cancelled extends Error {
  override name = "Cancelled";
}

class TimedOut extends Error {
  override name = "TimedOut";
}

/** Whether a socket broke under a request: a read is then sent once more. */
export function isBrokenSocket(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}

function textOf(chunks: Buffer[]): string {
  const [first] = chunks;
  return chunks.length === 1 && first ? first.toString("utf8") : Buffer.concat(chunks).toString("utf8");
}
