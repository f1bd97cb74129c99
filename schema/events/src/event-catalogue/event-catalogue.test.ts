import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { eventTypes, parseEvent } from "../index.ts";
import { catalogueFile, exampleOf, withCatalogue } from "./event-catalogue.ts";
import { namesEvent, neverPublished, readSubscribers } from "./subscribers.ts";

test("the catalogue of events is up to date: else run `npm run compose`", async () => {
  const readme = await readFile(catalogueFile, "utf8");
  expect(readme).toBe(withCatalogue(readme));
});

test("each event's example passes its validator, without a field that the validator drops", () => {
  for (const type of eventTypes) {
    const example = exampleOf(type);
    expect(parseEvent(JSON.stringify(example))).toEqual(example);
  }
});

test("each event says in a comment what it means", async () => {
  expect(await readFile(catalogueFile, "utf8")).not.toMatch(/^\| \w+ \| {2}\|/m);
});

test("each event is published by the service whose it is", () => {
  expect(neverPublished()).toEqual([]);
});

test("an event counts as named where it is a string or a key, not where it is part of a longer name", () => {
  expect(namesEvent('types: ["OrderPaid"]', "OrderPaid")).toBe(true);
  expect(namesEvent("  OrderPaid: capture,", "OrderPaid")).toBe(true);
  expect(namesEvent("  async OrderPaid(tx) {", "OrderPaid")).toBe(true);
  expect(namesEvent("  notOrderPaid: 1, OrderPaidLater: 2", "OrderPaid")).toBe(false);
});

test("the checkout saga's events have the subscribers that the saga needs", () => {
  const subscribers = readSubscribers();
  expect(subscribers.get("OrderInitiated")).toEqual(["inventory", "payment"]);
  expect(subscribers.get("InventoryReserved")).toEqual(["order", "payment"]);
  expect(subscribers.get("OrderConfirmed")).toEqual(["search", "cart", "inventory", "shipping"]);
  expect(subscribers.get("ProductsViewed")).toEqual(["search"]);
});
