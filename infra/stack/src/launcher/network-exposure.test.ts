import { expect, test } from "vitest";
import { isLoopback, readExposure, urlOn } from "./network-exposure.ts";

const refusal = (env: NodeJS.ProcessEnv): string => {
  try {
    readExposure(env);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
};
const own = JSON.stringify([
  { email: "ada@shop.example", name: "Ada", password: "a long one of her own", roles: ["STAFF"] },
]);
const production = {
  NODE_ENV: "production",
  BOOTSTRAP_USERS: own,
  STRIPE_SECRET_KEY: "sk_live_1",
  STRIPE_WEBHOOK_SECRET: "whsec_1",
};

test("without settings only this machine reaches the demonstration", () => {
  for (const env of [
    {},
    { HOST: "" },
    { HOST: "localhost" },
    { CART_HOST: "127.0.0.1" },
    { GATEWAY_HOST: "::1" },
  ])
    expect(readExposure(env)).toMatchObject({ isOpen: false, isProduction: false, users: undefined });
});

test.each(["HOST", "CART_HOST", "PAYMENT_HOST", "SEARCH_HOST", "STRIPE_HOST"])(
  "%s other than loopback is refused, and GATEWAY_HOST is named instead",
  (name) => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "fe80::1", "my-laptop", " 0.0.0.0 "]) {
      const said = refusal({ [name]: host });
      expect(said).toContain(`${name}=${host.trim()} would open services`);
      expect(said).toContain(`GATEWAY_HOST=${host.trim()} opens the gateway alone`);
    }
  },
);

test("GATEWAY_HOST opens the gateway, though not without limits nor with the demo's password", () => {
  for (const host of ["0.0.0.0", "::", "192.168.1.5", "my-laptop"])
    expect(readExposure({ GATEWAY_HOST: host })).toMatchObject({ gatewayHost: host, isOpen: true });
  expect(refusal({ GATEWAY_HOST: "0.0.0.0", LIMITS: "off" })).toContain("LIMITS=off");
  expect(refusal({ GATEWAY_HOST: "0.0.0.0", GATEWAY_LIMITS: "off" })).toContain("LIMITS=off");
  const known = own.replace("a long one of her own", "demo-password-1");
  expect(refusal({ GATEWAY_HOST: "0.0.0.0", BOOTSTRAP_USERS: known })).toContain("everybody knows");
  expect(refusal({ BOOTSTRAP_USERS: known })).toBe("");
});

test.each(["production", "Production", "prod"])(
  "NODE_ENV=%s opens no demonstration, and says all that is missing",
  (env) => {
    const said = refusal({ NODE_ENV: env });
    for (const name of ["BOOTSTRAP_USERS", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
      expect(said).toContain(`${name} is missing`);
  },
);

test("production with people, provider and limits of its own is let through; each thing of the demo is not", () => {
  expect(readExposure(production)).toMatchObject({
    isProduction: true,
    users: [{ email: "ada@shop.example" }],
  });
  expect(refusal({ ...production, LIMITS: "off" })).toContain("LIMITS=off");
  expect(
    refusal({ ...production, BOOTSTRAP_USERS: own.replace("a long one of her own", "demo-password-1") }),
  ).toContain("everybody knows");
  expect(refusal({ ...production, STRIPE_SECRET_KEY: "" })).toContain("STRIPE_SECRET_KEY is missing");
  expect(refusal({ ...production, HOST: "0.0.0.0" })).toContain("HOST=0.0.0.0");
});

test("people are JSON, with a password of 8 characters and one of them staff", () => {
  expect(refusal({ BOOTSTRAP_USERS: "ada" })).toContain("expected JSON such as");
  expect(refusal({ BOOTSTRAP_USERS: own.replace("a long one of her own", "short") })).toContain(
    "at least 8 characters",
  );
  expect(refusal({ BOOTSTRAP_USERS: own.replace("STAFF", "CUSTOMER") })).toContain("role STAFF");
});

test("which hosts are this machine's alone, and how they are reached", () => {
  expect(["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"].every(isLoopback)).toBe(
    true,
  );
  expect(["0.0.0.0", "::", "128.0.0.1", "127.example.com", "10.0.0.1"].some(isLoopback)).toBe(false);
  expect(urlOn("0.0.0.0", 4000)).toBe("http://127.0.0.1:4000");
  expect(urlOn("::", 4000)).toBe("http://[::1]:4000");
  expect(urlOn("fd00::5", 4000)).toBe("http://[fd00::5]:4000");
  expect(urlOn("192.168.1.5", 4000)).toBe("http://192.168.1.5:4000");
});
