export { eventually } from "./eventually.ts";
export { expireEvents } from "./expire-events.ts";
export { testElasticsearch } from "./shared-elasticsearch.ts";
export { tableDrift } from "./table-drift.ts";
export { testStores, type TestStores } from "./stores.ts";
export {
  customer,
  guest,
  stubService,
  staff,
  startTestService,
  testMasterKey,
  type GraphAnswer,
  type TestService,
} from "./test-service.ts";
export { startNats, startNatsProvisioner } from "@shop/stack";
export { useService } from "./use-service.ts";
