#!/usr/bin/env node
// Old syntax only, and no static import: this file must be able to say its one line on any Node.
var version = process.versions.node.split(".");
if (Number(version[0]) < 22 || (Number(version[0]) === 22 && Number(version[1]) < 19)) {
  console.error("openclaw needs Node.js 22.19 or newer; this is " + process.version + ".");
  process.exit(1);
}
void import("./boot.js");
