import { z } from "zod";

/** Thrown at start for an invalid environment; the message lists all invalid settings. */
export class InvalidConfig extends Error {
  override readonly name = "InvalidConfig";
}

/**
 * Reads settings from the environment: `<SERVICE>_<NAME>` first, then `<NAME>`. An empty text counts as absent.
 * Throws InvalidConfig.
 */
export function readConfig<Shape extends z.ZodRawShape>(
  service: string,
  shape: Shape,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<z.ZodObject<Shape>> {
  const prefix = `${service.toUpperCase()}_`;
  const raw: Record<string, string | undefined> = {};
  for (const name of Object.keys(shape)) raw[name] = env[prefix + name] || env[name] || undefined;
  const read = z.object(shape).safeParse(raw);
  if (read.success) return read.data;
  const wrong = read.error.issues.map((issue) => {
    const name = issue.path.join(".");
    // A setting that is named after the service needs no prefix.
    const names = name.startsWith(prefix) ? name : `${prefix}${name} (or ${name})`;
    return `  ${names}: ${inWords(issue, raw[name])}`;
  });
  throw new InvalidConfig(`The configuration of "${service}" is not valid:\n${wrong.join("\n")}`);
}

/** The value is shown only where a number was expected: others may be secrets. */
function inWords(issue: z.core.$ZodIssue, given: string | undefined): string {
  if (issue.code !== "invalid_type") return issue.message;
  if (given === undefined) return "is missing";
  return issue.expected === "number" ? `expected a number, got "${given}"` : issue.message;
}

/** A JSON object in one variable. */
export const jsonSetting = <T extends z.ZodType>(inner: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "expected JSON" });
        return z.NEVER;
      }
    })
    .pipe(inner);
