import { userError, type UserError } from "@shop/service";
import { checkIdempotencyKey } from "@shop/values";
import { z } from "zod";
import type { ErrorCode } from "../generated/resolvers.ts";

export const idempotencyKey = z
  .string()
  .refine((key) => checkIdempotencyKey(key).length === 0, "expected a key of 1 to 200 characters");

/** A provider's token; text that looks like a card's number is refused before it can be stored anywhere. */
export const paymentMethod = z.object({
  token: z
    .string()
    .regex(/^[A-Za-z][\w-]{2,254}$/, "expected a token of the payment provider, such as pm_card_visa"),
});

/** Each issue that zod found, at its field. */
export function inputErrors(error: z.ZodError, at: readonly string[] = []): UserError<ErrorCode>[] {
  return error.issues.map((issue) =>
    userError("INVALID_INPUT", `${issue.message}.`, [...at, ...issue.path.map(String)]),
  );
}
