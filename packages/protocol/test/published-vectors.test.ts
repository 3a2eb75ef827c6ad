// Known answers from the RFCs, beside those of the vector files.
import { describe, expect, test } from 'vitest';
import { primitives } from '#primitives';
import {
  aeadOpen,
  aeadSeal,
  createHpkeInfo,
  hpkeOpen,
  hpkeSeal,
  importKemPublicKey,
  importKemSecretKey,
  importSigningKey,
  importVerifyKey,
  isSignatureValid,
  ProtocolError,
  signMessage,
} from '../src/index.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('hex');

describe('RFC 8032, 7.1', () => {
  test.each([
    {
      name: 'TEST 1',
      secret: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      name: 'TEST 2',
      secret: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
    {
      name: 'TEST 3',
      secret: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      message: 'af82',
      signature:
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    },
    {
      name: 'TEST SHA(abc)',
      secret: '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
      publicKey: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
      message:
        'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
      signature:
        'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
    },
  ])('$name', ({ secret, publicKey, message, signature }) => {
    const key = importSigningKey(hex(secret));
    expect(key.verifyKey.publicKey).toBe(importVerifyKey(hex(publicKey)).publicKey);
    expect(toHex(signMessage(key, hex(message)))).toBe(signature);
    expect(isSignatureValid(key.verifyKey, { message: hex(message), signature: hex(signature) })).toBe(true);
  });
});

test('RFC 8439, 2.8.2: ChaCha20-Poly1305', () => {
  const input = {
    key: hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
    nonce: hex('070000004041424344454647'),
    aad: hex('50515253c0c1c2c3c4c5c6c7'),
  };
  const text =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
  const sealed =
    'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b' +
    '1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc' +
    '3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691';
  expect(toHex(aeadSeal(input, Buffer.from(text)))).toBe(sealed);
  expect(Buffer.from(aeadOpen(input, hex(sealed)) ?? []).toString()).toBe(text);
});

test('RFC 9180, A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, base mode, sequence 0', () => {
  const recipient = importKemSecretKey(hex('8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb'));
  expect(recipient.kemPublicKey.publicKey).toBe(
    importKemPublicKey(hex('4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a')).publicKey,
  );
  const info = createHpkeInfo(hex('4f6465206f6e2061204772656369616e2055726e'));
  const aad = hex('436f756e742d30');
  const plaintext = hex('4265617574792069732074727574682c20747275746820626561757479');
  const sealed = hpkeSeal(recipient.kemPublicKey, {
    info,
    aad,
    plaintext,
    ephemeralSecret: hex('f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600'),
  });
  expect(toHex(sealed.enc)).toBe('1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a');
  expect(toHex(sealed.ciphertext)).toBe(
    '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
  );
  expect(toHex(hpkeOpen(recipient, { info, aad, ...sealed }))).toBe(toHex(plaintext));
});

describe('points of small order', () => {
  // RFC 7748, 6.1: "the all-zero value"; the points of https://cr.yp.to/ecdh.html, top bit set and clear.
  const x25519Points = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ];
  const spellings = x25519Points.flatMap((point) => [point, withTopBit(point)]);

  test.each(spellings)('X25519 %s gives no shared secret, and is no key to seal to', (point) => {
    const secret = primitives.importX25519Secret(hex('11'.repeat(32)));
    const shared = primitives.x25519(secret, primitives.importX25519Public(hex(point)));
    expect(shared === undefined || shared.every((byte) => byte === 0)).toBe(true);
    expect(codeOf(() => importKemPublicKey(hex(point)))).toBe('small_order_key');
  });

  test.each(spellings)('an HPKE message whose enc is %s is refused', (point) => {
    const recipient = importKemSecretKey(hex('11'.repeat(32)));
    const info = createHpkeInfo(new Uint8Array(0));
    const sealed = { enc: hex(point), ciphertext: new Uint8Array(48) };
    expect(hpkeOpen(recipient, { info, aad: new Uint8Array(0), ...sealed })).toBeUndefined();
  });

  // The eight points of the torsion subgroup of edwards25519, and spellings that are not canonical.
  test.each([
    '0100000000000000000000000000000000000000000000000000000000000000',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    '0000000000000000000000000000000000000000000000000000000000000000',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ])('Ed25519 %s is no public key', (point) => {
    expect(codeOf(() => importVerifyKey(hex(point)))).toBe('small_order_key');
  });
});

test('a key that is no point of the curve verifies nothing, and nothing throws', () => {
  const noPoint = importVerifyKey(hex(`02${'00'.repeat(31)}`));
  expect(isSignatureValid(noPoint, { message: new Uint8Array(0), signature: new Uint8Array(64) })).toBe(false);
});

function withTopBit(point: string): string {
  const bytes = hex(point);
  bytes[31] = (bytes[31] ?? 0) | 0x80;
  return toHex(bytes) ?? '';
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return 'accepted';
}
