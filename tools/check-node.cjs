'use strict';
// Says in one sentence when Node is too old. Read by Node versions that know neither `import` nor `const`, hence `var`.

function findNodeProblem(found, wanted) {
  var minimum = wanted.replace(/^\D+/, '');
  if (!isOlder(found, minimum)) return undefined;
  return (
    'Puffo needs Node.js ' +
    minimum +
    ' or newer, but this is ' +
    found +
    ': install a current version from https://nodejs.org and run the command again.'
  );
}

function isOlder(version, minimum) {
  var left = version.split('.');
  var right = minimum.split('.');
  for (var index = 0; index < 3; index++) {
    var difference = parseInt(left[index], 10) - parseInt(right[index], 10);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

exports.findNodeProblem = findNodeProblem;
