import type { NewEvent, NewTask, ShopEvent } from "@shop/events";
import type { BookTask, CallOffTask, Delivery, Message, Shipment } from "@shop/shipping/domain";
import type { Random } from "./random.ts";
import type { Decisions } from "./decisions.ts";

type Outgoing = { events: NewEvent[]; tasks: NewTask[] };

/** Shipping's decisions with their deliveries, and a carrier that refuses some parcels for good. */
export type Shipping = ReturnType<typeof openShipping>;

const nothing: Outgoing = { events: [], tasks: [] };
const steps = ["SHIPPED", "IN_TRANSIT", "DELIVERED"] as const;

export function openShipping(random: Random, decide: Decisions["shipping"]) {
  const deliveries = new Map<string, Delivery>();
  const refused = new Map<string, boolean>();
  const departed = new Set<string>();
  const awaited = new Set<string>();
  const asked = new Set<string>();

  function change(orderId: string, message: Message): Outgoing {
    const decision = decide(deliveries.get(orderId), message);
    if (decision.outcome === "ignored") return nothing;
    deliveries.set(orderId, decision.state);
    return decision;
  }

  return {
    /** The parcels that have left, whatever was written of them since. */
    departed,
    /** The parcels that the carrier will come for, or has taken. */
    awaited,
    delivery: (orderId: string): Delivery | undefined => deliveries.get(orderId),
    parcels: (orderId: string): Shipment[] => deliveries.get(orderId)?.shipments ?? [],
    handleEvent: (event: ShopEvent): Outgoing => change(event.sagaId ?? "", event as Message),

    /** Order's request to stop an order's parcels. */
    callOff(message: Extract<Message, { type: "CallOff" }>): { hasLeft: boolean; outgoing: Outgoing } {
      const decision = decide(deliveries.get(message.orderId), message);
      if (decision.outcome === "ignored") return { hasLeft: decision.reason === "LEFT", outgoing: nothing };
      deliveries.set(message.orderId, decision.state);
      return { hasLeft: false, outgoing: decision };
    },

    /** Calls the carrier, whose answer to a parcel never changes; "repeat" when the answer got lost. */
    run(task: NewTask, at: string): Outgoing | "repeat" {
      if (task.kind === "call-off") {
        for (const id of (task.payload as CallOffTask).shipmentIds) awaited.delete(id);
        return nothing;
      }
      if (task.kind !== "book") return nothing;
      const { orderId, parcels } = task.payload as BookTask;
      const key = parcels.map(({ shipmentId }) => shipmentId).join();
      const isRefused = refused.get(orderId) ?? random.is(0.1);
      refused.set(orderId, isRefused);
      const refuse = (reason: string) => change(orderId, { type: "BookingRefused", orderId, reason, at });
      if (asked.has(key) && deliveries.get(orderId)?.status !== "BOOKING")
        return refuse("NOT_WANTED_ANY_MORE");
      asked.add(key);
      // Of an order that is refused, some parcels may be taken.
      for (const { shipmentId } of isRefused ? parcels.slice(1) : parcels) awaited.add(shipmentId);
      if (random.is(0.2)) return "repeat";
      if (isRefused) return refuse("REFUSED");
      const bookings = parcels.map(({ shipmentId }) => ({
        ...{ shipmentId, trackingNumber: `T-${shipmentId}`, trackingUrl: "https://carrier.test/" },
      }));
      return change(orderId, { type: "ParcelsBooked", orderId, bookings, at });
    },

    /** The carrier has news of one of the order's parcels. */
    move(orderId: string, at: string): Outgoing {
      const parcels = deliveries.get(orderId)?.shipments ?? [];
      if (parcels.length === 0) return nothing;
      const { id } = random.oneOf(parcels);
      const status = random.oneOf(steps);
      const outgoing = change(orderId, {
        type: "AdvanceShipment",
        shipmentId: id,
        status,
        location: null,
        at,
      });
      if (outgoing.events.length > 0) departed.add(id);
      return outgoing;
    },
  };
}
