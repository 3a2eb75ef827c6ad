'use strict';
require('./launch.cjs').launch('./test.mjs');
