import { expect, test } from "vitest";
import { refuseSimpleRequest } from "./check-content-type.ts";

const urql =
  "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed";
const form = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
const image = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";

test.each([
  ["GET", { accept: urql }],
  ["GET", { accept: "application/graphql-response+json,application/json;q=0.9" }],
  ["GET", { accept: "Application/JSON" }],
  ["GET", { "content-type": "application/json" }],
  ["GET", { accept: "*/*", "apollo-require-preflight": "true" }],
  ["GET", { "x-apollo-operation-name": "CartPage" }],
  ["GET", { authorization: "Bearer x" }],
  ["POST", { "content-type": "application/json" }],
  ["POST", { "content-type": "application/json; charset=utf-8" }],
  ["POST", { "content-type": "APPLICATION/JSON;charset=UTF-8" }],
])("%s with %j is taken", (method, headers) => {
  expect(() => refuseSimpleRequest(method, headers)).not.toThrow();
});

test.each([
  ["GET", {}],
  ["GET", { accept: "*/*" }],
  ["GET", { accept: form }],
  ["GET", { accept: image }],
  ["GET", { accept: "text/css,*/*;q=0.1", "apollo-require-preflight": "" }],
  ["GET", { "content-type": "text/plain" }],
  ["POST", {}],
  ["POST", { "apollo-require-preflight": "true" }],
  ["POST", { accept: urql }],
  ["POST", { "content-type": "text/plain", "apollo-require-preflight": "true" }],
  ["POST", { "content-type": "text/plain; x=application/json", authorization: "Bearer x" }],
  ["POST", { "content-type": "application/x-www-form-urlencoded", "apollo-require-preflight": "true" }],
  ["POST", { "content-type": "multipart/form-data; boundary=x", "apollo-require-preflight": "true" }],
  ["POST", { "content-type": "application/graphql" }],
])("%s with %j is refused", (method, headers) => {
  expect(() => refuseSimpleRequest(method, headers)).toThrow(/content-type|needs a header/);
});
