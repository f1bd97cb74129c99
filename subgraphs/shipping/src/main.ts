import { defineService } from "@shop/service";
import { z } from "zod";
import type { Carrier } from "./carrier/carrier.ts";
import { simulatedCarrier } from "./carrier/simulated-carrier.ts";
import { openDeps } from "./deps.ts";
import { handlers } from "./events.ts";
import { requestHandlers } from "./requests.ts";
import { resolvers } from "./resolvers.ts";
import { tasks } from "./tasks.ts";

/** Shipping with this carrier. */
export const shippingWith = (carrier: Carrier) =>
  defineService({
    name: "shipping",
    schema: new URL("../schema.graphql", import.meta.url),
    migrations: new URL("../migrations/", import.meta.url),
    config: {
      // A carrier's outage fails no delivery, unless it lasts longer than this.
      CARRIER_PATIENCE_HOURS: z.coerce.number().positive().default(24),
    },
    start(kit) {
      const deps = openDeps(kit, carrier);
      return {
        resolvers: resolvers(deps),
        context: () => deps.loaders,
        handlers,
        tasks: tasks(deps),
        requestHandlers: requestHandlers(deps),
      };
    },
  });

export default shippingWith(simulatedCarrier());
