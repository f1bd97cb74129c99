export { knobsFrom, type Knobs } from "./knobs.ts";
export { startStandIn, type StandIn, type StandInOptions } from "./server.ts";
