import { text } from "../form.ts";
import { createdRange, limitOf, page } from "../paging.ts";
import { noSuch } from "../stripe-error.ts";
import type { RouteDeps, Routes } from "./route.ts";

export function eventRoutes({ store }: Pick<RouteDeps, "store">): Routes {
  return {
    "GET /v1/events": {
      accepts: ["types", "created", "limit", "starting_after"],
      handle({ params }) {
        const { types } = params;
        const limit = limitOf(params);
        const query = {
          ...createdRange(params),
          types: Array.isArray(types) ? types.map(String) : undefined,
          after: text(params, "starting_after"),
          limit: limit + 1,
        };
        return page("/v1/events", store.events(query), limit);
      },
    },
    "GET /v1/events/:id": {
      accepts: [],
      handle({ id }) {
        const found = store.event(id);
        if (!found) throw noSuch("event", id);
        return found;
      },
    },
  };
}
