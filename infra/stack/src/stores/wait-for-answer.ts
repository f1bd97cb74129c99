import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { tailOf, type RunningProcess } from "../processes/start-process.ts";

export type Answering = {
  port: number;
  /** Sent as soon as the connection stands. */
  greeting?: string;
  /** What a server that is ready has said by then. */
  expects: RegExp;
  withinMs?: number;
};

/** Waits until a server that was just started answers as it should; fails with the end of its log if it dies. */
export async function waitForAnswer(server: RunningProcess, wanted: Answering): Promise<void> {
  const deadline = Date.now() + (wanted.withinMs ?? 30_000);
  while (!wanted.expects.test(await exchange(wanted))) {
    if (server.hasExited()) throw new Error(`${server.name} did not start:\n${tailOf(server.logFile)}`);
    if (Date.now() > deadline) throw new Error(`${server.name} is not ready:\n${tailOf(server.logFile)}`);
    await wait(10);
  }
}

function exchange({ port, greeting, expects }: Answering): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect(port, "127.0.0.1", () => void (greeting !== undefined && socket.write(greeting)));
    socket.setTimeout(500, () => socket.destroy());
    socket.on("data", (bytes) => {
      heard += bytes.toString("latin1");
      if (expects.test(heard) || heard.includes("LOADING")) socket.destroy();
    });
    socket.on("error", () => undefined); // not listening yet: "close" follows
    socket.on("close", () => resolve(heard));
  });
}
