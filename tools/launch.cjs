'use strict';
// Starts a script of this folder once Node is known to be new enough for it. Parsed by old Node versions, see check-node.

var findNodeProblem = require('./check-node.cjs').findNodeProblem;
var engines = require('../package.json').engines;

exports.launch = function (script) {
  var problem = findNodeProblem(process.versions.node, engines.node);
  if (problem === undefined) {
    void require('./load-module.cjs').loadModule(script);
  } else {
    console.error(problem);
    process.exitCode = 1;
  }
};
