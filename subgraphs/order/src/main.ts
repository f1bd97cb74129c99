import { defineService } from "@shop/service";
import { z } from "zod";
import { loaders } from "./loaders.ts";
import { watchDeadlines } from "./use-cases/meet-deadlines.ts";
import { handlers } from "./events.ts";
import { holdSettings, readHoldSettings } from "./settings.ts";
import { openLists } from "./store/list-orders.ts";
import { openLive } from "./live/live-updates.ts";
import { orderTokenKeys, orderTokens } from "./order-token.ts";
import { standing } from "./requests.ts";
import { resolvers } from "./resolvers.ts";
import { openStore } from "./store/store.ts";

export default defineService({
  name: "order",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  config: {
    ORDER_TOKEN_KEYS: orderTokenKeys,
    ORDER_EXPIRY_SECONDS: z.coerce.number().int().positive().default(900),
    ...holdSettings,
  },
  start(kit) {
    const store = openStore({
      kit,
      expirySeconds: kit.config.ORDER_EXPIRY_SECONDS,
      ...readHoldSettings(kit.config),
    });
    const lists = openLists(kit.pg);
    const live = openLive({ kit, store });
    const tokens = orderTokens(kit.config.ORDER_TOKEN_KEYS);
    return {
      resolvers: resolvers({ kit, store, lists, live, tokens }),
      context: () => ({ load: loaders({ store, lists }) }),
      handlers: handlers(store),
      requestHandlers: { "order.standing": ({ orderId }) => standing(store, orderId) },
      workers: [live, watchDeadlines({ kit, store })],
    };
  },
});
