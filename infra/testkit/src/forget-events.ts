import { streamName } from "@shop/events";
import { openBus, openLog } from "@shop/service";
import { eventually } from "./eventually.ts";
import type { TestStores } from "./stores.ts";

/** Tells an event that nobody who is away will ever hear: the stream forgets all it has, as it does after a week. */
export async function forgetEvents(stores: TestStores, subject: string): Promise<void> {
  const log = openLog("catalog", "silent");
  const as = { service: "catalog", identityKey: "none", calleeKeys: {} } as const;
  await using bus = await openBus({ url: stores.natsUrl, ...as, log });
  await bus.js.publish(subject, "told while somebody was away");
  const { streams } = await bus.nc.jetstreamManager();
  const { config } = await streams.info(streamName);
  await streams.update(streamName, { max_age: 1e8, duplicate_window: 1e8 });
  await eventually(async () => (await streams.info(streamName)).state.messages === 0);
  await streams.update(streamName, config);
}
