export { eventually } from "./eventually.ts";
export { forgetEvents } from "./forget-events.ts";
export { testElasticsearch } from "./offer-elasticsearch.ts";
export { testStores, type TestStores } from "./stores.ts";
export {
  customer,
  guest,
  neighbour,
  staff,
  startTestService,
  testMasterKey,
  type GraphAnswer,
  type TestService,
} from "./test-service.ts";
export { startNats, startNatsProvisioner } from "@shop/stack";
