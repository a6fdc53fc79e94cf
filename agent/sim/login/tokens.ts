// The platform's key (ES256) and what it signs: tokens that are the password of an MQTT connection for ten
// minutes at most. The key lives as long as the process.

import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import { aclOf, loginLimits, type Person, type TokenClaims, tokenClaims } from '../../contract.ts';

const issuer = 'gate-platform';
const alg = 'ES256';

export interface TokensOptions {
  /** How long a token is good, seconds; 600 at most. */
  readonly validS?: number;
}

export class Tokens {
  readonly #keys: Awaited<ReturnType<typeof generateKeyPair>>;
  readonly #kid = randomUUID();
  readonly validS: number;

  private constructor(keys: Awaited<ReturnType<typeof generateKeyPair>>, validS: number) {
    this.#keys = keys;
    this.validS = validS;
  }

  static async make({ validS = loginLimits.tokenS }: TokensOptions = {}): Promise<Tokens> {
    if (validS > loginLimits.tokenS) throw new RangeError(`${validS} s is too long for a token`);
    return new Tokens(await generateKeyPair(alg), validS);
  }

  /** Throws `RangeError` where the jurisdiction is too large for one token. */
  async sign(person: Person): Promise<string> {
    const { user, role, jurisdiction } = person;
    const nowS = Math.floor(Date.now() / 1000);
    const token = await new SignJWT({ role, jurisdiction, acl: aclOf(person) })
      .setProtectedHeader({ alg, kid: this.#kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setSubject(user)
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + this.validS)
      .sign(this.#keys.privateKey);
    if (token.length > loginLimits.tokenBytes)
      throw new RangeError(`${token.length} bytes: more terminals than one token can name`);
    return token;
  }

  /** Its claims, where signature and time are right and it was not made for longer than it may. Rejects
   * with what is wrong. */
  async verify(token: string): Promise<TokenClaims> {
    const { payload } = await jwtVerify(token, this.#keys.publicKey, {
      ...{ algorithms: [alg], issuer, requiredClaims: ['sub', 'iat', 'exp'] },
      maxTokenAge: loginLimits.tokenS,
    });
    const claims = tokenClaims.parse(payload);
    if (claims.exp - claims.iat > loginLimits.tokenS) throw new RangeError('made for too long');
    return claims;
  }

  /** The public key, for brokers that fetch it (JWKS). */
  async jwks(): Promise<{ readonly keys: readonly JWK[] }> {
    const key = await exportJWK(this.#keys.publicKey);
    return { keys: [{ ...key, kid: this.#kid, alg, use: 'sig' }] };
  }
}
