import { getOperationAST, parse } from "graphql";
import { expect, test } from "vitest";
import { PlanCache, type ValidatedOperation } from "./plan-cache.ts";

function asked(text: string): ValidatedOperation {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  return { queryHash: text, document, operation };
}

const plan = (isKnown = false) => ({ queryPlan: {}, shapes: 1, isKnown });

test("a known operation is found in any white space, and stays through a stream of others", () => {
  const plans = new PlanCache<ReturnType<typeof plan>>();
  plans.pin(asked("query Page { a { b } }"), plan(true));
  const fields = Array.from({ length: 300 }, (_, at) => `f${at}`).join(" ");
  for (let n = 0; n < 500; n++) for (const _ of [1, 2]) plans.find(asked(`{ a${n}: a { ${fields} } }`), plan);
  expect(plans.bytes).toBeLessThanOrEqual(20 * 2 ** 20);
  expect(plans.bytes).toBeGreaterThan(15 * 2 ** 20);
  const unexpected = () => {
    throw new Error("planned anew");
  };
  expect(plans.find(asked("query Page {\n  a {\n    b\n  }\n}"), unexpected).isKnown).toBe(true);
});

test("an operation is planned anew until it came twice; another name is another operation", () => {
  const plans = new PlanCache<ReturnType<typeof plan>>();
  let planned = 0;
  const count = () => (planned++, plan());
  for (const _ of [1, 2, 3, 4]) plans.find(asked("query A { a }"), count);
  expect(planned).toBe(2);
  plans.find(asked(`query ${"B".repeat(100)} { a }`), count);
  plans.find(asked(`query ${"B".repeat(101)} { a }`), count);
  expect(planned).toBe(4);
});
