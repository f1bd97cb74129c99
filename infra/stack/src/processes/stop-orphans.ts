import { setTimeout as wait } from "node:timers/promises";
import { isRunning, readPidFiles, pidFolder, removePidFile, type PidFile } from "./pid-files.ts";
import { signalGroup } from "./start-process.ts";

/** Ends what an earlier launcher, killed with -9, has left running from this folder. Answers the names it ended. */
export async function stopOrphans(
  dataFolder: string,
  graceMs = 5_000,
  storeGraceMs = 60_000,
): Promise<string[]> {
  const folder = pidFolder(dataFolder);
  const records = await readPidFiles(folder);
  const running = records.filter(isRunning);
  // Services before stores: what is left of a service may still write to them.
  const stores = running.filter(({ name }) => isStore(name));
  const services = running.filter(({ name }) => !isStore(name));
  await Promise.all(services.map((record) => end(record, graceMs)));
  await Promise.all(stores.map((record) => end(record, storeGraceMs)));
  await Promise.all(records.map(({ name }) => removePidFile(folder, name)));
  return running.map(({ name }) => name);
}

function isStore(name: string): boolean {
  return ["postgres", "redis", "nats", "elasticsearch"].includes(name);
}

async function end(record: PidFile, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  if (isRunning(record)) process.kill(record.pid, record.stopSignal);
  while (isRunning(record) && Date.now() < deadline) await wait(20);
  signalGroup(record.pid, "SIGKILL");
  while (isRunning(record)) await wait(20);
}
