import type { GraphQLError } from "graphql";

/** Why a subscription did not begin. */
class SubscriptionRefused extends Error {
  override name = "SubscriptionRefused";
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super("The subscription was refused");
    this.errors = errors;
  }
}

/**
 * The events of a subscription that was refused. The protocol has a message `error` for that, which graphql-ws sends for
 * events that throw; an answer of errors alone would go out as `next`, like an event.
 */
export function refusedSubscription(errors: readonly GraphQLError[]): AsyncIterableIterator<never> {
  return {
    next: () => Promise.reject(new SubscriptionRefused(errors)),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The errors of a refusal, as graphql-ws hands them on: wrapped in one of its own. */
export function refusedErrors(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  return errors.flatMap((error) => {
    const { originalError } = error;
    return originalError instanceof SubscriptionRefused ? originalError.errors : [error];
  });
}
