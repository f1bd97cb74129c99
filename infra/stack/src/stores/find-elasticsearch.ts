import { existsSync } from "node:fs";
import path from "node:path";
import { fetchWithMaven } from "./fetch-with-maven.ts";
import { findJava } from "./find-java.ts";
import { findProgram, type Fetched, type Program } from "./find-program.ts";

/** The official server archive: the core without optional modules, of which search needs none. */
const version = "8.19.21";
const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${version}:zip`;
/** The oldest Java that Elasticsearch 8 runs on. */
const oldestJava = 17;

/** ES_HOME's, else the PATH's, else the official archive from Maven Central. */
export function findElasticsearch(say: (line: string) => void): Promise<Program> {
  const home = process.env["ES_HOME"];
  return findProgram(
    {
      name: "elasticsearch",
      atLeast: [8, 0],
      ...(home && { named: { by: "ES_HOME", file: path.resolve(home, "bin", "elasticsearch") } }),
      installers: [{ name: "maven", fetch: fetchServer }],
      envOf: javaFor,
      // Its --version starts a Java machine.
      versionWithinMs: 60_000,
      advice:
        "Any one of these helps: Java 17 or newer and Maven on this machine (openjdk-17-jdk-headless, maven), so that\n" +
        "it can be fetched; an Elasticsearch 8 or 9 on the PATH or in ES_HOME; a running one in ELASTICSEARCH_URL.\n" +
        "Or none of it: without `--search elasticsearch` search is embedded, and needs nothing.",
    },
    say,
  );
}

async function fetchServer(folder: string): Promise<Fetched> {
  const java = await findJava(oldestJava);
  return "reason" in java ? java : await fetchWithMaven(folder, artifact, "bin/elasticsearch");
}

/** Most installations bring a Java of their own; the server archive does not. */
async function javaFor(file: string): Promise<NodeJS.ProcessEnv> {
  if (existsSync(path.join(path.dirname(file), "..", "jdk"))) return {};
  const java = await findJava(oldestJava);
  return "reason" in java ? {} : { ES_JAVA_HOME: java.home };
}
