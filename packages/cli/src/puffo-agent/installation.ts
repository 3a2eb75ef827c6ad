/** A package manager puts programs below `node_modules`; a clone of the repository runs from where it is. */
export function isReleaseInstall(): boolean {
  return /[\\/]node_modules[\\/]/.test(decodeURIComponent(import.meta.url));
}

export function describeInstallation(): string {
  return isReleaseInstall() ? 'release install' : 'source install';
}
