'use strict';
require('./launch.cjs').launch('./test-engines.mjs');
