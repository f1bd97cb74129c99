import type { Operation } from "@shop/values/operations";
import { explorerTabs, newKey } from "./explorer-tabs.ts";

/** GraphiQL served from this machine, with the shop's own operations in tabs. */
export function explorerPage(operations: Operation[]): string {
  const inline = JSON.stringify(explorerTabs(operations)).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Shop graph · Explorer</title>
    <link rel="stylesheet" href="/explorer/graphiql.min.css" />
    <style>html, body, #explorer { height: 100%; margin: 0; }</style>
  </head>
  <body>
    <div id="explorer">Loading…</div>
    <script src="/explorer/react.production.min.js"></script>
    <script src="/explorer/react-dom.production.min.js"></script>
    <script src="/explorer/graphiql.min.js"></script>
    <script src="/explorer/graphql-ws.min.js"></script>
    <script>
      const key = "${newKey}";
      const tabs = ${inline};
      ${fetcher}
      ReactDOM.createRoot(document.getElementById("explorer")).render(
        React.createElement(GraphiQL, {
          fetcher,
          defaultTabs: tabs.length > 0 ? tabs : undefined,
          defaultHeaders: JSON.stringify({ Authorization: "" }, null, 2),
          shouldPersistHeaders: true,
          defaultEditorToolsVisibility: true,
        }),
      );
    </script>
  </body>
</html>
`;
}

/** Runs in the browser: one socket for each set of headers, opened by its first subscription. */
const fetcher = `
      const sockets = new Map();
      function socketFor(headers) {
        const key = headers.Authorization || headers.authorization || "";
        if (!sockets.has(key)) {
          sockets.set(key, graphqlWs.createClient({
            url: location.origin.replace(/^http/, "ws") + "/graphql",
            connectionParams: key ? { authorization: key } : {},
          }));
        }
        return sockets.get(key);
      }
      function isSubscription(params, documentAST) {
        const operations = documentAST ? documentAST.definitions.filter((d) => d.kind === "OperationDefinition") : [];
        const chosen = operations.find((d) => d.name && d.name.value === params.operationName) || operations[0];
        return chosen ? chosen.operation === "subscription" : false;
      }
      function fetcher(asked, options) {
        const params = JSON.parse(JSON.stringify(asked).replaceAll(key, () => crypto.randomUUID()));
        const given = (options && options.headers) || {};
        const headers = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
        if (isSubscription(params, options && options.documentAST)) {
          return { subscribe: (sink) => ({ unsubscribe: socketFor(headers).subscribe(params, sink) }) };
        }
        return fetch("/graphql", {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify(params),
        }).then((answer) => answer.json());
      }`;
