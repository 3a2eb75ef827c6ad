'use strict';
require('./launch.cjs').launch('./start.mjs');
