import { type Chance, chanceOf } from "./chance.ts";
import { anOrder } from "./an-order.ts";
import { type Decisions, ourDecisions } from "./decisions.ts";
import { stockAddsUp, unitsOf, violations } from "./invariants/index.ts";
import { openShop, type Shop } from "./shop.ts";
import { holdsMoney } from "./watch.ts";

/** One history: what was wrong in it, all that happened, and how its orders ended. */
export type History = { seed: number; wrong: string[]; trace: string[]; ends: string[] };

/**
 * `lossy`: events come twice, late, in any order, and some never, which reminders mend.
 * `reliable`: the same without losses, and without reminders: nothing that a decision forgets is healed.
 * `calm`: each act is seen to its end before the next, so what must come of it is known.
 */
export type Mode = (typeof modes)[number];
export const modes = ["lossy", "reliable", "calm"] as const;

const tokens = ["pm_card", "pm_card", "pm_declined", "pm_asks_customer"] as const;

/** People and clocks act in this share of steps: where they hurry, much is on its way at once. */
const hastes = [0.08, 0.15, 0.45];
/** Messages are sent twice in this share of deliveries. */
const doubled = 0.15;
/** One service of a shop gives this share of its news up as dead letters; not inventory: nobody asks whether it has sold. */
const lost = 0.01;
const losers = ["order", "payment", "shipping"] as const;

type Setting = { mode: Mode; shop: Shop; chance: Chance; loser: (typeof losers)[number] };

/** Runs a shop with a few orders through one seed's history, until it rests. */
export function simulate(
  seed: number,
  { mode = "lossy", decisions = ourDecisions }: { mode?: Mode; decisions?: Decisions } = {},
): History {
  const chance = chanceOf(seed);
  const shop = openShop(chance, decisions);
  const units = unitsOf(shop);
  const wrong: string[] = [];
  try {
    const setting = { mode, shop, chance, loser: chance.oneOf(losers) };
    const haste = chance.oneOf(hastes);
    let orders = 1 + chance.below(5);
    for (let steps = 40 + chance.below(200); steps > 0; steps--) {
      if (orders > 0 && chance.is(0.2)) place(setting, `ord_${orders--}`);
      else if (chance.is(haste)) interfere(setting);
      else if (mode !== "calm") deliverOne(setting);
      if (mode === "calm") wrong.push(...seeThrough(setting));
      wrong.push(...stockAddsUp(shop, units));
    }
    while (orders > 0) place(setting, `ord_${orders--}`);
    rest(setting);
    wrong.push(...stockAddsUp(shop, units), ...violations(shop, { isReliable: mode !== "lossy" }));
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const ends = [...shop.orders.values()].map(({ status }) => status);
  return { seed, wrong: [...new Set([...shop.watch.found, ...wrong])], trace: shop.trace, ends };
}

function place({ shop, chance }: Setting, id: string) {
  shop.trace.push(`the customer places ${id}`);
  shop.place(id, anOrder(id, chance, chance.is(0.8) ? chance.oneOf(tokens) : null));
}

/** Any message may be the next; some stay on their way, to be delivered once more. */
function deliverOne({ shop, chance, loser, mode }: Setting) {
  if (shop.mail.length === 0) return;
  const at = chance.below(shop.mail.length);
  const mail = chance.is(doubled) ? shop.mail[at] : shop.mail.splice(at, 1)[0];
  if (!mail) return;
  if (mode === "lossy" && "event" in mail && mail.to === loser && chance.is(lost)) {
    shop.mail.splice(0, Infinity, ...shop.mail.filter((one) => one !== mail));
    shop.trace.push(`${mail.to} never handlers ${mail.event.type} ${mail.event.sagaId} (${mail.event.id})`);
  } else {
    shop.deliver(mail);
  }
}

/** What people and clocks do at moments of their own. */
function interfere({ shop, chance, mode }: Setting) {
  const ids = [...shop.orders.keys()];
  if (ids.length === 0) return;
  const id = chance.oneOf(ids);
  switch (chance.below(7)) {
    case 0:
      shop.trace.push(`the customer cancels ${id}`);
      shop.cancel({ cancels: id, isCalledOff: false });
      break;
    case 1:
    case 2:
      shop.trace.push(`the customer pays ${id}`);
      shop.pay(id, chance.oneOf(tokens));
      break;
    case 3:
      shop.passBank(id);
      break;
    case 4:
    case 5:
      shop.moveParcel(id);
      break;
    default:
      shop.passTime(chance.is(0.3) ? 900 : chance.below(chance.is(0.5) ? 120 : 900));
      shop.trace.push(`it is ${new Date(shop.now()).toISOString()}`);
      // A service that was down looks at its deadlines late.
      if (mode === "calm" || chance.is(0.7)) shop.fireTimers({ reminds: mode === "lossy" });
  }
}

/** The faults stop: everything is delivered, and time passes until no deadline is left but those of parcels under way. */
function rest({ shop, chance, mode }: Setting) {
  const reminds = mode === "lossy";
  for (let rounds = 0; rounds < 12; rounds++) {
    settle(shop, chance);
    shop.passTime(3_600);
    shop.trace.push(`an hour later: ${new Date(shop.now()).toISOString()}`);
    shop.fireTimers({ reminds });
    if (shop.mail.length === 0) break;
  }
  // Who has lost the news of a parcel asks for it after a day.
  for (let days = 0; days < 2; days++) {
    settle(shop, chance);
    shop.passTime(25 * 3_600);
    shop.trace.push(`a day later: ${new Date(shop.now()).toISOString()}`);
    shop.fireTimers({ reminds });
  }
  settle(shop, chance);
}

function settle(shop: Shop, chance: Chance) {
  for (let budget = 5_000; shop.mail.length > 0; budget--) {
    if (budget === 0) throw new Error("I10 the messages never end");
    const [mail] = shop.mail.splice(chance.below(shop.mail.length), 1);
    if (mail) shop.deliver(mail);
  }
}

/** Delivers in the order of sending until nothing is on its way: then an order waits for its customer, or for nobody. */
function seeThrough({ shop }: Setting): string[] {
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
