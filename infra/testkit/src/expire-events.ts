import { streamName } from "@shop/events";
import { openBus, openLog } from "@shop/service";
import { eventually } from "./eventually.ts";
import type { TestStores } from "./stores.ts";

/** Publishes an event, and expires all events of the stream, as the stream does after a week: a stopped service never receives them. */
export async function expireEvents(stores: TestStores, subject: string): Promise<void> {
  const log = openLog("catalog", "silent");
  const as = { service: "catalog", identityKey: "none", calleeKeys: {} } as const;
  await using bus = await openBus({ url: stores.natsUrl, ...as, log });
  await bus.js.publish(subject, "published while a service was down");
  const { streams } = await bus.nc.jetstreamManager();
  const { config } = await streams.info(streamName);
  await streams.update(streamName, { max_age: 1e8, duplicate_window: 1e8 });
  await eventually(async () => (await streams.info(streamName)).state.messages === 0);
  await streams.update(streamName, config);
}
