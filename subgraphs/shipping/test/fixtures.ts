import type { TestService } from "@shop/testkit";
import { CarrierRefused, type BookingRequest, type Carrier } from "../src/carrier/carrier.ts";
import { simulatedCarrier } from "../src/carrier/simulated-carrier.ts";

/** Counts the statements that the service sends to its database; the relay, the tasks and the health check are left out. */
export function countQueries(service: TestService): { stop: () => Promise<number> } {
  const { options } = service.kit.pg.sql;
  const before = options.debug;
  let statements = 0;
  options.debug = (_connection, query) => {
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

/** The simulated carrier with a record of its calls, which fails, refuses or waits on request. */
export function watchedCarrier() {
  const real = simulatedCarrier();
  const requests: BookingRequest[] = [];
  const calledOff: string[] = [];
  const taken: string[] = [];
  const history: string[] = [];
  let failures = 0;
  let refusals = 0;
  let gate = Promise.resolve();
  return {
    requests,
    calledOff,
    taken,
    history,
    /** Takes every parcel by default; fails so many times first, refuses the first at once, or waits for `release`. */
    behave(how: { failures?: number; waits?: boolean; refusesFirst?: boolean } = {}): {
      release: () => void;
    } {
      failures = how.failures ?? 0;
      refusals = how.refusesFirst ? 1 : 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = how.waits ? promise : Promise.resolve();
      return { release: resolve };
    },
    async book(request: BookingRequest) {
      requests.push(request);
      if (refusals-- > 0) throw new CarrierRefused("too heavy");
      await gate;
      if (failures-- > 0) throw new Error("the carrier does not answer");
      taken.push(request.shipmentId);
      history.push(`taken ${request.shipmentId}`);
      return real.book(request);
    },
    async callOff(id: string) {
      calledOff.push(id);
      history.push(`off ${id}`);
      await real.callOff(id);
    },
  } satisfies Carrier & Record<string, unknown>;
}
