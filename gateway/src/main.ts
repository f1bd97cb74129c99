import { collectWhenIdle } from "@shop/service/collect-when-idle";
import { openLog } from "@shop/service/log";
import { readGatewayConfig, type GatewayConfig } from "./config.ts";
import { startGateway } from "./gateway.ts";

// ApolloGateway reports to Apollo from its constructor. The gateway constructs none; this keeps one silent.
process.env["APOLLO_TELEMETRY_DISABLED"] = "1";

const config = readSettings();
const log = openLog("gateway", config.LOG_LEVEL);
const gateway = await startGateway(config, log);
log.info({ url: gateway.url }, "the gateway serves");
collectWhenIdle(gateway.subscriptions);

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

function readSettings(): GatewayConfig {
  try {
    return readGatewayConfig(process.env);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    // The same code as of services: a restart can't help.
    process.exit(78);
  }
}
