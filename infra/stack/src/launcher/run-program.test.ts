import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { runProgram, waitUntilReady } from "./run-program.ts";

test("a program that refuses to start is given up with the reasons that it gave, each once", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "shop-program-"));
  const line = (level: number, msg: string) =>
    `console.log(JSON.stringify({ level: ${level}, pid: process.pid, msg: "${msg}" }));`;
  const reasons = [
    "The database is another release's.",
    "The port is taken.",
    "The database is another release's.",
  ];
  const script = `${line(30, "serving")}${reasons.map((msg) => line(60, msg)).join("")}${line(30, "stopped")}process.exit(78)`;
  const program = {
    name: "program",
    args: ["--eval", script],
    env: {},
    readyUrls: ["http://127.0.0.1:9/readyz"],
  };
  const lines: (string | undefined)[] = [];
  const running = await runProgram(program, folder, (said) => lines.push(said));
  try {
    const { signal } = new AbortController();
    const waiting = waitUntilReady(running, program.readyUrls, undefined, 20_000, signal);
    await expect(waiting).rejects.toThrow(/^The database is another release's\.\nThe port is taken\.$/);
    expect(lines).toEqual([expect.stringMatching(/^program refused to start \(code 78\); see /)]);
  } finally {
    await running.stop();
    await rm(folder, { recursive: true });
  }
});
