import { defineService } from "@shop/service";
import { z } from "zod";
import { callOff } from "./call-off.ts";
import { simulatedCarrier, type Carrier } from "./carrier.ts";
import { priceOptions } from "./domain/index.ts";
import { handlers } from "./events.ts";
import { openLoaders, resolvers } from "./resolvers.ts";
import { carrierTasks } from "./tasks.ts";

/** What can be sent where at what price, and the parcels on their way with this carrier. */
export const shippingWith = (carrier: Carrier) =>
  defineService({
    name: "shipping",
    schema: new URL("../schema.graphql", import.meta.url),
    migrations: new URL("../migrations/", import.meta.url),
    config: {
      // A carrier's outage ends no order; one that lasts longer than this does.
      CARRIER_PATIENCE_HOURS: z.coerce.number().positive().default(24),
    },
    start(kit) {
      const { pg, log, config } = kit;
      const loaders = openLoaders(pg);
      return {
        resolvers: resolvers(kit),
        context: () => loaders,
        handlers,
        tasks: carrierTasks({ pg, carrier, log, patienceHours: config.CARRIER_PATIENCE_HOURS }),
        requestHandlers: {
          "shipping.callOff": (asked) => callOff(pg, asked),
          "shipping.options": ({ weightGrams, subtotal, address }) => {
            const cart = { weightGrams, currency: subtotal.currency, country: address.country };
            return Promise.resolve({ options: priceOptions(cart, new Date()) });
          },
        },
      };
    },
  });

export default shippingWith(simulatedCarrier());
