import { GraphQLError } from "graphql";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createMetrics } from "../metrics.ts";
import { errorMasker } from "./mask-errors.ts";

const lines: string[] = [];
const mask = errorMasker(
  pino({ level: "error" }, { write: (line: string) => void lines.push(line) }),
  createMetrics(),
);

test.each([
  ["an Error", new Error("secret")],
  ["a GraphQLError without a code", new GraphQLError("secret")],
  ["an object", { message: "secret", extensions: { code: "NOT_FOUND" } }],
  ["a text", "secret"],
  ["nothing", undefined],
])("%s is logged, and the client gets the request's id alone", (_name, thrown) => {
  lines.length = 0;
  const { message, extensions } = mask(thrown, "checkout-7");
  expect(extensions).toEqual({ code: "INTERNAL_SERVER_ERROR", requestId: "checkout-7" });
  expect(message).not.toContain("secret");
  expect(lines).toHaveLength(1);
});

test("a known code passes, without what is the gateway's own", () => {
  const extensions = { code: "NOT_FOUND", serviceName: "order", stacktrace: ["a"], http: { status: 400 } };
  expect(mask(new GraphQLError("No such order.", { extensions }), "1").toJSON()).toEqual({
    message: "No such order.",
    extensions: { code: "NOT_FOUND" },
  });
});
