import { AsyncQueue } from "@shop/service";
import { isFinal, stepsOf } from "../domain/ticket-history.ts";
import type { Ticket } from "../store/flash-sales.ts";

/** A ticket as it stood at a step, and its place in the line if it waits; undefined: to be read. */
export type TicketView = Ticket & { position?: number | null };

/** A subscriber who has not taken so many updates lacks them until the next poll. */
const maxQueued = 50;

/** A subscriber of one ticket, with the last step and place that it was given. */
export class TicketFollower extends AsyncQueue<TicketView> {
  readonly ticketId: string;
  after: number;
  position: number | null;
  /** The ticket, as it was last seen here. */
  ticket: Ticket;
  readonly #leave: () => void;

  constructor(ticket: Ticket, after: number, position: number | null, leave: () => void) {
    super();
    this.ticketId = ticket.id;
    this.ticket = ticket;
    this.after = after;
    this.position = position;
    this.#leave = leave;
  }

  /** Gives each step after the last one given, once and in order; the final one ends the subscription. */
  giveSteps(ticket: Ticket, positionOf: (ticket: Ticket) => number | undefined): void {
    if (ticket.counter < this.ticket.counter || this.waiting >= maxQueued) return;
    this.ticket = ticket;
    for (const { status, counter, holdExpiresAt } of stepsOf(ticket)) {
      if (counter <= this.after) continue;
      const position = status === "WAITING" ? positionOf(ticket) : null;
      // Its place is not known yet: the next look at the line gives it.
      if (position === undefined) return;
      this.after = counter;
      this.position = position;
      this.push({ ...ticket, status, counter, holdExpiresAt, position });
    }
    if (isFinal(ticket)) this.#end();
  }

  /** Gives the place of a ticket that waits, if it has moved. */
  givePosition(position: number): void {
    const { ticket } = this;
    if (ticket.status !== "WAITING" || this.after < ticket.counter || position === this.position) return;
    if (this.waiting >= maxQueued) return;
    this.position = position;
    this.push({ ...ticket, position });
  }

  #end(): void {
    this.#leave();
    this.finish();
  }

  override return() {
    this.#leave();
    return super.return();
  }
}

/** All followers by ticket. */
export class TicketFollowers {
  readonly #byTicket = new Map<string, Set<TicketFollower>>();

  follow(ticket: Ticket, after: number, position: number | null): TicketFollower {
    const follower: TicketFollower = new TicketFollower(ticket, after, position, () =>
      this.#remove(follower),
    );
    const others = this.#byTicket.get(ticket.id);
    if (others) others.add(follower);
    else this.#byTicket.set(ticket.id, new Set([follower]));
    return follower;
  }

  has(ticketId: string): boolean {
    return this.#byTicket.has(ticketId);
  }

  ids(): string[] {
    return [...this.#byTicket.keys()];
  }

  of(ticketId: string): Iterable<TicketFollower> {
    return [...(this.#byTicket.get(ticketId) ?? [])];
  }

  *all(): Iterable<TicketFollower> {
    for (const group of this.#byTicket.values()) yield* group;
  }

  async end(): Promise<void> {
    for (const follower of [...this.all()]) await follower.return();
  }

  #remove(follower: TicketFollower): void {
    const group = this.#byTicket.get(follower.ticketId);
    if (group?.delete(follower) && group.size === 0) this.#byTicket.delete(follower.ticketId);
  }
}
