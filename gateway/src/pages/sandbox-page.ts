/** Apollo Sandbox with both endpoints preset. Apollo's CDN serves it: without internet the page goes to the explorer. */
export function sandboxPage(publicUrl: string | undefined): string {
  const base = JSON.stringify(publicUrl?.replace(/\/+$/, "") ?? "").replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Shop graph · Sandbox</title>
    <style>
      html, body, #sandbox { height: 100%; margin: 0; }
      #aside { position: fixed; right: 12px; bottom: 8px; z-index: 9; font: 12px system-ui; }
    </style>
  </head>
  <body>
    <div id="sandbox"></div>
    <a id="aside" href="/explorer">explorer without internet</a>
    <script
      src="https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js"
      onerror="location.replace('/explorer')"
    ></script>
    <script>
      const base = ${base} || location.origin;
      if (window.EmbeddedSandbox) {
        new window.EmbeddedSandbox({
          target: "#sandbox",
          initialEndpoint: base + "/graphql",
          initialSubscriptionEndpoint: base.replace(/^http/, "ws") + "/graphql",
          includeCookies: false,
        });
      }
    </script>
  </body>
</html>
`;
}
