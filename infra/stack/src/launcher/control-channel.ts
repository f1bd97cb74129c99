import { z } from "zod";
import type { Shop } from "./launch.ts";

/** What a test that started the launcher may ask of it over the channel between the two processes. */
const order = z.object({ id: z.int(), act: z.enum(["hold", "release"]), name: z.string() });
export type Order = z.infer<typeof order>;

export const report = z.object({ id: z.int(), error: z.string().optional() });
export type Report = z.infer<typeof report>;

/** Keeps programs down, and lets them come up again, for who started us; nobody else can ask for it. */
export function serveControlChannel(shop: Shop): void {
  if (!process.connected) return;
  process.on("message", (message) => {
    const { id, act, name } = order.parse(message);
    const tell = (outcome: Omit<Report, "id">) => process.send?.({ id, ...outcome } satisfies Report);
    carryOut(shop, act, name).then(
      () => tell({}),
      (error: unknown) => tell({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
}

async function carryOut(shop: Shop, act: Order["act"], name: string): Promise<void> {
  await shop[act](name);
}
