import { messageOf } from "./message-of.ts";
import { withTimeout } from "./with-timeout.ts";

/**
 * Whether a service can be used: "ready", "degraded" (what it can answer, it answers, and `troubles` names what is away), or
 * "not ready" (nothing useful).
 */
export type Readiness = { status: "ready" | "degraded" | "not ready"; troubles: Record<string, string> };

/** One thing that a service needs. `ask` answers or throws why it can't be used now; undefined when it can. */
export type Probe = {
  name: string;
  /** Without it nothing useful can be answered. */
  isVital?: boolean;
  ask: () => Promise<string | undefined>;
};

/** A probe that has not answered by then has failed. */
const withinMs = 2_000;

/** Runs all checks side by side. */
export async function readinessOf(probes: readonly Probe[]): Promise<Readiness> {
  const answers = await Promise.all(
    probes.map(async ({ name, isVital = false, ask }) => ({ name, isVital, trouble: await troubleOf(ask) })),
  );
  const found = answers.filter(({ trouble }) => trouble !== undefined);
  const troubles = Object.fromEntries(found.map(({ name, trouble }) => [name, trouble ?? ""]));
  if (found.some(({ isVital }) => isVital)) return { status: "not ready", troubles };
  return { status: found.length > 0 ? "degraded" : "ready", troubles };
}

async function troubleOf(ask: Probe["ask"]): Promise<string | undefined> {
  try {
    return await withTimeout(ask(), withinMs);
  } catch (error) {
    return messageOf(error);
  }
}
