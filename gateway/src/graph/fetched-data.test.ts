import { expect, test } from "vitest";
import { fetchedData } from "./fetched-data.ts";

type Services = Parameters<typeof fetchedData>[0];

async function fetched(...answers: unknown[]): Promise<unknown> {
  const services = {
    one: { process: async () => ({ data: { me: answers.shift() } }) },
  } as unknown as Services;
  const { recorded, data } = fetchedData(services);
  const options = { pathInIncomingRequest: [] } as unknown as Parameters<Services[string]["process"]>[0];
  while (answers.length > 0) await recorded["one"]?.process(options);
  return data["me"];
}

test("of what several subgraphs answer to one field, that is kept which the executor merges into", async () => {
  const [first, second] = [{ id: "usr_1" }, { cart: null }];
  expect(await fetched(first, second)).toBe(first);
  expect(await fetched(null, second)).toBe(second);
  expect(await fetched(first, null)).toBeNull();
  expect(await fetched(first, null, second)).toBe(second);
  expect(await fetched([1], [2], [3, 4])).toEqual([3, 4]);
});
