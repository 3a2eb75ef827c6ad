// Private files without anything that starts processes; light to load, because commands start often.
export { HostError, type HostErrorCode } from '../host-error.ts';
export { makePrivateFolder, type PrivateFolder } from './make-private-folder.ts';
export { type PrivateFile, readPrivateFile, type ReadPrivateFileOptions } from './read-private-file.ts';
export { type FileLockOptions, withFileLock } from './with-file-lock.ts';
export { writeFileAtomically, writePrivateFile } from './write-file-atomically.ts';
