import { expect, test } from "vitest";
import { aProduct } from "../../test/builders.ts";
import type { Decision } from "./decision.ts";
import { approveProduct, archiveProduct, rejectProduct, submitProduct } from "./moderate-product.ts";
import type { Product } from "./product.ts";

const now = new Date("2026-03-01T12:00:00Z");

function product(decision: Decision): Product {
  if (decision.outcome === "refused") throw new Error(decision.errors[0]?.message);
  return decision.product;
}

test("a draft goes through review into the shop, and then for good out of it", () => {
  const submitted = product(submitProduct(aProduct(), now));
  expect(submitted).toMatchObject({ status: "IN_REVIEW", version: 2, submittedAt: now });
  const live = approveProduct(submitted, now);
  expect(live).toMatchObject({
    event: { type: "ProductPublished" },
    product: { status: "PUBLISHED", version: 3 },
  });
  const gone = archiveProduct(product(live), now);
  expect(gone).toMatchObject({
    event: { type: "ProductArchived" },
    product: { status: "ARCHIVED", publishedAt: now },
  });
  expect(submitProduct(product(gone), now)).toMatchObject({
    outcome: "refused",
    errors: [{ code: "CONFLICT" }],
  });
});

test("a product that was sent back may be submitted again, and the reason goes", () => {
  const sentBack = product(rejectProduct(aProduct({ status: "IN_REVIEW" }), " No pictures ", now));
  expect(sentBack).toMatchObject({ status: "REJECTED", rejectionReason: "No pictures" });
  expect(product(submitProduct(sentBack, now))).toMatchObject({ status: "IN_REVIEW", rejectionReason: null });
});

test("no event is published of an archived draft", () => {
  expect(archiveProduct(aProduct(), now)).toMatchObject({ outcome: "changed", event: undefined });
});

test("only what waits for review can be approved or rejected", () => {
  for (const status of ["DRAFT", "PUBLISHED", "REJECTED", "ARCHIVED"] as const) {
    expect(approveProduct(aProduct({ status }), now).outcome).toBe("refused");
    expect(rejectProduct(aProduct({ status }), "x", now).outcome).toBe("refused");
  }
});
