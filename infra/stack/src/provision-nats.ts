import { startNatsProvisioner } from "./stores/nats-provisioner.ts";

// Makes the stream and the services' consumers on the NATS at NATS_URL, and keeps them there until it is stopped: for services
// that run without the launcher, which does the same itself. It needs a user who may manage the stream SHOP.

const url = process.env["NATS_URL"];
if (!url) {
  console.error("NATS_URL is missing: the NATS with JetStream, as nats://user:password@host:port");
  process.exit(64);
}
const provisioner = await startNatsProvisioner(url, (line) => console.log(line));
console.log("the stream and its consumers are kept");
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => void provisioner.stop().then(() => process.exit(0)));
