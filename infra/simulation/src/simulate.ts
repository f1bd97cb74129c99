import { type Chance, chanceOf } from "./chance.ts";
import { stockAddsUp, unitsOf, violations } from "./invariants.ts";
import { anOrder, openShop, type Shop } from "./shop.ts";

/** One history: what was wrong in it, all that happened, and how its orders ended. */
export type History = { seed: number; wrong: string[]; trace: string[]; ends: string[] };

const tokens = ["pm_card", "pm_card", "pm_declined", "pm_asks_customer"] as const;

/** Messages are sent twice in this share of deliveries. */
const doubled = 0.15;
/** One service of a shop gives this share of its news up as dead letters; not inventory: nobody asks whether it has sold. */
const lost = 0.01;
const losers = ["order", "payment", "shipping"] as const;

/** Runs a shop with a few orders through one seed's history of doubled, late and disordered messages, until it rests. */
export function simulate(seed: number): History {
  const chance = chanceOf(seed);
  const shop = openShop(chance);
  const units = unitsOf(shop);
  const wrong: string[] = [];
  try {
    const loser = chance.oneOf(losers);
    let orders = 1 + chance.below(5);
    for (let steps = 40 + chance.below(200); steps > 0; steps--) {
      if (orders > 0 && chance.is(0.2)) place(shop, chance, `ord_${orders--}`);
      else if (chance.is(0.12)) interfere(shop, chance);
      else deliverOne(shop, chance, loser);
      wrong.push(...stockAddsUp(shop, units));
    }
    while (orders > 0) place(shop, chance, `ord_${orders--}`);
    rest(shop, chance);
    wrong.push(...stockAddsUp(shop, units), ...violations(shop));
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const ends = [...shop.orders.values()].map(({ status }) => status);
  return { seed, wrong: [...new Set(wrong)], trace: shop.trace, ends };
}

function place(shop: Shop, chance: Chance, id: string) {
  shop.trace.push(`the customer places ${id}`);
  shop.tellOrder(id, anOrder(id, chance, chance.is(0.8) ? chance.oneOf(tokens) : null));
}

/** Any message may be the next; some stay on their way, to be delivered once more. */
function deliverOne(shop: Shop, chance: Chance, loser: (typeof losers)[number]) {
  if (shop.mail.length === 0) return;
  const at = chance.below(shop.mail.length);
  const mail = chance.is(doubled) ? shop.mail[at] : shop.mail.splice(at, 1)[0];
  if (!mail) return;
  if ("event" in mail && mail.to === loser && chance.is(lost)) {
    shop.mail.splice(0, Infinity, ...shop.mail.filter((one) => one !== mail));
    shop.trace.push(`${mail.to} never hears ${mail.event.type} ${mail.event.sagaId} (${mail.event.id})`);
  } else {
    shop.deliver(mail);
  }
}

/** What people and clocks do at moments of their own. */
function interfere(shop: Shop, chance: Chance) {
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
      shop.tellOrder(id, { type: "PayOrder", paymentToken: chance.oneOf(tokens) });
      break;
    case 3:
      shop.passBank(id);
      break;
    case 4:
    case 5:
      shop.moveParcel(id);
      break;
    default:
      shop.passTime(chance.is(0.3) ? 900 : chance.below(120));
      shop.trace.push(`it is ${new Date(shop.now()).toISOString()}`);
      shop.fireTimers();
  }
}

/** The faults stop: everything is delivered, and time passes until no deadline is left but those of parcels under way. */
function rest(shop: Shop, chance: Chance) {
  for (let rounds = 0; rounds < 12; rounds++) {
    settle(shop, chance);
    shop.passTime(3_600);
    shop.trace.push(`an hour later: ${new Date(shop.now()).toISOString()}`);
    shop.fireTimers();
    if (shop.mail.length === 0) break;
  }
  // Who has lost the news of a parcel asks for it after a day.
  for (let days = 0; days < 2; days++) {
    settle(shop, chance);
    shop.passTime(25 * 3_600);
    shop.trace.push(`a day later: ${new Date(shop.now()).toISOString()}`);
    shop.fireTimers();
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
