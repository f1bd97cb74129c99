import { setTimeout as wait } from "node:timers/promises";
import { isRunning, readPidFiles, pidFolder, removePidFile, type PidFile } from "./pid-files.ts";
import { signalGroup } from "./start-process.ts";

/** Stops the processes of this folder that a launcher killed with -9 left running. Returns their names. */
export async function stopOrphans(
  dataFolder: string,
  graceMs = 5_000,
  storeGraceMs = 60_000,
): Promise<string[]> {
  const folder = pidFolder(dataFolder);
  const files = await readPidFiles(folder);
  const running = files.filter(isRunning);
  // Services before stores: a service may still write to them.
  const stores = running.filter(({ name }) => isStore(name));
  const services = running.filter(({ name }) => !isStore(name));
  await Promise.all(services.map((file) => end(file, graceMs)));
  await Promise.all(stores.map((file) => end(file, storeGraceMs)));
  await Promise.all(files.map(({ name }) => removePidFile(folder, name)));
  return running.map(({ name }) => name);
}

function isStore(name: string): boolean {
  return ["postgres", "redis", "nats", "elasticsearch"].includes(name);
}

async function end(file: PidFile, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  if (isRunning(file)) process.kill(file.pid, file.stopSignal);
  while (isRunning(file) && Date.now() < deadline) await wait(20);
  signalGroup(file.pid, "SIGKILL");
  while (isRunning(file)) await wait(20);
}
