import { request } from "undici";

// oxlint-disable-next-line typescript/no-explicit-any -- a bench reads the few fields that it selects
type Data = any;

/** Sends a document to the shop's graph; throws for errors and user errors. */
export type Ask = (query: string, variables: object) => Promise<Data>;

export function askAs(url: string, token?: string): Ask {
  return async (query, variables) => {
    const { body } = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const text = await body.text();
    // Of errors and of user errors alike; no operation of a bench asks for any other message.
    if (text.includes('"message"')) throw new Error(text.slice(0, 500));
    return (JSON.parse(text) as { data: Data }).data;
  };
}
