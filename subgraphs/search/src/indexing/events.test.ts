import { event, seal, type ShopEvent } from "@shop/events";
import { expect, test } from "vitest";
import { aProduct } from "../../test/snapshots.ts";
import type { IndexDocument } from "../engine/engine.ts";
import { projection } from "./events.ts";

test("a batch writes the newest of each product once, with its popularity", async () => {
  const written: IndexDocument[] = [];
  const { apply } = projection(
    {
      write: (documents) => Promise.resolve(void written.push(...documents)),
      markIncomplete: () => Promise.resolve(),
    },
    { withPopularity: async (documents) => documents.map((one) => ({ ...one, popularity: 7 })) },
  );
  const versions = [2, 1].map((version) => {
    const product = aProduct("lamp", { version, title: `Lamp ${version}` });
    const changed = event("ProductChanged", { aggregateId: "prd_lamp", version, data: { product } });
    return seal(changed, new Date()) as ShopEvent<"ProductChanged">;
  });
  await apply(versions);
  expect(written.map(({ title, popularity }) => ({ title, popularity }))).toEqual([
    { title: "Lamp 2", popularity: 7 },
  ]);
});
