import { type Random, seededRandom } from "./random.ts";
import { anOrder } from "./order-builder.ts";
import { type Decisions, ourDecisions } from "./decisions.ts";
import { stockAddsUp, unitsOf, violations } from "./invariants/index.ts";
import { openShop, type Shop } from "./shop.ts";
import { holdsMoney } from "./monitor.ts";

/** One history: its violations, its trace, and the ends of its orders. */
export type History = { seed: number; wrong: string[]; trace: string[]; ends: string[] };

/**
 * `lossy`: events come twice, late, in any order, and some never, which reminders mend.
 * `reliable`: the same without losses, and without reminders: no event that a decision forgets is healed.
 * `calm`: all messages of an act are delivered before the next, so its outcome is known.
 */
export type Mode = (typeof modes)[number];
export const modes = ["lossy", "reliable", "calm"] as const;

const tokens = ["pm_card", "pm_card", "pm_declined", "pm_asks_customer"] as const;

/** The share of steps in which customers and clocks act: a high one has many messages on their way at once. */
const actionRates = [0.08, 0.15, 0.45];
/** The share of deliveries that leave the message to be delivered once more. */
const duplicateRate = 0.15;
/** The share of events that one service of a shop never handles, as dead letters; not inventory: no reminder asks whether it has sold. */
const lossRate = 0.01;
const lossyServices = ["order", "payment", "shipping"] as const;

type Setting = { mode: Mode; shop: Shop; random: Random; lossyService: (typeof lossyServices)[number] };

/** Runs a shop with a few orders through one seed's history, until it rests. */
export function simulate(
  seed: number,
  { mode = "lossy", decisions = ourDecisions }: { mode?: Mode; decisions?: Decisions } = {},
): History {
  const random = seededRandom(seed);
  const shop = openShop(random, decisions);
  const units = unitsOf(shop);
  const wrong: string[] = [];
  try {
    const setting = { mode, shop, random, lossyService: random.oneOf(lossyServices) };
    const actionRate = random.oneOf(actionRates);
    let orders = 1 + random.below(5);
    for (let steps = 40 + random.below(200); steps > 0; steps--) {
      if (orders > 0 && random.is(0.2)) place(setting, `ord_${orders--}`);
      else if (random.is(actionRate)) actFromOutside(setting);
      else if (mode !== "calm") deliverOne(setting);
      if (mode === "calm") wrong.push(...deliverAll(setting));
      wrong.push(...stockAddsUp(shop, units));
    }
    while (orders > 0) place(setting, `ord_${orders--}`);
    rest(setting);
    wrong.push(...stockAddsUp(shop, units), ...violations(shop, { isReliable: mode !== "lossy" }));
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const ends = [...shop.orders.values()].map(({ status }) => status);
  return { seed, wrong: [...new Set([...shop.monitor.found, ...wrong])], trace: shop.trace, ends };
}

function place({ shop, random }: Setting, id: string) {
  shop.trace.push(`the customer places ${id}`);
  shop.place(id, anOrder(id, random, random.is(0.8) ? random.oneOf(tokens) : null));
}

/** Delivers any of the messages; some stay on their way, to be delivered once more. */
function deliverOne({ shop, random, lossyService, mode }: Setting) {
  if (shop.mail.length === 0) return;
  const at = random.below(shop.mail.length);
  const mail = random.is(duplicateRate) ? shop.mail[at] : shop.mail.splice(at, 1)[0];
  if (!mail) return;
  if (mode === "lossy" && "event" in mail && mail.to === lossyService && random.is(lossRate)) {
    shop.mail.splice(0, Infinity, ...shop.mail.filter((one) => one !== mail));
    shop.trace.push(`${mail.to} never handles ${mail.event.type} ${mail.event.sagaId} (${mail.event.id})`);
  } else {
    shop.deliver(mail);
  }
}

/** One act of a customer, the bank, a carrier or a clock. */
function actFromOutside({ shop, random, mode }: Setting) {
  const ids = [...shop.orders.keys()];
  if (ids.length === 0) return;
  const id = random.oneOf(ids);
  switch (random.below(7)) {
    case 0:
      shop.trace.push(`the customer cancels ${id}`);
      shop.cancel({ cancels: id, isCalledOff: false });
      break;
    case 1:
    case 2:
      shop.trace.push(`the customer pays ${id}`);
      shop.pay(id, random.oneOf(tokens));
      break;
    case 3:
      shop.passBank(id);
      break;
    case 4:
    case 5:
      shop.moveParcel(id);
      break;
    default:
      shop.passTime(random.is(0.3) ? 900 : random.below(random.is(0.5) ? 120 : 900));
      shop.trace.push(`it is ${new Date(shop.now()).toISOString()}`);
      // A service that was down checks its deadlines late.
      if (mode === "calm" || random.is(0.7)) shop.fireTimers({ reminds: mode === "lossy" });
  }
}

/** The faults stop: everything is delivered, and time passes until no deadline is left but those of parcels under way. */
function rest({ shop, random, mode }: Setting) {
  const reminds = mode === "lossy";
  for (let rounds = 0; rounds < 12; rounds++) {
    settle(shop, random);
    shop.passTime(3_600);
    shop.trace.push(`an hour later: ${new Date(shop.now()).toISOString()}`);
    shop.fireTimers({ reminds });
    if (shop.mail.length === 0) break;
  }
  // Order asks for a parcel's lost events after a day.
  for (let days = 0; days < 2; days++) {
    settle(shop, random);
    shop.passTime(25 * 3_600);
    shop.trace.push(`a day later: ${new Date(shop.now()).toISOString()}`);
    shop.fireTimers({ reminds });
  }
  settle(shop, random);
}

function settle(shop: Shop, random: Random) {
  for (let budget = 5_000; shop.mail.length > 0; budget--) {
    if (budget === 0) throw new Error("I10 the messages never end");
    const [mail] = shop.mail.splice(random.below(shop.mail.length), 1);
    if (mail) shop.deliver(mail);
  }
}

/** Delivers in the order of sending until nothing is on its way: then an order waits for its customer at most. */
function deliverAll({ shop }: Setting): string[] {
  for (let budget = 5_000; shop.mail.length > 0; budget--) {
    if (budget === 0) throw new Error("I10 the messages never end");
    const mail = shop.mail.shift();
    if (mail) shop.deliver(mail);
  }
  return [...shop.orders.values()].flatMap(({ id, status }) => {
    if (status === "CREATED" || status === "PAID") return [`I2 ${id} rests as ${status}`];
    if (status !== "AWAITING_PAYMENT") return [];
    const isPaid =
      shop.goodCards.has(id) ||
      shop.bank.intents.values().some((one) => one.orderId === id && holdsMoney(one));
    return isPaid ? [`I2 ${id} was given a good card, and still waits for one`] : [];
  });
}
