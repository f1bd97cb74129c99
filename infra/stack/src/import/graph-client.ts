import { Pool } from "undici";
import { z } from "zod";
import { tryParseJson } from "../messages.ts";

/** A client of the shop's public API, as one user. */
export type GraphClient = {
  send<T extends z.ZodType>(query: string, variables: object, answer: T): Promise<z.infer<T>>;
  [Symbol.asyncDispose](): Promise<void>;
};

const envelope = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
});

const session = z.object({
  logIn: z.object({
    session: z.object({ accessToken: z.string() }).nullable(),
    userErrors: z.array(z.object({ message: z.string() })),
  }),
});

const logIn = `mutation LogIn($input: LogInInput!) {
  logIn(input: $input) { session { accessToken } userErrors { message } }
}`;

/** The age at which a session is replaced: access tokens live 15 minutes. */
const renewAfterMs = 10 * 60_000;

/** Logs in and keeps the session fresh. Throws with a clear message when the shop can't be reached or refuses. */
export async function openGraph(
  url: string,
  user: { email: string; password: string },
): Promise<GraphClient> {
  const target = new URL(url);
  const pool = new Pool(target.origin, { connections: 4, bodyTimeout: 120_000, headersTimeout: 120_000 });
  let token: { value: string; since: number } | undefined;

  const post = async <T extends z.ZodType>(query: string, variables: object, answer: T, bearer?: string) => {
    const response = await pool
      .request({
        path: target.pathname,
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        },
        body: JSON.stringify({ query, variables }),
      })
      .catch((cause: unknown) => {
        throw new Error(
          `No shop answers at ${url}. Start one with \`npm start\`, or name another with --url.`,
          { cause },
        );
      });
    const text = await response.body.text();
    const body = envelope.safeParse(tryParseJson(text));
    if (!body.success)
      throw new Error(`${url} answered ${response.statusCode}, not as a graph: ${text.slice(0, 200)}`);
    if (body.data.errors?.length)
      throw new Error(body.data.errors.map(({ message }) => shortened(message)).join("; "));
    return answer.parse(body.data.data);
  };

  const bearer = async (): Promise<string> => {
    if (token && Date.now() - token.since < renewAfterMs) return token.value;
    const { logIn: answer } = await post(logIn, { input: user }, session);
    if (!answer.session)
      throw new Error(`${user.email}: ${answer.userErrors.map(({ message }) => message).join("; ")}`);
    token = { value: answer.session.accessToken, since: Date.now() };
    return token.value;
  };

  return {
    send: async (query, variables, answer) => post(query, variables, answer, await bearer()),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

/** The message about a refused variable begins with its whole value, and ends with the reason. */
function shortened(message: string): string {
  return message.length <= 600 ? message : `${message.slice(0, 100)}…${message.slice(-500)}`;
}
