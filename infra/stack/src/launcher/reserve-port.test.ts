import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import getPort from "get-port";
import { expect, test } from "vitest";
import { reservePort } from "./reserve-port.ts";

const host = "127.0.0.1";

/** Whether somebody else may take the port. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A process that listens on the socket it inherits, and says who it is. */
function startGateway(socket: number | undefined) {
  const program = `require("net").createServer((s) => s.end("gateway")).listen({ fd: 3 }, () => console.log("up"))`;
  return spawn(process.execPath, ["-e", program], {
    stdio: ["ignore", "pipe", "inherit", socket ?? "ignore"],
  });
}

async function askAt(port: number): Promise<string> {
  const socket = connect(port, host);
  const chunks: Buffer[] = await socket.toArray();
  return Buffer.concat(chunks).toString();
}

test("from the reservation to the gateway's end no other program can take the port", async () => {
  const port = await getPort({ host });
  const reserved = await reservePort(port, host);
  expect(await isFree(port)).toBe(false);
  for (const _start of ["the first", "after a crash"]) {
    const gateway = await reserved.handOver(async (socket) => {
      const started = startGateway(socket);
      expect(await isFree(port)).toBe(false);
      return started;
    });
    expect(await isFree(port)).toBe(false);
    await once(gateway.stdout ?? process, "data");
    expect(await askAt(port)).toBe("gateway");
    gateway.kill("SIGKILL");
    await once(gateway, "exit");
  }
  expect(await isFree(port)).toBe(true);
});

test("a port that is taken, and a host that isn't this machine's, are told with what to do", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, host, resolve));
  const { port } = taken.address() as AddressInfo;
  await expect(reservePort(port, host)).rejects.toThrow(`Port ${port} is taken`);
  taken.close();
  await expect(reservePort(port, "192.0.2.1")).rejects.toThrow("GATEWAY_HOST=192.0.2.1");
});

test("what is released is free again", async () => {
  const port = await getPort({ host });
  const reserved = await reservePort(port, host);
  await reserved.release();
  await reserved.release();
  expect(await isFree(port)).toBe(true);
});
