const minuteS = 60;
const quarterS = 900;
const hourS = 3600;
const dayS = 24 * hourS;

/** So many attempts in so many seconds. */
export interface AttemptRate {
  per: "ip" | "email and ip" | "session" | "user";
  points: number;
  seconds: number;
}

/** How often a field of mutations may be tried: log-in, sign-up, a change of password, the entrance of a flash sale. */
export const attemptRates: Record<string, AttemptRate[]> = {
  logIn: [
    { per: "ip", points: 100, seconds: quarterS },
    { per: "email and ip", points: 10, seconds: quarterS },
  ],
  signUp: [{ per: "ip", points: 100, seconds: hourS }],
  refreshSession: [{ per: "ip", points: 300, seconds: quarterS }],
  passwordChange: [
    { per: "ip", points: 20, seconds: quarterS },
    { per: "session", points: 10, seconds: quarterS },
    { per: "user", points: 100, seconds: dayS },
  ],
  // A customer enters a sale once, and again after a lost answer or a hold that ran out; the rest are programs. The address
  // may be a household's, an office's or a mobile network's.
  flashSaleEnter: [
    { per: "ip", points: 100, seconds: minuteS },
    { per: "user", points: 10, seconds: minuteS },
  ],
};

/** The fields by which a secret can be guessed: only wrong attempts stay counted. */
export const guessingFields = new Set(["logIn", "passwordChange"]);

export const throttledFields: ReadonlySet<string> = new Set(Object.keys(attemptRates));

/**
 * Wrong log-ins at one account from all addresses that it doesn't know: 100 a day (NIST SP 800-63B), and beyond them one
 * from each further address, 60 an hour. So strangers can't lock the owner out, who types the right password once from any
 * address, and have some 1,500 guesses a day, however many addresses they use.
 */
export const wrongLogIns = {
  strangers: { points: 100, seconds: dayS },
  single: { points: 1, seconds: dayS },
  spare: { points: 60, seconds: hourS },
};

/** How long an address stays known to an account after its last sign-in; Node's timers wait 24.8 days at most. */
export const knownS = 24 * dayS;
