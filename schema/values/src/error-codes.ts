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
  OUT_OF_STOCK: "Not one unit can be bought now.",
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
} as const;

/** A value of the API's `ErrorCode`. */
export type UserErrorCode = keyof typeof userErrorCodes;
