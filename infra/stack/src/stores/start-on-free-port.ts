import getPort from "get-port";
import type { RunningProcess } from "../processes/start-process.ts";

/** Another process may take a free port before we do: then there is another one. A port that was asked for is kept. */
export async function startOnFreePort<T extends { process: RunningProcess }>(
  asked: number | undefined,
  start: (port: number) => Promise<T>,
): Promise<T> {
  if (asked !== undefined) return await start(asked);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await getPort({ host: "127.0.0.1" }));
    } catch (error) {
      const isTaken = error instanceof Error && /in use/i.test(error.message);
      if (!isTaken || attempt === 5) throw error;
    }
  }
}
