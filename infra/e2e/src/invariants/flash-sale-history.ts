import type { Violations } from "./read-shop.ts";

/** A flash sale, as inventory's database has it. Moments are in µs by Postgres' clock. */
export type Sale = {
  id: string;
  unitsTotal: number;
  perCustomerLimit: number;
  endsAt: number;
  closedAt: number | null;
  /** The moment of reading. */
  now: number;
  /** Null for one line. */
  ratio: { vip: number; standard: number } | null;
};

export type Ticket = {
  id: string;
  number: number;
  customerId: string;
  line: "VIP" | "STANDARD";
  status: "WAITING" | "HOLDING" | "BOUGHT" | "EXPIRED" | "LEFT" | "SOLD_OUT";
  enteredAt: number;
  grantedAt: number | null;
  grantNumber: number | null;
  wasContested: boolean;
  endedAt: number | null;
  /** When the unit of a BOUGHT ticket came back. */
  returnedAt: number | null;
};

type Granted = Ticket & { grantedAt: number; grantNumber: number };

/**
 * I12 and fairness, from what the tickets of one sale say of themselves: no later ticket got a unit before an earlier one of its
 * line that still waited, contested units went to the lines in their ratio, no unit was given twice, and none lay idle while a
 * ticket waited.
 */
export function unfairIn(sale: Sale, tickets: readonly Ticket[]): Violations {
  const granted = tickets
    .filter((one): one is Granted => one.grantNumber !== null && one.grantedAt !== null)
    .sort((one, other) => one.grantNumber - other.grantNumber);
  return [
    ...grantsAreCounted(sale, granted),
    ...outOfTurn(sale, tickets, granted),
    ...againstTheRatio(sale, tickets, granted),
    ...idleOrOversold(sale, tickets),
    ...beyondTheLimit(sale, tickets),
  ];
}

function grantsAreCounted({ id }: Sale, granted: readonly Granted[]): Violations {
  const gap = granted.findIndex(({ grantNumber }, at) => grantNumber !== at + 1);
  return gap < 0
    ? []
    : [
        `I12: the grants of sale ${id} are not counted without a gap: ${granted[gap]?.grantNumber} is number ${gap + 1}`,
      ];
}

/** Whether the ticket was still in the line just after a grant. */
function waitsBeyond(one: Ticket, grant: Granted): boolean {
  if (one.grantNumber !== null) return one.grantNumber > grant.grantNumber;
  return one.endedAt === null || one.endedAt > grant.grantedAt;
}

/** In order of number: what has a lower number than a grant of its line, and still waits, was passed over. */
function outOfTurn({ id, ratio }: Sale, tickets: readonly Ticket[], granted: readonly Granted[]): Violations {
  const lineOf = ({ line }: Ticket) => (ratio ? line : "one");
  return [...Map.groupBy(tickets, lineOf)].flatMap(([line, all]) => {
    const inLine = all.toSorted((one, other) => one.number - other.number);
    const served = granted.filter((one) => lineOf(one) === line);
    let next = 0;
    let waiting: Ticket[] = [];
    return served.flatMap((grant) => {
      for (; (inLine[next]?.number ?? Infinity) < grant.number; next++) waiting.push(inLine[next] as Ticket);
      waiting = waiting.filter((one) => waitsBeyond(one, grant));
      const passed = waiting.find(({ number }) => number < grant.number);
      return passed
        ? [`I12: ticket ${grant.number} of sale ${id} got a unit before ${passed.number}, which still waited`]
        : [];
    });
  });
}

function againstTheRatio(
  { id, ratio }: Sale,
  tickets: readonly Ticket[],
  granted: readonly Granted[],
): Violations {
  if (!ratio) {
    const contested = granted.find(({ wasContested }) => wasContested);
    return contested
      ? [`I12: ticket ${contested.number} of sale ${id} is of a contest, and there is one line`]
      : [];
  }
  let contests = 0;
  return granted.flatMap((grant) => {
    const { number, line, wasContested } = grant;
    // A unit that is free at the entry is contested by none; a freed one is if both lines have a ticket then.
    const isContested =
      grant.enteredAt < grant.grantedAt &&
      tickets.some((one) => one.line !== line && one.enteredAt < grant.grantedAt && waitsBeyond(one, grant));
    const found: Violations = [];
    if (isContested !== wasContested)
      found.push(
        `I12: ticket ${number} of sale ${id} counts ${wasContested ? "" : "not "}as contested, and ${isContested ? "both lines waited" : "one line was empty"}`,
      );
    if (!wasContested) return found;
    const turn = contests++ % (ratio.vip + ratio.standard);
    const isVipsTurn = turn < ratio.vip;
    if (isVipsTurn !== (line === "VIP"))
      found.push(
        `I12: contested unit ${contests} of sale ${id} went to ${line}, against ${ratio.vip} : ${ratio.standard}`,
      );
    return found;
  });
}

/** A decision writes the moments of what it frees and of whom it grants it one after the other. */
const oneDecisionUs = 1e6;

/** Sweeps over the moments at which a unit was given or came back, or a ticket came to wait or ceased to. */
function idleOrOversold(sale: Sale, tickets: readonly Ticket[]): Violations {
  const changes = new Map<number, { free: number; waiting: number }>();
  const change = (at: number, free: number, waiting: number) => {
    const sum = changes.get(at) ?? { free: 0, waiting: 0 };
    changes.set(at, { free: sum.free + free, waiting: sum.waiting + waiting });
  };
  for (const { enteredAt, grantedAt, endedAt, returnedAt, status } of tickets) {
    change(enteredAt, 0, 1);
    if (grantedAt !== null) change(grantedAt, -1, -1);
    else if (endedAt !== null) change(endedAt, 0, -1);
    if (grantedAt !== null && endedAt !== null && status !== "BOUGHT") change(endedAt, 1, 0);
    if (returnedAt !== null) change(returnedAt, 1, 0);
  }
  const overAt = Math.min(sale.endsAt, sale.closedAt ?? sale.now, sale.now);
  const sorted = [...changes].sort(([one], [other]) => one - other);
  let [free, waiting] = [sale.unitsTotal, 0];
  for (const [turn, [at, sum]] of sorted.entries()) {
    free += sum.free;
    waiting += sum.waiting;
    if (free < 0) return [`I12: sale ${sale.id} has given ${-free} units more than it has`];
    const until = Math.min(overAt, sorted[turn + 1]?.[0] ?? overAt);
    if (free > 0 && waiting > 0 && until - at > oneDecisionUs)
      return [`I12: ${free} units of sale ${sale.id} lay idle while ${waiting} tickets waited`];
  }
  return [];
}

function beyondTheLimit({ id, perCustomerLimit }: Sale, tickets: readonly Ticket[]): Violations {
  return [...Map.groupBy(tickets, ({ customerId }) => customerId)].flatMap(([customer, mine]) => {
    const bought = mine.filter(({ status, returnedAt }) => status === "BOUGHT" && returnedAt === null).length;
    const live = mine.filter(({ status }) => status === "WAITING" || status === "HOLDING").length;
    return [
      ...(bought > perCustomerLimit
        ? [`I12: ${customer} bought ${bought} units of sale ${id}, of ${perCustomerLimit} at most`]
        : []),
      ...(live > 1 ? [`I5: ${customer} has ${live} live tickets of sale ${id}`] : []),
    ];
  });
}
