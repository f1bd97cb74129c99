export { load, type Measured } from "./load.ts";
