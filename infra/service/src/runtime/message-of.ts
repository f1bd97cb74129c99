/** The message of a thrown value; the name of an error without a message, such as that of a refused connection. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
