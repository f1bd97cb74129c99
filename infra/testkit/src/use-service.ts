import type { ServiceDefinition } from "@shop/service";
import { afterAll, beforeAll } from "vitest";
import { testStores, type TestStores } from "./stores.ts";
import { startTestService, type TestService } from "./test-service.ts";

type UsedService = TestService & { stores: TestStores };

/**
 * The head of a test file: starts a service on stores of its own before the file's hooks and tests, and stops both after them. The
 * result can't be read before, while the file is loaded.
 */
export function useService(definition: ServiceDefinition, env: Record<string, string> = {}): UsedService {
  const stack = new AsyncDisposableStack();
  let used: UsedService | undefined;
  beforeAll(async () => {
    const stores = stack.use(await testStores());
    used = { ...stack.use(await startTestService(definition, { stores, env })), stores };
  });
  afterAll(() => stack.disposeAsync());
  return new Proxy({} as UsedService, {
    get(_, key): unknown {
      if (!used)
        throw new Error(`${definition.name} starts before the first test, and not while the file is loaded.`);
      return Reflect.get(used, key);
    },
  });
}
