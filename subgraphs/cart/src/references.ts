/** A customer, as cart refers to them. */
export type UserReference = { id: string };
