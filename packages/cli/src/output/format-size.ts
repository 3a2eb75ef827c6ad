const KIB = 1024;
const MIB = KIB * KIB;
const GIB = MIB * KIB;

/** `5 MiB`, `1.4 KiB`, `12 bytes` */
export function formatSize(bytes: number): string {
  if (bytes >= GIB) return `${trim(bytes / GIB)} GiB`;
  if (bytes >= MIB) return `${trim(bytes / MIB)} MiB`;
  if (bytes >= KIB) return `${trim(bytes / KIB)} KiB`;
  return `${bytes} bytes`;
}

function trim(amount: number): string {
  return String(Math.round(amount * 10) / 10);
}
