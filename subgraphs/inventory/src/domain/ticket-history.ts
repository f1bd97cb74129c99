import type { TicketStatus } from "./flash-sale.ts";

/** What is read of a ticket to say how it came to stand as it does. */
export type TicketState = {
  status: TicketStatus;
  counter: number;
  grantedAt: Date | null;
  holdExpiresAt: Date | null;
};

/** One step of a ticket, under its counter. */
export type TicketStep = Pick<TicketState, "status" | "counter" | "holdExpiresAt">;

const open: ReadonlySet<TicketStatus> = new Set(["WAITING", "HOLDING"]);

/** Whether the ticket has its final answer. */
export function isFinal({ status }: Pick<TicketState, "status">): boolean {
  return !open.has(status);
}

/** All steps of a ticket, the first one first: its columns are its whole history, because no status comes twice. */
export function stepsOf(ticket: TicketState): TicketStep[] {
  const { status, counter, grantedAt, holdExpiresAt } = ticket;
  const steps: TicketStep[] = [];
  const add = (step: TicketStatus) =>
    steps.push({
      status: step,
      counter: steps.length + 1,
      holdExpiresAt: step === "HOLDING" ? holdExpiresAt : null,
    });
  // Told by the count, because a grant may follow the entry within the millisecond that a Date keeps.
  if (counter > Number(grantedAt !== null) + Number(isFinal(ticket))) add("WAITING");
  if (grantedAt) add("HOLDING");
  if (isFinal(ticket)) add(status);
  if (steps.length !== counter) throw new Error(`a ticket of ${counter} changes has ${steps.length} steps`);
  return steps;
}
