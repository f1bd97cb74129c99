import type { executeQueryPlan } from "@apollo/gateway";

type ServiceMap = Parameters<typeof executeQueryPlan>[1];
type Service = ServiceMap[string];

/**
 * Records the services' answers of one execution. The executor merges what it fetches for entities into the objects of the
 * root fetches, so these hold all data in the end.
 */
export function fetchedData(services: ServiceMap): { recorded: ServiceMap; data: Record<string, unknown> } {
  const data: Record<string, unknown> = {};
  const record =
    (service: Service): Service["process"] =>
    async (options) => {
      const answer = await service.process(options);
      const isAtRoot = "pathInIncomingRequest" in options && options.pathInIncomingRequest?.length === 0;
      if (isAtRoot) for (const [key, value] of Object.entries(answer.data ?? {})) merge(data, key, value);
      return answer;
    };
  const recorded = new Proxy(services, {
    get(all, name: string) {
      const service = all[name];
      return service && { process: record(service) };
    },
  });
  return { recorded, data };
}

/** Merges as the executor does: of two objects for one field it keeps the first, and merges the second into it. */
function merge(data: Record<string, unknown>, key: string, value: unknown): void {
  const kept = data[key];
  const isList = Array.isArray(value);
  const isMerged = isList
    ? Array.isArray(kept) && kept.length === value.length
    : Boolean(kept) && typeof value === "object" && value !== null;
  if (!isMerged) data[key] = value;
}
