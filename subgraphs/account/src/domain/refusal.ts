/** An expected failure, in the API's form. */
export type Refusal = {
  code: "INVALID_INPUT" | "NOT_FOUND" | "EMAIL_TAKEN" | "BAD_CREDENTIALS" | "WEAK_PASSWORD" | "TOKEN_EXPIRED";
  message: string;
  field?: string[];
};
