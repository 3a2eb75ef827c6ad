// Private files as who changes none needs them; light to load, because commands start often.
export { HostError } from '../host-error.ts';
export { readPrivateFile } from '../files/read-private-file.ts';
