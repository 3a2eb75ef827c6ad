// Points of small order: keys that somebody chose so that a shared secret or a signature check says nothing. Listed as
// libraries compare them, with the top bit cleared; non-canonical spellings (p, p + 1) included.
// spec: wire-protocol 3.4

const FIELD_EDGES = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  // p - 1, p and p + 1, little endian
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

const ED25519_SMALL_ORDER = pointList([
  ...FIELD_EDGES,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

const X25519_SMALL_ORDER = pointList([
  ...FIELD_EDGES,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
]);

/** `publicKey`: 32 bytes. */
export function isSmallOrderEd25519(publicKey: Uint8Array): boolean {
  return ED25519_SMALL_ORDER.some((point) => isSamePoint(point, publicKey));
}

/** `publicKey`: 32 bytes. */
export function isSmallOrderX25519(publicKey: Uint8Array): boolean {
  return X25519_SMALL_ORDER.some((point) => isSamePoint(point, publicKey));
}

function pointList(points: readonly string[]): readonly Uint8Array[] {
  return points.map((hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));
}

/** Public keys: comparing them may stop at the first difference. */
function isSamePoint(point: Uint8Array, key: Uint8Array): boolean {
  for (let index = 0; index < 31; index++) {
    if (point[index] !== key[index]) return false;
  }
  return point[31] === ((key[31] ?? 0) & 0x7f);
}
