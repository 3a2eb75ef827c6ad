export { createNodePlatform, type NodePlatformOptions } from './create-node-platform.ts';
export { createKeyFolder, type KeyFolder, type KeyFolderOptions, type PrivateFiles } from './key-folder.ts';
