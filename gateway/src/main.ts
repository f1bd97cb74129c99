import { pino } from "pino";

// Read when @apollo/gateway is loaded: it would report home otherwise.
process.env["APOLLO_TELEMETRY_DISABLED"] = "1";
const { readGatewayConfig } = await import("./config.ts");
const { startGateway } = await import("./gateway.ts");

const config = readGatewayConfig(process.env);
const log = pino({ name: "gateway", level: config.LOG_LEVEL });
const gateway = await startGateway(config, log);
log.info({ url: gateway.url }, "the gateway serves");

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    gateway.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "the gateway did not stop cleanly");
        process.exit(1);
      },
    );
  });
}
