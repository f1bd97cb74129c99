import { chown, mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { findElasticsearch } from "./find-elasticsearch.ts";
import { startStore, type RunningStore } from "./start-store.ts";
import { commandAs, findUnprivilegedUser, type UnprivilegedUser } from "./unprivileged-user.ts";

export type ElasticsearchToStart = {
  folder: string;
  /** A free one by default. */
  port?: number;
  say?: (line: string) => void;
};

export type RunningElasticsearch = RunningStore & { url: string };

/** An Elasticsearch of its own: one node, on loopback, with a heap of 512 MB by default (ES_JAVA_OPTS). */
export async function startElasticsearch(wanted: ElasticsearchToStart): Promise<RunningElasticsearch> {
  const { folder, port, say = () => undefined } = wanted;
  const program = await findElasticsearch(say);
  const home = path.join(folder, "elasticsearch");
  await mkdir(folder, { recursive: true });
  const user = await findUnprivilegedUser({
    title: "Elasticsearch",
    users: ["elasticsearch", "nobody"],
    home,
    mustReach: [program.path, `${folder}/.`],
    advice: "A running Elasticsearch in ELASTICSEARCH_URL helps as well.",
  });
  say("starting elasticsearch (10 s)");
  const env = {
    ...program.env,
    ES_PATH_CONF: path.join(home, "config"),
    ES_TMPDIR: path.join(home, "tmp"),
    // The last of each counts.
    ES_JAVA_OPTS: `-Xms512m -Xmx512m ${process.env["ES_JAVA_OPTS"] ?? ""}`,
  };
  const store = await startStore({
    ...{ name: "elasticsearch", folder, port, program: { ...commandAs(user, program.path), env } },
    async configure(onPort) {
      await writeConfiguration(home, onPort, user);
      return [];
    },
    ready: {
      greeting: "GET /_cluster/health HTTP/1.0\r\n\r\n",
      expects: /"number_of_nodes":1/,
      withinMs: 120_000,
      // Its log ends with a long trace; the reason stands before that.
      traceLines: 100,
    },
  });
  return { ...store, url: `http://127.0.0.1:${store.port}` };
}

/** Its settings, data and temporary files are below the shop's folder, so that the installation may be read-only. */
async function writeConfiguration(
  home: string,
  port: number,
  user: UnprivilegedUser | undefined,
): Promise<void> {
  const folders = ["config", "data", "tmp"].map((name) => path.join(home, name));
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = {
    "elasticsearch.yml": settings(home, port),
    "jvm.options": javaOptions,
    "log4j2.properties": logSettings,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(home, "config", name), text);
  if (!user) return;
  const written = (await readdir(path.join(home, "config"))).map((name) => path.join(home, "config", name));
  for (const file of [home, ...folders, ...written]) await chown(file, user.uid, user.gid);
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
# A nearly full disk is no reason to refuse writes.
cluster.routing.allocation.disk.threshold_enabled: false
# The loss of an index must show as an error, not as an empty index.
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

/** To its output, which is the log of the store. */
const logSettings = `
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%consoleException%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;
