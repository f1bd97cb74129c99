import { expect, test } from "vitest";
import { readGatewayConfig } from "./config.ts";

const right = {
  GATEWAY_SUBGRAPHS: `{ "catalog": "http://127.0.0.1:4001/graphql" }`,
  IDENTITY_MASTER_KEY: "0123456789abcdef",
  JWKS: `{ "keys": [{ "kty": "OKP" }] }`,
  REDIS_URL: "redis://127.0.0.1:6379",
};

test("everything that is wrong is said at once", () => {
  expect(() => readGatewayConfig({ SUBGRAPHS: "{", PORT: "x" })).toThrow(
    /PORT\): expected a number, got "x"[^]*SUBGRAPHS\): expected JSON[^]*IDENTITY_MASTER_KEY[^]*JWKS[^]*REDIS_URL\): is missing/,
  );
});

test("switching the throttles off is refused in production", () => {
  expect(readGatewayConfig({ ...right, LIMITS: "off" }).LIMITS).toBe("off");
  expect(() => readGatewayConfig({ ...right, LIMITS: "off", NODE_ENV: "production" })).toThrow("refused");
});

test("the page of a stand-in's bank is refused in production", () => {
  const bank = { ...right, BANK_PAGE_URL: "http://127.0.0.1:4500" };
  expect(readGatewayConfig(bank).BANK_PAGE_URL).toBe("http://127.0.0.1:4500");
  expect(() => readGatewayConfig({ ...bank, NODE_ENV: "production" })).toThrow("BANK_PAGE_URL");
});
