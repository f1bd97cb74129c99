// Its types change those of graphql for the whole program, so TypeScript reads hive-runtime.d.mts instead.
export { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
