/** The values of the API's `ErrorCode` and their meaning. A subgraph's schema lists those that its `userErrors` have. */
export const userErrorCodes = {
  INVALID_INPUT: "The input breaks a rule; `field` says where.",
  NOT_FOUND: "There is no such thing, or it isn't the caller's to see.",
  CONFLICT: "Something else already stands where this would go.",
  STALE_VERSION: "The thing has changed since the caller read it.",
  IDEMPOTENCY_KEY_REUSED: "The idempotency key was used before with other input.",
  EMAIL_TAKEN: "An account with this e-mail exists.",
  BAD_CREDENTIALS: "E-mail or password is wrong.",
  WEAK_PASSWORD: "The password is too short, too long, or easy to guess.",
  TOKEN_EXPIRED: "The token has expired, was revoked, or was used already.",
  OUT_OF_STOCK: "There are not as many free units in stock.",
  QUANTITY_LIMIT: "More units or lines than a cart takes, or than may be set aside without a payment.",
  NOT_FOR_SALE: "There is no such SKU, or it can't be bought.",
  CART_EMPTY: "The cart has no lines.",
  CURRENCY_NOT_SUPPORTED: "There is no price in this currency.",
  SHIPPING_UNAVAILABLE: "Nothing is shipped this way to this address.",
  TOO_MANY_OPEN_ORDERS:
    "The customer, e-mail or address has too many unpaid orders: pay or cancel one, or pay in the checkout.",
  ORDER_NOT_PAYABLE: "The order is past paying, is paid, or has had too many attempts.",
  ORDER_NOT_CANCELLABLE: "The order is past cancelling.",
  AMOUNT_NOT_PAYABLE:
    "The payment provider doesn't take an amount as small, as large or of such a fraction; the message says what it takes.",
  PAYMENT_DECLINED: "The payment provider declined; another method may work.",
  PAYMENT_UNAVAILABLE: "The payment provider can't be reached; try again.",
  SALE_NOT_RUNNING: "The flash sale has not begun, or is over; `flashSale.startsAt` and `now` say which.",
  SALE_SOLD_OUT:
    "No unit of the flash sale is free and its line is full. A unit that comes back may be entered for.",
  TICKET_NOT_HOLDING: "The flash-sale ticket holds no unit now, or its unit is in another order.",
} as const;

/** A value of the API's `ErrorCode`. */
export type UserErrorCode = keyof typeof userErrorCodes;

/** Codes of GraphQL errors (`extensions.code`) that a subgraph may give a client through the gateway, and so may the gateway. */
export const publicErrorCodes = {
  UNAUTHENTICATED:
    "Sign in first; or the access token has expired, is not valid, or is of a session that has ended (`reason`).",
  FORBIDDEN: "The caller is signed in and lacks the role.",
  BAD_USER_INPUT: "An argument or a variable breaks a rule; `field` is its path, where one is at fault.",
  NOT_FOUND: "There is no such thing, or it isn't the caller's to see.",
  CONFLICT: userErrorCodes.CONFLICT,
  STALE_VERSION: userErrorCodes.STALE_VERSION,
  IDEMPOTENCY_KEY_REUSED: userErrorCodes.IDEMPOTENCY_KEY_REUSED,
  CURRENCY_NOT_SUPPORTED: userErrorCodes.CURRENCY_NOT_SUPPORTED,
  SHIPPING_UNAVAILABLE: userErrorCodes.SHIPPING_UNAVAILABLE,
  PAYMENT_UNAVAILABLE: userErrorCodes.PAYMENT_UNAVAILABLE,
  QUANTITY_LIMIT: userErrorCodes.QUANTITY_LIMIT,
  TICKET_NOT_HOLDING: userErrorCodes.TICKET_NOT_HOLDING,
  RATE_LIMITED:
    "Too many requests, attempts or subscriptions; `retryAfterSeconds` says when to try again, where time helps.",
  SERVICE_UNAVAILABLE:
    "A part of the shop doesn't answer now; try again, a mutation under the same idempotency key.",
} as const;

/** Codes of GraphQL errors that the gateway alone gives. From a subgraph they would mean that the gateway's request was wrong. */
export const gatewayErrorCodes = {
  GRAPHQL_PARSE_FAILED: "The document is no GraphQL.",
  GRAPHQL_VALIDATION_FAILED:
    "The document doesn't fit the schema, or is past a limit on its size, depth or aliases.",
  BAD_REQUEST: "The HTTP request or the socket's message is no GraphQL request.",
  OPERATION_RESOLUTION_FAILURE: "`operationName` is missing, or names none of the document's operations.",
  PERSISTED_QUERY_NOT_FOUND: "The gateway doesn't know the document of this hash; send it along.",
  PERSISTED_QUERY_NOT_SUPPORTED: "Documents can't be sent by their hash.",
  PAYLOAD_TOO_LARGE: "The body of the request is too large.",
  QUERY_TOO_COSTLY:
    "The operation could answer with too many objects, or has too many mutations; ask for fewer at once.",
  SUBSCRIPTION_INTERRUPTED: "The subscription ended before its time; subscribe again after the last cursor.",
  INTERNAL_SERVER_ERROR: "A fault of the shop; the log has it under `requestId`.",
} as const;

/** The code of a GraphQL error that a subgraph may give a client. */
export type PublicErrorCode = keyof typeof publicErrorCodes;
/** The code of a GraphQL error that the gateway may give a client. */
export type GatewayErrorCode = PublicErrorCode | keyof typeof gatewayErrorCodes;
