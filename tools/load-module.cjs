'use strict';
// A file of its own, because `import()` is a syntax error for the Node versions that launch.cjs wants to talk to.

exports.loadModule = function (script) {
  return import(script);
};
