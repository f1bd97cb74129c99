import { expect, test } from "vitest";
import { connectionToken } from "./connection-token.ts";

test.each([
  [{ authorization: "Bearer a.b.c" }],
  [{ Authorization: "Bearer a.b.c" }],
  [{ accessToken: "a.b.c" }],
  [{ accessToken: "Bearer a.b.c" }],
  [{ headers: { Authorization: "Bearer a.b.c" } }],
  [{ headers: { accessToken: "a.b.c" } }],
  [{ token: "x", authorization: "Bearer a.b.c" }],
])("%j is a token", (params) => {
  expect(connectionToken(params)).toEqual({ authorization: "Bearer a.b.c" });
});

test.each([
  [undefined],
  [{}],
  [{ authorization: "" }],
  [{ authorization: null, accessToken: undefined }],
  [{ headers: {} }],
  [{ "apollographql-client-name": "shop" }],
])("%j is a guest's", (params) => {
  expect(connectionToken(params)).toEqual({});
});

test.each([
  [{ authToken: "a.b.c" }, "authToken"],
  [{ token: "a.b.c" }, "token"],
  [{ headers: { "x-auth": "a.b.c" } }, "x-auth"],
  [{ jwt: { a: 1 } }, "jwt"],
])("%j is meant to sign in, and named wrongly", (params, misnamed) => {
  expect(connectionToken(params)).toEqual({ misnamed });
});

test("a token that is no text is refused as one", () => {
  expect(connectionToken({ accessToken: { a: 1 } })).toEqual({ authorization: "no text" });
});
