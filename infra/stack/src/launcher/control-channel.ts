import { z } from "zod";
import { messageOf } from "../messages.ts";
import type { Shop } from "./launch.ts";

/** A command over the IPC channel from the process that forked the launcher: `startShop`, for tests. */
const controlCommand = z.object({ id: z.int(), act: z.enum(["hold", "release"]), name: z.string() });
export type ControlCommand = z.infer<typeof controlCommand>;

export const controlReply = z.object({ id: z.int(), error: z.string().optional() });
type ControlReply = z.infer<typeof controlReply>;

/** Holds and releases programs on commands of the parent process; a launcher without an IPC channel takes none. */
export function serveControlChannel(shop: Shop): void {
  if (!process.connected) return;
  process.on("message", (message) => {
    const { id, act, name } = controlCommand.parse(message);
    const reply = (outcome: Omit<ControlReply, "id">) => process.send?.({ id, ...outcome });
    shop[act](name).then(
      () => reply({}),
      (error: unknown) => reply({ error: messageOf(error) }),
    );
  });
}
