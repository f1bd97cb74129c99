import type { TestService } from "@shop/testkit";

/** Counts the statements that the service sends to its database, by listening in on its pool. */
export function countQueries(service: TestService): { stop: () => Promise<number> } {
  const { options } = service.kit.pg.sql;
  const before = options.debug;
  let statements = 0;
  options.debug = (_connection, query) => {
    // The relay, the tasks and the health check have pools or statements of their own that come by the clock.
    if (/\b(deliveries|shipments|begin|commit|idempotency)\b/.test(query) && !/from tasks/.test(query))
      statements++;
  };
  return {
    stop: () => {
      options.debug = before;
      return Promise.resolve(statements);
    },
  };
}
