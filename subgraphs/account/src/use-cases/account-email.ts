import { isEmail, normalEmail } from "@shop/values";
import { z } from "zod";

/** An account's e-mail in a setting, in the form in which it is stored. */
export const accountEmail = z
  .string()
  .transform(normalEmail)
  .refine(isEmail, "expected an e-mail address, such as ada@example.com");
