/** Signing in place for keys of which there are many and that sign little: OpenSSL itself only where it pays. */
import { makeSignInto } from './sign-into.ts';

/** Opening and proving a key takes about 700 µs, and then saves about 10 µs a signature. */
const PAYS_AFTER = 64;

/** As `makeSignInto`: the first signatures go through node:crypto. */
export const makeSignIntoLater: typeof makeSignInto = (row, privateKey, publicKey, open) => {
  let signInto = makeSignInto(row, privateKey, publicKey, () => undefined);
  let made = 0;
  return (data, from, length, out, at) => {
    if (++made === PAYS_AFTER) signInto = makeSignInto(row, privateKey, publicKey, open);
    return signInto(data, from, length, out, at);
  };
};
