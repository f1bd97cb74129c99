import { readFaultSettings } from "./fault-settings.ts";
import { startStandIn } from "./server.ts";

const environment = process.env;
const folder = environment["STRIPE_DATA_FOLDER"];
const url = environment["STRIPE_WEBHOOK_URL"];
const secret = environment["STRIPE_WEBHOOK_SECRET"];
if (!folder || (url && !secret)) {
  console.error(
    "The Stripe stand-in needs STRIPE_DATA_FOLDER, and STRIPE_WEBHOOK_SECRET with STRIPE_WEBHOOK_URL.",
  );
  process.exit(2);
}

const standIn = await startStandIn({
  port: Number(environment["PORT"] ?? 0),
  dataFolder: folder,
  faults: readFaultSettings(environment),
  ...(url && secret && { webhook: { url, secret } }),
});
console.log(`Stripe stand-in on ${standIn.url}`);

let isStopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    standIn[Symbol.asyncDispose]().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
