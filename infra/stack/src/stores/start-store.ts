import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../processes/free-port.ts";
import { bareEnvironment } from "../processes/bare-environment.ts";
import { startProcess, tailOf, type RunningProcess } from "../processes/start-process.ts";

/** A store as one description: what to run, how to configure it for a port, and by what it shows that it is ready. */
export type StoreToStart = {
  name: string;
  /** The data folder, which gets the store's log and pid file. */
  folder: string;
  /** A free port by default, and another one when it was taken meanwhile. */
  port: number | undefined;
  program: { command: string; args: string[]; env?: NodeJS.ProcessEnv };
  stopSignal?: "SIGTERM" | "SIGINT";
  /** Writes what the program reads at its start; returns its further arguments. */
  configure: (port: number) => Promise<string[]>;
  ready: Ready;
};

/** How a store shows that it is ready, and where the reason stands when it isn't. */
export type Ready = {
  /** Sent as soon as the connection stands. */
  greeting?: string;
  /** Matches what a ready server has sent by then. */
  expects: RegExp;
  /** Default 30 s. */
  withinMs?: number;
  /** The lines at the end of its log that may have the reason of a failed start; default 12. */
  traceLines?: number;
};

export type RunningStore = {
  port: number;
  process: RunningProcess;
  /** On the same port, where its clients look for it. */
  startAgain: () => Promise<RunningProcess>;
  stop: () => Promise<void>;
};

/** Starts a store on loopback and waits until it is ready. Throws with the end of its log when it doesn't start. */
export async function startStore(wanted: StoreToStart): Promise<RunningStore> {
  const isFree = wanted.port === undefined;
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted.port ?? (await freePort());
    try {
      const server = await startOn(port, wanted);
      const startAgain = () => startOn(port, wanted);
      return { port, process: server, startAgain, stop: () => server.stop() };
    } catch (error) {
      const isTaken = error instanceof Error && /in use/i.test(error.message);
      if (!isFree || !isTaken || attempt === maxAttempts) throw error;
    }
  }
}

const maxAttempts = 5;

async function startOn(port: number, wanted: StoreToStart): Promise<RunningProcess> {
  const { name, folder: dataFolder, program, stopSignal = "SIGTERM", ready } = wanted;
  const server = await startProcess({
    ...{ name, dataFolder, stopSignal, command: program.command },
    args: [...program.args, ...(await wanted.configure(port))],
    env: { ...bareEnvironment(), ...program.env },
  });
  try {
    await waitForAnswer(server, port, ready);
    return server;
  } catch (error) {
    await server.stop();
    if (!/in use/i.test(tailOf(server.logFile, ready.traceLines))) throw error;
    throw new Error(`${name}: port ${port} is in use.`, { cause: error });
  }
}

async function waitForAnswer(server: RunningProcess, port: number, ready: Ready): Promise<void> {
  const deadline = Date.now() + (ready.withinMs ?? 30_000);
  while (!ready.expects.test(await exchange(port, ready))) {
    if (server.hasExited()) throw new Error(`${server.name} did not start:\n${tailOf(server.logFile)}`);
    if (Date.now() > deadline) throw new Error(`${server.name} is not ready:\n${tailOf(server.logFile)}`);
    await wait(10);
  }
}

function exchange(port: number, { greeting, expects }: Ready): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => void (greeting !== undefined && socket.write(greeting)));
    socket.setTimeout(500, () => socket.destroy());
    socket.on("data", (bytes) => {
      received += bytes.toString("latin1");
      if (expects.test(received) || received.includes("LOADING")) socket.destroy();
    });
    socket.on("error", () => undefined); // not listening yet: "close" follows
    socket.on("close", () => resolve(received));
  });
}
