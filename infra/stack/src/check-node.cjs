// Preloaded by npm's scripts, before any TypeScript. Written for the oldest Node that an npm may bring: ES5, CommonJS.
"use strict";

var fs = require("fs");
var path = require("path");

var repository = path.join(__dirname, "../../..");
var own = JSON.parse(fs.readFileSync(path.join(repository, "package.json"), "utf8")).dependencies.node;
var installs =
  "`npm ci` installs it, and where install scripts are switched off (ignore-scripts), `npm rebuild node --ignore-scripts=false` does";

var thisNode = "This is Node " + process.versions.node;

if (!fs.existsSync(path.join(repository, "node_modules"))) {
  refuse("The shop's dependencies are not installed: run `npm ci` first.");
} else if (isOlder(process.versions.node, own)) {
  refuse(thisNode + ", and the shop needs its own Node " + own + ": " + installs + ".");
} else if (process.versions.node !== own) {
  console.error(
    thisNode + " instead of the shop's own Node " + own + ", with which it is tested: " + installs + ".",
  );
}

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

function isOlder(version, than) {
  var parts = version.split(".").map(Number);
  var wanted = than.split(".").map(Number);
  for (var i = 0; i < wanted.length; i += 1) {
    if (parts[i] !== wanted[i]) return parts[i] < wanted[i];
  }
  return false;
}
