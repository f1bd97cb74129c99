import { connect } from "nats";
import type { StoreUser } from "./store-user.ts";

/**
 * A stream of a release before services were kept to their own events was made without direct reading, by which each of
 * them now looks up its last one; and no service may change the stream.
 */
export async function allowDirectReads(port: number, admin: StoreUser): Promise<void> {
  const connection = await connect({ servers: `127.0.0.1:${port}`, user: admin.name, pass: admin.password });
  try {
    const { streams } = await connection.jetstreamManager();
    for await (const { config } of streams.list()) {
      if (!config.allow_direct) await streams.update(config.name, { allow_direct: true });
    }
  } finally {
    await connection.close();
  }
}
