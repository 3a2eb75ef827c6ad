/** As in package.json, which is not part of what is compiled; a test compares them. */
export const VERSION = '0.1.0';
