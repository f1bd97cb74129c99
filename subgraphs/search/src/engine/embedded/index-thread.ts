import { Worker } from "node:worker_threads";
import { unavailable } from "@shop/service";
import { answerTimeoutMs } from "../answer-timeout.ts";
import { StorageError } from "./storage-errors.ts";
import type { WorkerAnswer, WorkerCall, WorkerMethods, WorkerSettings } from "./worker.ts";

type Waiting = { resolve: (json: string) => void; reject: (error: Error) => void };
type Call = Omit<WorkerCall, "id">;
type Question = Waiting & { call: Call; until: number };

/** The calls of shoppers. The others are the shop's own work, of which there is never much at once. */
const questions = new Set<keyof WorkerMethods>(["search", "suggest", "kindsOf"]);
/** Bound of the queue: beyond it a search is refused, since it would time out in any case. */
const maxQueued = 500;
/** Searches at the thread at a time: enough that it never idles, few enough that a write waits for no more. */
const maxInFlight = 32;

/**
 * A worker thread that owns one index file. When the thread dies, its calls fail and it is started again. Searches queue
 * here, and those that have timed out are skipped; all other calls go to the thread at once.
 */
export class IndexThread implements AsyncDisposable {
  private readonly settings: WorkerSettings;
  private readonly onExit: (error: Error) => void;
  private readonly onSynonymsChanged: () => void;
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private queue: Question[] = [];
  private readonly inFlight = new Set<number>();
  private lastId = 0;
  private isClosed = false;

  constructor(settings: WorkerSettings, onExit: (error: Error) => void, onSynonymsChanged: () => void) {
    this.settings = settings;
    this.onExit = onExit;
    this.onSynonymsChanged = onSynonymsChanged;
  }

  get path(): string {
    return this.settings.path;
  }

  /** Calls a method on the thread. */
  async call<Method extends keyof WorkerMethods>(
    method: Method,
    ...args: Parameters<WorkerMethods[Method]>
  ): Promise<Awaited<ReturnType<WorkerMethods[Method]>>> {
    const json = await new Promise<string>((resolve, reject) => {
      const call = { method, args };
      if (!questions.has(method)) this.post(call, { resolve, reject });
      else if (this.queue.length >= maxQueued) reject(unavailable("Too many searches are waiting."));
      else {
        this.queue.push({ call, until: Date.now() + answerTimeoutMs, resolve, reject });
        this.postQuestions();
      }
    });
    return JSON.parse(json) as Awaited<ReturnType<WorkerMethods[Method]>>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    const { worker } = this;
    if (!worker) return;
    const exited = new Promise((resolve) => worker.once("exit", resolve));
    await this.call("close").catch(() => undefined);
    await exited;
  }

  private post(call: Call, waiting: Waiting): number {
    const id = ++this.lastId;
    this.waiting.set(id, waiting);
    this.running().postMessage({ id, ...call } satisfies WorkerCall);
    return id;
  }

  private postQuestions(): void {
    while (this.inFlight.size < maxInFlight) {
      const next = this.queue.shift();
      if (!next) return;
      if (Date.now() < next.until) this.inFlight.add(this.post(next.call, next));
      else next.reject(unavailable("Search was too busy to answer in time."));
    }
  }

  private running(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: this.settings,
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    worker.on("message", (answer: WorkerAnswer) => this.settle(answer));
    worker.on("error", (error: Error) =>
      this.fail(worker, new StorageError(error.message, { cause: error })),
    );
    worker.on("exit", (code) =>
      this.fail(worker, new StorageError(`the search index's thread ended with code ${code}`)),
    );
    this.worker = worker;
    return worker;
  }

  private settle(answer: WorkerAnswer): void {
    if ("haveSynonymsChanged" in answer) {
      this.onSynonymsChanged();
      return;
    }
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (this.inFlight.delete(answer.id)) this.postQuestions();
    if ("json" in answer) waiting?.resolve(answer.json);
    else waiting?.reject(answer.isAboutFile ? new StorageError(answer.error) : new Error(answer.error));
  }

  private fail(worker: Worker, error: Error): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    if (!this.isClosed) this.onExit(error);
    for (const { reject } of [...this.waiting.values(), ...this.queue]) reject(error);
    this.waiting.clear();
    this.inFlight.clear();
    this.queue = [];
  }
}
