export { readFaultSettings, type FaultSettings } from "./fault-settings.ts";
export { startStandIn, type StandIn, type StandInOptions } from "./server.ts";
