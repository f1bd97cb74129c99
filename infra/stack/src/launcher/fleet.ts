import { supervise, type Supervised } from "../processes/supervise.ts";
import type { StartedStore } from "../stores/start-stores.ts";
import type { ShopProgram } from "./programs.ts";
import { runProgram, waitUntilReady } from "./run-program.ts";

/** All running programs and stores, in the order of their start. */
export type Fleet = {
  /** Takes over stores that are up. */
  adopt: (stores: StartedStore[]) => void;
  /** Starts programs side by side and waits until each of them is ready. */
  start: (programs: ShopProgram[], withinMs: number) => Promise<void>;
  waitUntilReady: (name: string, urls: string[], withinMs: number) => Promise<void>;
  /** 0 before its start. */
  pidOf: (name: string) => number;
  /** Keeps one program down until it is released. */
  hold: (name: string) => Promise<void>;
  /** Starts it again and waits until it is ready. */
  release: (name: string) => Promise<void>;
  /** Stops one program, starts it, and waits until it is ready. One that won't start is held. */
  restart: (name: string) => Promise<void>;
  /** In reverse order: what started last stops first. */
  stop: () => Promise<void>;
};

export function openFleet(dataFolder: string, onChange: (line?: string) => void, signal: AbortSignal): Fleet {
  const probes = new Map<string, Pick<ShopProgram, "readyUrls" | "instance">>();
  const waves: { members: Supervised[]; graceMs: number }[] = [];
  const find = (name: string): Supervised | undefined =>
    waves.flatMap(({ members }) => members).find((one) => one.name === name);
  const get = (name: string): Supervised => {
    const one = find(name);
    if (!one) throw new Error(`${name} was not started.`);
    return one;
  };

  const hold = (name: string): Promise<void> => get(name).hold(programGraceMs);
  const release = async (name: string): Promise<void> => {
    const one = get(name);
    one.release();
    const { readyUrls = [], instance } = probes.get(name) ?? {};
    await waitUntilReady(one, readyUrls, instance, releasedWithinMs, signal);
  };

  return {
    pidOf: (name) => find(name)?.pid() ?? 0,
    adopt(stores) {
      const members = stores.map(({ process: first, startAgain }) =>
        supervise({ first, startAgain, onChange }),
      );
      waves.push({ members, graceMs: storeGraceMs });
    },
    async start(programs, withinMs) {
      const wave = { members: [] as Supervised[], graceMs: programGraceMs };
      waves.push(wave);
      await Promise.all(
        programs.map(async (program) => {
          const one = await runProgram(program, dataFolder, onChange);
          wave.members.push(one);
          probes.set(program.name, program);
          await waitUntilReady(one, program.readyUrls, program.instance, withinMs, signal);
        }),
      );
    },
    async waitUntilReady(name, urls, withinMs) {
      await waitUntilReady(get(name), urls, probes.get(name)?.instance, withinMs, signal);
    },
    hold,
    release,
    async restart(name) {
      await hold(name);
      try {
        await release(name);
      } catch (error) {
        if (!signal.aborted) await hold(name);
        throw error;
      }
    },
    async stop() {
      for (const { members, graceMs } of waves.splice(0).toReversed()) {
        await Promise.all(members.map((one) => one.stop(graceMs)));
      }
    },
  };
}

const releasedWithinMs = 60_000;
/** Time for the requests in flight. */
const programGraceMs = 4_000;
/** A busy Postgres writes its buffers at a stop, on a slow disk for long; after a kill the next one has to recover first. */
const storeGraceMs = 60_000;
