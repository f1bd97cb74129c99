import { Worker } from "node:worker_threads";
import { errorOf, StoreFailed } from "./store-failed.ts";
import type { WorkerAnswer, WorkerSettings, WorkerTask } from "./worker-protocol.ts";

type Waiting = { resolve: (json: string) => void; reject: (error: Error) => void };

/** A worker thread that owns one index file. A thread that dies fails what it was asked and is started again. */
export class IndexThread implements AsyncDisposable {
  private readonly settings: WorkerSettings;
  private readonly onDeath: (error: Error) => void;
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private isClosed = false;

  constructor(settings: WorkerSettings, onDeath: (error: Error) => void) {
    this.settings = settings;
    this.onDeath = onDeath;
  }

  get path(): string {
    return this.settings.path;
  }

  /** Asks the thread; the answer's form is the task's business. */
  async ask<T>(task: WorkerTask): Promise<T> {
    const json = await new Promise<string>((resolve, reject) => {
      const id = ++this.lastId;
      this.waiting.set(id, { resolve, reject });
      this.running().postMessage({ id, task });
    });
    return JSON.parse(json) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    const { worker } = this;
    if (!worker) return;
    const exited = new Promise((resolve) => worker.once("exit", resolve));
    await this.ask({ kind: "close" }).catch(() => undefined);
    await exited;
  }

  private running(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: this.settings,
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    worker.on("message", (answer: WorkerAnswer) => this.settle(answer));
    worker.on("error", (error: Error) => this.fail(worker, new StoreFailed(error.message, { cause: error })));
    worker.on("exit", (code) =>
      this.fail(worker, new StoreFailed(`the search index's thread ended with code ${code}`)),
    );
    this.worker = worker;
    return worker;
  }

  private settle(answer: WorkerAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ("json" in answer) waiting?.resolve(answer.json);
    else waiting?.reject(errorOf(answer.error, answer.sqliteCode));
  }

  private fail(worker: Worker, error: Error): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    if (!this.isClosed) this.onDeath(error);
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
