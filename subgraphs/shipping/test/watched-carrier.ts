import { CarrierRefused, simulatedCarrier, type BookingRequest, type Carrier } from "../src/carrier.ts";

/** The carrier, with a record of what it was asked and a will of its own. */
export function watchedCarrier() {
  const real = simulatedCarrier();
  const asked: BookingRequest[] = [];
  const calledOff: string[] = [];
  const taken: string[] = [];
  const history: string[] = [];
  let failures = 0;
  let refusals = 0;
  let gate = Promise.resolve();
  return {
    asked,
    calledOff,
    taken,
    history,
    /** Takes everything, unless told to fail so many times first, to refuse the first at once, or to wait. */
    behave(will: { failures?: number; waits?: boolean; refusesFirst?: boolean } = {}): { letGo: () => void } {
      failures = will.failures ?? 0;
      refusals = will.refusesFirst ? 1 : 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = will.waits ? promise : Promise.resolve();
      return { letGo: resolve };
    },
    async book(request: BookingRequest) {
      asked.push(request);
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
