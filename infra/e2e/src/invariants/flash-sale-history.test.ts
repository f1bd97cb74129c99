import { describe, expect, test } from "vitest";
import { unfairIn, type Sale, type Ticket } from "./flash-sale-history.ts";

/** Moments are written in seconds here, and are µs. */
const second = (at: number) => at * 1e6;

const sale: Sale = {
  ...{ id: "sale_1", unitsTotal: 2, perCustomerLimit: 1, endsAt: second(1_000), closedAt: null },
  now: second(2_000),
  ratio: null,
};

let grants = 0;
const begin = () => {
  grants = 0;
};
const ticket = (number: number, changes: Partial<Ticket> = {}): Ticket => {
  const given = {
    ...{ enteredAt: number, grantedAt: null, endedAt: null, returnedAt: null, grantNumber: null },
    ...changes,
  };
  const us = (at: number | null) => (at === null ? null : second(at));
  return {
    ...{ id: `tkt_${number}`, number, customerId: `usr_${number}`, line: "STANDARD", status: "WAITING" },
    ...{ wasContested: false, ...given, enteredAt: second(given.enteredAt) },
    ...{ grantedAt: us(given.grantedAt), endedAt: us(given.endedAt), returnedAt: us(given.returnedAt) },
  };
};
const holds = (number: number, grantedAt = number, changes: Partial<Ticket> = {}): Ticket =>
  ticket(number, { status: "HOLDING", grantedAt, grantNumber: ++grants, ...changes });
const bought = (number: number, grantedAt = number, changes: Partial<Ticket> = {}): Ticket =>
  holds(number, grantedAt, { status: "BOUGHT", endedAt: grantedAt + 1, ...changes });

describe("one line", () => {
  test("served in order, with one that left and one that let its hold run out, is fair", () => {
    begin();
    const history = [
      bought(1),
      holds(2, 2, { status: "EXPIRED", endedAt: 60 }),
      ticket(3, { status: "LEFT", endedAt: 20 }),
      bought(4, 60),
      ticket(5, { status: "SOLD_OUT", endedAt: 61 }),
    ];
    expect(unfairIn(sale, history)).toEqual([]);
  });

  test("a later ticket that got a unit before an earlier one is named", () => {
    begin();
    const [first, other] = [bought(1), holds(2, 2, { status: "EXPIRED", endedAt: 60 })];
    const history = [first, other, ticket(3), bought(4, 60)];
    expect(unfairIn(sale, history)).toEqual([
      "I12: ticket 4 of sale sale_1 got a unit before 3, which still waited",
    ]);
  });

  test("also when the earlier one was served right after it, or got SOLD_OUT later", () => {
    begin();
    const three = { ...sale, unitsTotal: 3 };
    const history = [bought(1), holds(3, 3), holds(2, 4), ticket(4)];
    expect(unfairIn(three, history)).toContain(
      "I12: ticket 3 of sale sale_1 got a unit before 2, which still waited",
    );
    begin();
    const late = [bought(1), bought(3), ticket(2, { status: "SOLD_OUT", endedAt: 90 })];
    expect(unfairIn(sale, late)).toContain(
      "I12: ticket 3 of sale sale_1 got a unit before 2, which still waited",
    );
  });

  test("a unit more than there are is named, and one that lay idle", () => {
    begin();
    expect(unfairIn(sale, [bought(1), bought(2), bought(3)])).toEqual([
      "I12: sale sale_1 has given 1 units more than it has",
    ]);
    begin();
    const idle = [bought(1), holds(2, 2, { status: "EXPIRED", endedAt: 60 }), ticket(3)];
    expect(unfairIn(sale, idle)).toEqual(["I12: 1 units of sale sale_1 lay idle while 1 tickets waited"]);
    begin();
    const after = [bought(1), holds(2, 2, { status: "EXPIRED", endedAt: 1_100 })];
    expect(unfairIn(sale, [...after, ticket(3, { status: "SOLD_OUT", endedAt: 1_000 })])).toEqual([]);
  });

  test("a unit that came back from a cancelled order is sold once more, and once only", () => {
    begin();
    const history = [bought(1), bought(2, 2, { returnedAt: 50 }), bought(3, 50)];
    expect(unfairIn(sale, history)).toEqual([]);
    expect(unfairIn(sale, [...history, bought(4, 51)])).toEqual([
      "I12: sale sale_1 has given 1 units more than it has",
    ]);
  });

  test("grants without a gap, a limit per customer and one live ticket of each are held", () => {
    begin();
    const gap = [bought(1), holds(2, 2, { grantNumber: 3 })];
    expect(unfairIn(sale, gap)[0]).toMatch(/^I12: the grants of sale sale_1 .* 3 is number 2/);
    begin();
    const twice = [bought(1), bought(2, 2, { customerId: "usr_1" })];
    expect(unfairIn(sale, twice)).toEqual(["I12: usr_1 bought 2 units of sale sale_1, of 1 at most"]);
    begin();
    const live = [holds(1), holds(2, 2, { customerId: "usr_1" })];
    expect(unfairIn(sale, live)).toEqual(["I5: usr_1 has 2 live tickets of sale sale_1"]);
  });
});

describe("two lines of 2 : 1", () => {
  const two: Sale = { ...sale, unitsTotal: 3, ratio: { vip: 2, standard: 1 } };
  const vip = { line: "VIP" } as const;
  /** Three standard customers have the units and lose them one by one; three VIPs and two others wait. */
  const rush = () => {
    begin();
    const lost = [1, 2, 3].map((at) => holds(at, at, { status: "EXPIRED", endedAt: 100 + at }));
    return { lost, contested: { wasContested: true } };
  };

  test("contested units that go VIP, VIP, STANDARD are fair, whatever the numbers", () => {
    const { lost, contested } = rush();
    const history = [
      ...lost,
      holds(6, 101, { ...vip, ...contested }),
      holds(7, 102, { ...vip, ...contested }),
      holds(4, 103, contested),
      ...[ticket(5), ticket(8, vip)],
    ];
    expect(unfairIn(two, history)).toEqual([]);
  });

  test("a turn out of the ratio is named", () => {
    const { lost, contested } = rush();
    const history = [
      ...lost,
      holds(6, 101, { ...vip, ...contested }),
      holds(4, 102, contested),
      holds(7, 103, { ...vip, ...contested }),
      ...[ticket(5), ticket(8, vip)],
    ];
    expect(unfairIn(two, history)).toEqual([
      "I12: contested unit 2 of sale sale_1 went to STANDARD, against 2 : 1",
      "I12: contested unit 3 of sale sale_1 went to VIP, against 2 : 1",
    ]);
  });

  test("a unit that is said to be uncontested while both lines wait is named, and the other way round", () => {
    const { lost } = rush();
    const history = [...lost, holds(4, 101), holds(5, 102), holds(6, 103), ticket(8, vip)];
    expect(unfairIn(two, history)[0]).toBe(
      "I12: ticket 4 of sale sale_1 counts not as contested, and both lines waited",
    );
    const again = rush();
    const alone = [...again.lost, holds(4, 101, again.contested), holds(5, 102), holds(6, 103)];
    expect(unfairIn(two, alone)).toContain(
      "I12: ticket 4 of sale sale_1 counts as contested, and one line was empty",
    );
  });

  test("within a line the lower number is first", () => {
    const { lost, contested } = rush();
    const history = [...lost, holds(7, 101, { ...vip, ...contested }), ticket(6, vip), ticket(4)];
    expect(unfairIn(two, history)).toContain(
      "I12: ticket 7 of sale sale_1 got a unit before 6, which still waited",
    );
  });
});
