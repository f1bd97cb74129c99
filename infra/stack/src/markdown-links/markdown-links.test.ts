import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { repository } from "../repository.ts";

/** A link, or a path between backticks, that leads nowhere. */
type DeadReference = { page: string; line: number; to: string };

const isLeftOut = (name: string) => name === "node_modules" || name.startsWith(".");
const everything = globSync("**", { cwd: repository, exclude: isLeftOut });

/** The project's pages: its documents and every README, by their paths from the root. */
const pages: readonly string[] = everything
  .filter((file) => /^(?:[^/]+|infra\/docs\/.+|.+\/README)\.md$/.test(file))
  .toSorted();

/** What a page refers to and isn't there. */
function deadReferences(page: string): DeadReference[] {
  const text = readFileSync(path.join(repository, page), "utf8");
  return text
    .replaceAll(/```[^]*?```/g, (block) => block.replaceAll(/[^\n]/g, ""))
    .split("\n")
    .flatMap((content, index) => {
      const folder = path.join(repository, path.dirname(page));
      const links = linksIn(content).filter((to) => !existsSync(path.resolve(folder, to)));
      return [...links, ...pathsIn(content).filter((to) => !isThere(to))].map((to) => ({
        ...{ page, line: index + 1, to },
      }));
    });
}

/** The relative targets of Markdown's links, without their anchors. */
function linksIn(content: string): string[] {
  const targets = [...content.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
    .map((target) => target.replace(/#.*$/, ""));
}

/** The paths between backticks: from the root, of a room of a package (`src/…`), or the name of a file. */
function pathsIn(content: string): string[] {
  const quoted = [...content.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
  return quoted.filter((code) => /^[\w.@*{},/-]+$/.test(code) && (isPath.test(code) || isFile.test(code)));
}

const isRooted = /^(?:gateway|subgraphs|schema|infra)\//;
const isPath = /^(?:gateway|subgraphs|schema|infra|src|test|migrations)\//;
const isFile = /\w\.(?:ts|cjs|sql|graphql|md)$/;

/** Paths from the root must be there; a room or a file's name, in any package. A `*` needs one match. */
function isThere(to: string): boolean {
  const wanted = to.replace(/\/$/, "");
  const pattern = isRooted.test(to) ? wanted : `**/${wanted}`;
  return everything.some((file) => path.matchesGlob(file, pattern));
}

test.each(pages)("every relative link and every path of %s is there", (page) => {
  expect(deadReferences(page)).toEqual([]);
});

test("links to other sites, operations and settings are no paths", () => {
  const content =
    "[a](b.md#c) [d](https://example.com/e.md) [f](#g) `src/h.ts` `i.graphql` `/metrics` `j.k` `a/b`";
  expect(linksIn(content)).toEqual(["b.md"]);
  expect(pathsIn(content)).toEqual(["src/h.ts", "i.graphql"]);
});
