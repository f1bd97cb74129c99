import { chown, mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { bareEnvironment } from "../processes/bare-environment.ts";
import { startProcess, tailOf, type RunningProcess } from "../processes/start-process.ts";
import { findElasticsearch } from "./find-elasticsearch.ts";
import { startOnFreePort } from "./start-on-free-port.ts";
import { findUnprivilegedUser, commandAs, type UnprivilegedUser } from "./unprivileged-user.ts";
import { waitForAnswer } from "./wait-for-answer.ts";

export type ElasticsearchToStart = {
  folder: string;
  /** Free unless asked for. */
  port?: number;
  say?: (line: string) => void;
};

export type RunningElasticsearch = {
  url: string;
  port: number;
  process: RunningProcess;
  startAgain: () => Promise<RunningProcess>;
  stop: () => Promise<void>;
};

/** An Elasticsearch of its own: one node, on loopback, with a heap of 512 MB unless ES_JAVA_OPTS asks for another. */
export async function startElasticsearch(wanted: ElasticsearchToStart): Promise<RunningElasticsearch> {
  const { folder, say = () => undefined } = wanted;
  const program = await findElasticsearch(say);
  const home = path.join(folder, "elasticsearch");
  await mkdir(folder, { recursive: true });
  const account = await findUnprivilegedUser({
    title: "Elasticsearch",
    users: ["elasticsearch", "nobody"],
    home,
    mustReach: [program.path, `${folder}/.`],
    advice: "A running Elasticsearch in ELASTICSEARCH_URL helps as well.",
  });
  say("starting elasticsearch (10 s)");
  return await startOnFreePort(wanted.port, async (port) => {
    await writeConfiguration(home, port, account);
    const { command, args } = commandAs(account, program.path);
    const server = await startProcess({
      name: "elasticsearch",
      command,
      args,
      env: {
        ...bareEnvironment(),
        ...program.env,
        ES_PATH_CONF: path.join(home, "config"),
        ES_TMPDIR: path.join(home, "tmp"),
        // The last of each counts.
        ES_JAVA_OPTS: `-Xms512m -Xmx512m ${process.env["ES_JAVA_OPTS"] ?? ""}`,
      },
      dataFolder: folder,
    });
    try {
      const greeting = "GET /_cluster/health HTTP/1.0\r\n\r\n";
      await waitForAnswer(server, { port, greeting, expects: /"number_of_nodes":1/, withinMs: 120_000 });
    } catch (error) {
      await server.stop();
      // Its last words are a long trace, the reason stands before it.
      if (!/already in use/i.test(tailOf(server.logFile, 100))) throw error;
      throw new Error(`Port ${port} is in use.`, { cause: error });
    }
    return {
      url: `http://127.0.0.1:${port}`,
      port,
      process: server,
      startAgain: async () => (await startElasticsearch({ folder, port })).process,
      stop: () => server.stop(),
    };
  });
}

/** All that it reads and writes is below the shop's folder, so that an installation may be anybody's. */
async function writeConfiguration(
  home: string,
  port: number,
  account: UnprivilegedUser | undefined,
): Promise<void> {
  const folders = ["config", "data", "tmp"].map((name) => path.join(home, name));
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = {
    "elasticsearch.yml": settings(home, port),
    "jvm.options": javaOptions,
    "log4j2.properties": logSettings,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(home, "config", name), text);
  if (!account) return;
  const written = (await readdir(path.join(home, "config"))).map((name) => path.join(home, "config", name));
  for (const file of [home, ...folders, ...written]) await chown(file, account.uid, account.gid);
}

function settings(home: string, port: number): string {
  return `
cluster.name: shop
node.name: shop
discovery.type: single-node
network.host: 127.0.0.1
http.port: ${port}
transport.port: 0
path.data: ${JSON.stringify(path.join(home, "data"))}
path.logs: ${JSON.stringify(path.join(home, "tmp"))}
xpack.security.enabled: false
# A nearly full disk is the machine's affair, not a reason to refuse writes.
cluster.routing.allocation.disk.threshold_enabled: false
# A lost index is to be noticed, not to be replaced by an empty one.
action.auto_create_index: false
`;
}

/**
 * The serial collector: on a small heap it is quick, and takes 100 MB less than the usual one. Only the quick compiler: the
 * thorough one takes half a core for the first minutes; ES_JAVA_OPTS="-XX:TieredStopAtLevel=4" has it again.
 */
const javaOptions = `
-XX:+UseSerialGC
-XX:TieredStopAtLevel=1
-XX:+ExitOnOutOfMemoryError
-Djava.io.tmpdir=\${ES_TMPDIR}
`;

/** To its output, which goes where those of all stores go. */
const logSettings = `
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%consoleException%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;
