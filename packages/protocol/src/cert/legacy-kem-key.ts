import { isJsonObject } from '@puffo/base';

/**
 * The text of a device's encryption key in a certificate of either form, for old registries: `keys.encryption.public_key`,
 * else the flat `kem_public_key`, else nothing. A certificate of the flat form never verifies, so this is for looking
 * only and never for deciding whom to encrypt to. spec: wire-protocol 4.4
 */
export function findKemPublicKeyText(deviceCert: unknown): string | undefined {
  if (!isJsonObject(deviceCert)) return undefined;
  const { keys } = deviceCert;
  const encryption = isJsonObject(keys) ? keys['encryption'] : undefined;
  const nested = isJsonObject(encryption) ? encryption['public_key'] : undefined;
  const found = isFilled(nested) ? nested : deviceCert['kem_public_key'];
  return isFilled(found) ? found : undefined;
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
