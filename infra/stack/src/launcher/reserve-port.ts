import { createServer, type Server } from "node:net";

/** The gateway's address, held by the launcher from before anything else starts until the gateway has it. */
export type ReservedPort = {
  /**
   * Calls `start` with the listening socket for a process to inherit, and then closes the launcher's own end of it: no other
   * process can take the port in between. Where sockets have no file descriptors (Windows) the port is free for an instant.
   */
  handOver: <T>(start: (socket: number | undefined) => Promise<T>) => Promise<T>;
  release: () => Promise<void>;
};

/** Listens on the address, and closes connections that come before the gateway. Throws when the port can't be had. */
export async function reservePort(port: number, host: string): Promise<ReservedPort> {
  let held: Server | undefined = await listen(port, host);
  const release = async (): Promise<void> => {
    const closing = held;
    held = undefined;
    if (closing) await new Promise((resolve) => closing.close(resolve));
  };
  return {
    release,
    async handOver(start) {
      // A gateway that restarts finds the port free: its predecessor's socket ended with it.
      held ??= await listen(port, host);
      const socket = descriptorOf(held);
      if (socket === undefined) await release();
      try {
        return await start(socket);
      } finally {
        await release();
      }
    },
  };
}

async function listen(port: number, host: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(new Error(reasonOf(error, port, host))));
    server.listen({ port, host, exclusive: true }, resolve);
  });
  return server;
}

function reasonOf({ code, message }: NodeJS.ErrnoException, port: number, host: string): string {
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} is taken. Give the gateway another one: PORT=<port> npm start`;
    case "EACCES":
      return `Port ${port} may not be opened by this user. Give the gateway one above 1023: PORT=<port> npm start`;
    default:
      return `The gateway can't listen on GATEWAY_HOST=${host} (${code ?? message}): expected an address of this machine, such as 0.0.0.0 for all of them.`;
  }
}

/** Not part of Node's documented interface, but what its cluster module hands over as well. */
function descriptorOf(server: Server): number | undefined {
  const { fd = -1 } = (server as unknown as { _handle?: { fd?: number } })._handle ?? {};
  return fd >= 0 ? fd : undefined;
}
