export { type History, simulate } from "./simulate.ts";
