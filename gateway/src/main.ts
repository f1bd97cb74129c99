import { giveBackMemory } from "@shop/service/give-back-memory";
import { pino } from "pino";
import { readGatewayConfig } from "./config.ts";
import { startGateway } from "./gateway.ts";

// ApolloGateway would report home from its constructor. Nobody constructs one here; should somebody, it stays silent.
process.env["APOLLO_TELEMETRY_DISABLED"] = "1";

const config = readGatewayConfig(process.env);
const log = pino({ name: "gateway", level: config.LOG_LEVEL });
const gateway = await startGateway(config, log);
log.info({ url: gateway.url }, "the gateway serves");
giveBackMemory();

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
