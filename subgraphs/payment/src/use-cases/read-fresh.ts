import type { Deps } from "../deps.ts";
import { withoutSecrets } from "../stripe/errors.ts";

const maxReadings = 5;

/**
 * Reads the provider and applies the reading to the payment; reads again when the payment changed meanwhile, since a reading
 * that is older than the payment decides nothing. `apply` gets the payment's version before the reading, and answers false
 * when it was stale.
 */
export async function readFresh<Reading>(
  { store }: Pick<Deps, "store">,
  orderId: string,
  read: () => Promise<Reading>,
  apply: (reading: Reading, asOf: number) => Promise<boolean>,
): Promise<void> {
  for (let reading = 1; reading <= maxReadings; reading++) {
    const { version } = await store.ofOrder(orderId);
    if (await apply(await fromProvider(read), version)) return;
  }
  throw new Error(`the payment of ${orderId} changed during each of ${maxReadings} readings of the provider`);
}

/** Calls the provider; its errors are thrown without what they may repeat of the payment method. */
export async function fromProvider<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw withoutSecrets(error);
  }
}
