import { changeFaultSettings } from "../fault-settings.ts";
import { disputeRoutes } from "./disputes.ts";
import { eventRoutes } from "./events.ts";
import { intentRoutes } from "./intents.ts";
import { refundRoutes } from "./refunds.ts";
import type { RouteDeps, Routes } from "./route.ts";

/** All routes of the API, and those under `/v1/test` for tests. */
export function routes(deps: RouteDeps): Routes {
  return {
    ...intentRoutes(deps),
    ...refundRoutes(deps),
    ...disputeRoutes(deps),
    ...eventRoutes(deps),
    "POST /v1/test/faults": {
      accepts: Object.keys(deps.faults),
      handle: ({ params }) => ({
        ...changeFaultSettings(deps.faults, params),
        pendingWebhooks: deps.store.pendingDeliveries(),
      }),
    },
  };
}
