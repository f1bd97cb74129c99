import { performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";

const checkEveryMs = 2_000;
const idleBelow = 0.05;
const worthACollection = 24 * 2 ** 20;

/**
 * V8 collects when it allocates, and an idle thread allocates nothing: it would keep the memory of its busiest minute (a third
 * of the demo shop after its catalogue was loaded). So the calling thread is collected, which takes 0.1 s, once it is idle and
 * has grown by 24 MB since the last time. Never while `followers` (default 0) returns more than 0: with 10,000 subscriptions
 * such a collection stops the thread for half a second. Without `--expose-gc` nothing is done.
 */
export function collectWhenIdle(followers: () => number = () => 0): void {
  const collect = globalThis.gc;
  if (!collect) return;
  let lastLook = performance.eventLoopUtilization();
  let leftOver = 0;
  setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(lastLook);
    lastLook = performance.eventLoopUtilization();
    // V8 may have collected by itself since.
    leftOver = Math.min(leftOver, heapSize());
    if (followers() > 0) return;
    if (utilization > idleBelow || heapSize() < leftOver + worthACollection) return;
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
    leftOver = heapSize();
  }, checkEveryMs).unref();
}

function heapSize(): number {
  return getHeapStatistics().total_physical_size;
}
